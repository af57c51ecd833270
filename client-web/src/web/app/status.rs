//! `window.emberdrift`: what the page reports of itself, for tests and for the curious. The game does not read it.

use shared::Vec2;
use wasm_bindgen::JsValue;

use super::connection::Connection;
use crate::{
    engine::{lag::LagPart, page::quality::Quality},
    game::{render_detail::RenderDetail, scene::Scene},
    web::{
        emberdrift::render::renderer::RenderCost,
        shell::dom::{Result, window},
    },
};

/// What the app knows beside the connection and the scene.
pub(crate) struct Status {
    /// `start`, `connecting`, `playing`, `dead`, `reconnecting` or `ended`.
    pub(crate) phase: &'static str,
    pub(crate) quality: Quality,
    /// Frames a second.
    pub(crate) fps: f32,
    /// The client's own work on a frame, in milliseconds: mean and 95th percentile of the last frames.
    pub(crate) work_ms: (f32, f32),
    pub(crate) cost: RenderCost,
    /// `off`, `running` or `suspended`, and how many sounds were played.
    pub(crate) sound: (&'static str, u32),
    /// 0 to 1.
    pub(crate) volume: f32,
}

/// Sets `window.emberdrift`.
pub(crate) fn publish(status: &Status, scene: &Scene, connection: Option<&Connection>) -> Result<()> {
    let own = scene.ships.iter().find(|ship| ship.own);
    let position = own.filter(|_| connection.is_some_and(Connection::is_playing)).map(|ship| ship.position);
    let stats = connection.map(Connection::stats);
    let welcome = connection.and_then(|connection| connection.session().welcome());
    let arena = connection.and_then(Connection::terrain).map_or("", |terrain| &terrain.arena().name);
    let in_game = connection.filter(|connection| connection.is_in_game());
    let lag = in_game.and_then(|connection| connection.session().lag());
    let own_shots = scene.shots.iter().filter(|shot| shot.own).count();
    set(
        "emberdrift",
        &object(&[
            ("phase", status.phase.into()),
            ("arena", arena.into()),
            ("position", position.map_or(JsValue::NULL, pair)),
            ("ships", scene.ships.len().into()),
            ("embers", scene.embers.len().into()),
            ("carried", scene.hud.embers.into()),
            ("shots", own_shots.into()),
            ("fps", status.fps.into()),
            ("workMs", status.work_ms.0.into()),
            ("workP95Ms", status.work_ms.1.into()),
            ("drawCalls", status.cost.draw_calls.into()),
            ("fill", status.cost.fill.into()),
            ("quality", status.quality.name().into()),
            ("sharpness", RenderDetail::of(status.quality).sharpness.into()),
            ("frames", number(connection.map_or(0, Connection::frames_received))),
            ("checksumMismatches", number(connection.map_or(0, Connection::checksum_mismatches))),
            ("tickRate", welcome.map_or(0, |welcome| welcome.tick_rate).into()),
            ("inputToAckMs", stats.map_or(0.0, |stats| stats.input_to_ack_ms).into()),
            ("corrections", number(stats.map_or(0, |stats| stats.corrections))),
            ("connections", connection.map_or(0, |connection| connection.state().attempts()).into()),
            ("resumed", welcome.is_some_and(|welcome| welcome.is_resumed).into()),
            ("lagMs", lag.map_or(JsValue::NULL, |lag| lag.total_ms().into())),
            ("lagCulprit", lag.map_or(JsValue::NULL, |lag| lag.culprit().map_or("", LagPart::name).into())),
            ("sound", status.sound.0.into()),
            ("sounds", status.sound.1.into()),
            ("volume", status.volume.into()),
        ])?,
    )
}

/// Sets a property of the window.
pub(super) fn set(name: &str, value: &JsValue) -> Result<()> {
    js_sys::Reflect::set(window()?.as_ref(), &name.into(), value).map(drop)
}

fn object(pairs: &[(&str, JsValue)]) -> Result<JsValue> {
    let object = js_sys::Object::new();
    for (key, value) in pairs {
        js_sys::Reflect::set(&object, &(*key).into(), value)?;
    }
    Ok(object.into())
}

/// A plain number: `u64` would become a `BigInt`.
fn number(count: u64) -> JsValue {
    (count as f64).into()
}

fn pair(at: Vec2) -> JsValue {
    js_sys::Array::of2(&at.x.into(), &at.y.into()).into()
}
