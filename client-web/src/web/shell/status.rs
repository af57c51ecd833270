//! What the page tells whoever asks: `window.emberdrift`, for tests and for the curious. It must not be read by
//! the game itself.

use shared::Vec2;
use wasm_bindgen::JsValue;

use super::dom::{Result, window};
use crate::web::emberdrift::render::renderer::Cost;
use crate::{engine::page::quality::Quality, game::render_detail::RenderDetail};

/// One look at the game.
#[derive(Clone, Debug, Default)]
pub(in crate::web) struct Status {
    /// `start`, `connecting`, `playing`, `dead`, `reconnecting` or `ended`.
    pub(in crate::web) phase: &'static str,
    /// The name of the arena; empty before the server said.
    pub(in crate::web) arena: String,
    /// The own ship's place, if it flies.
    pub(in crate::web) position: Option<Vec2>,
    /// Ships in the picture.
    pub(in crate::web) ships: usize,
    /// Embers in the picture.
    pub(in crate::web) embers: usize,
    /// Embers aboard.
    pub(in crate::web) purse: u32,
    /// Own shots in the picture.
    pub(in crate::web) shots: usize,
    /// Pictures a second.
    pub(in crate::web) fps: f32,
    /// The client's own work for a picture, in milliseconds: mean and 95th percentile of the last ones.
    pub(in crate::web) work_ms: (f32, f32),
    /// What the last picture cost the graphics card.
    pub(in crate::web) cost: Cost,
    /// How much is drawn.
    pub(in crate::web) quality: Quality,
    /// Frames received since the page was opened.
    pub(in crate::web) frames: u64,
    /// Cells that came out different from what the server said.
    pub(in crate::web) checksum_mismatches: u64,
    /// Ticks a second of the server; 0 before it said.
    pub(in crate::web) tick_rate: u16,
    /// From sending an input to seeing it in a frame, in milliseconds.
    pub(in crate::web) input_to_ack_ms: f32,
    /// Frames that moved the own ship against its prediction, in this connection.
    pub(in crate::web) corrections: u64,
    /// Connections that were tried since the page was opened.
    pub(in crate::web) connections: u32,
    /// Whether this one goes on with the ship of the one before.
    pub(in crate::web) is_resumed: bool,
    /// All of the delay, in milliseconds, and the part to blame, by name.
    pub(in crate::web) lag: Option<(f32, &'static str)>,
    /// `off`, `running` or `suspended`, and how many sounds were played.
    pub(in crate::web) sound: (&'static str, u32),
    /// How loud, 0 to 1.
    pub(in crate::web) volume: f32,
}

/// Tells it.
pub(in crate::web) fn publish(status: &Status) -> Result<()> {
    let position = status.position.map_or(JsValue::NULL, |at| {
        js_sys::Array::of2(&f64::from(at.x).into(), &f64::from(at.y).into()).into()
    });
    let object = js_sys::Object::new();
    for (key, value) in [
        ("phase", JsValue::from_str(status.phase)),
        ("arena", JsValue::from_str(&status.arena)),
        ("position", position),
        ("ships", (status.ships as f64).into()),
        ("embers", (status.embers as f64).into()),
        ("purse", f64::from(status.purse).into()),
        ("shots", (status.shots as f64).into()),
        ("fps", f64::from(status.fps).into()),
        ("workMs", f64::from(status.work_ms.0).into()),
        ("workP95Ms", f64::from(status.work_ms.1).into()),
        ("drawCalls", f64::from(status.cost.draw_calls).into()),
        ("fill", f64::from(status.cost.fill).into()),
        ("quality", JsValue::from_str(status.quality.name())),
        ("sharpness", RenderDetail::of(status.quality).sharpness.into()),
        ("frames", (status.frames as f64).into()),
        ("checksumMismatches", (status.checksum_mismatches as f64).into()),
        ("tickRate", f64::from(status.tick_rate).into()),
        ("inputToAckMs", f64::from(status.input_to_ack_ms).into()),
        ("corrections", (status.corrections as f64).into()),
        ("connections", f64::from(status.connections).into()),
        ("resumed", status.is_resumed.into()),
        ("lagMs", status.lag.map_or(JsValue::NULL, |(ms, _)| f64::from(ms).into())),
        ("lagCulprit", status.lag.map_or(JsValue::NULL, |(_, part)| JsValue::from_str(part))),
        ("sound", JsValue::from_str(status.sound.0)),
        ("sounds", f64::from(status.sound.1).into()),
        ("volume", f64::from(status.volume).into()),
    ] {
        js_sys::Reflect::set(&object, &key.into(), &value)?;
    }
    js_sys::Reflect::set(window()?.as_ref(), &"emberdrift".into(), &object)?;
    Ok(())
}
