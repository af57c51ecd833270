//! `window.emberdrift`: what this game's page reports of itself, beside what any game's does.

use shared::Vec2;
use wasm_bindgen::JsValue;

use crate::{
    engine::page::quality::Quality,
    game::{render_detail::RenderDetail, scene::Scene, view_model::ViewModel},
    web::{
        emberdrift::render::renderer::RenderCost,
        shell::{
            connection::Connection,
            dom::Result,
            status::{of_connection, pair, publish},
        },
    },
};

/// What the app knows beside the connection and the scene.
pub(crate) struct Status {
    /// `start`, `connecting`, `playing`, `dead`, `reconnecting` or `ended`.
    pub(crate) phase: &'static str,
    pub(crate) quality: Quality,
    /// Frames a second.
    pub(crate) fps: f32,
    /// Frames drawn since the page was loaded.
    pub(crate) drawn: u32,
    /// The client's own work on a frame, in milliseconds: mean and 95th percentile of the last frames.
    pub(crate) work_ms: (f32, f32),
    pub(crate) cost: RenderCost,
    /// `off`, `running` or `suspended`, and how many sounds were played.
    pub(crate) sound: (&'static str, u32),
    /// 0 to 1.
    pub(crate) volume: f32,
}

/// Sets `window.emberdrift`.
pub(crate) fn report(
    status: &Status,
    scene: &Scene,
    connection: Option<&Connection<ViewModel>>,
) -> Result<()> {
    let own = scene.ships.iter().find(|ship| ship.own);
    let position: Option<Vec2> =
        own.filter(|_| connection.is_some_and(Connection::is_playing)).map(|ship| ship.position);
    let own_shots = scene.shots.iter().filter(|shot| shot.own).count();
    let entries = [
        ("phase", status.phase.into()),
        ("position", position.map_or(JsValue::NULL, pair)),
        ("ships", scene.ships.len().into()),
        ("embers", scene.embers.len().into()),
        ("carried", scene.hud.embers.into()),
        ("shots", own_shots.into()),
        ("fps", status.fps.into()),
        ("drawn", status.drawn.into()),
        ("workMs", status.work_ms.0.into()),
        ("workP95Ms", status.work_ms.1.into()),
        ("drawCalls", status.cost.draw_calls.into()),
        ("fill", status.cost.fill.into()),
        ("quality", status.quality.name().into()),
        ("sharpness", RenderDetail::of(status.quality).sharpness.into()),
        ("sound", status.sound.0.into()),
        ("sounds", status.sound.1.into()),
        ("volume", status.volume.into()),
    ];
    publish("emberdrift", entries.into_iter().chain(of_connection(connection)))
}
