//! What the page reports of itself in a property of `window`, for tests and for the curious. The game does not read it.

use shared::{Vec2, engine::game_trait::Game};
use wasm_bindgen::JsValue;

use super::{
    connection::Connection,
    dom::{Result, window},
};
use crate::engine::{lag::LagPart, view::View};

/// A key and its value.
pub(crate) type Entry = (&'static str, JsValue);

/// What any game reports of its connection:
///
/// - `game`: its name; `arena`: the arena's, empty before the welcome; `player`: the own id, or null
/// - `tick`: of the last frame, or null; `tickRate`: a second
/// - `frames`, `checksumMismatches`, `connections`: of this page so far; `corrections`: of this connection
/// - `inputToAckMs`, `lagMs`, `lagCulprit`: the delay, and the name of the part to blame, empty if there is none
/// - `resumed`: the connection goes on with the player of an earlier one
pub(crate) fn of_connection<V: View>(connection: Option<&Connection<V>>) -> [Entry; 13] {
    let session = connection.map(Connection::session);
    let stats = connection.map(Connection::stats);
    let welcome = session.and_then(|session| session.welcome());
    let arena = welcome.map_or("", |welcome| shared::engine::game_trait::Arena::name(&welcome.arena));
    let lag = session.filter(|_| connection.is_some_and(Connection::is_in_game)).and_then(|it| it.lag());
    [
        ("game", V::Game::NAME.into()),
        ("arena", arena.into()),
        ("player", session.and_then(|it| it.player_id()).map_or(JsValue::NULL, |id| id.0.into())),
        ("tick", session.and_then(|it| it.tick()).map_or(JsValue::NULL, |tick| tick.0.into())),
        ("tickRate", welcome.map_or(0, |welcome| welcome.tick_rate).into()),
        ("frames", number(connection.map_or(0, Connection::frames_received))),
        ("checksumMismatches", number(connection.map_or(0, Connection::checksum_mismatches))),
        ("connections", connection.map_or(0, |connection| connection.state().attempts()).into()),
        ("corrections", number(stats.map_or(0, |stats| stats.corrections))),
        ("inputToAckMs", stats.map_or(0.0, |stats| stats.input_to_ack_ms).into()),
        ("lagMs", lag.map_or(JsValue::NULL, |lag| lag.total_ms().into())),
        ("lagCulprit", lag.map_or(JsValue::NULL, |lag| lag.culprit().map_or("", LagPart::name).into())),
        ("resumed", welcome.is_some_and(|welcome| welcome.is_resumed).into()),
    ]
}

/// Makes these entries an object, the window's property of this name.
pub(crate) fn publish(name: &str, entries: impl IntoIterator<Item = Entry>) -> Result<()> {
    let object = js_sys::Object::new();
    for (key, value) in entries {
        js_sys::Reflect::set(&object, &key.into(), &value)?;
    }
    set(name, &object)
}

/// Sets a property of the window.
pub(crate) fn set(name: &str, value: &JsValue) -> Result<()> {
    js_sys::Reflect::set(window()?.as_ref(), &name.into(), value).map(drop)
}

/// A plain number: `u64` would become a `BigInt`.
fn number(count: u64) -> JsValue {
    (count as f64).into()
}

/// A place, as two numbers.
pub(crate) fn pair(at: Vec2) -> JsValue {
    js_sys::Array::of2(&at.x.into(), &at.y.into()).into()
}
