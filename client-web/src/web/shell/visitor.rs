//! Who the visitor is: the player of its records, and the party that it came with. A script of the page knows about records. It runs
//! beside the game and is loaded after it:
//!
//! - It puts a proof of who the player is into the window's `emberdriftProof`, an object with `text`, and `until`, the time in
//!   milliseconds of the page until which it is good. The game takes it out when it says hello, for it is good once.
//! - It puts the number of the badge to wear into the body's `data-badge`.
//! - The game puts an achievement that was unlocked into the window's `emberdriftUnlocked`, with `id`, `name`, `text` and `sign`, and
//!   dispatches an event of this name at the window. The script shows it, in the language of the page.
//!
//! At a server that keeps no records it puts nothing there.
//!
//! Another script runs only in a portal's frame. It gives the body `data-silenced` while the page around the frame wants no sound.

use js_sys::{Object, Reflect};
use shared::engine::roster::UnlockedAchievement;
use web_sys::Event;

use super::{
    app_loop::now_ms,
    dom::{Result, body, storage, window},
};
use crate::engine::page::{room_link::code_of, storage::game_key};

const PROOF: &str = "emberdriftProof";
const BADGE: &str = "data-badge";
const SILENCED: &str = "data-silenced";
/// Where the tab keeps the code of its party, behind the game's name.
const PARTY: &str = "party";
const UNLOCKED: &str = "emberdriftUnlocked";

/// Takes the proof of who the player is, if there is one that is good.
pub(crate) fn take_proof() -> Result<Option<String>> {
    let window = window()?;
    let proof = Reflect::get(&window, &PROOF.into())?;
    if !proof.is_object() {
        return Ok(None);
    }
    Reflect::delete_property(&window, &PROOF.into())?;
    let is_good = Reflect::get(&proof, &"until".into())?
        .as_f64()
        .is_some_and(|until| until > now_ms().unwrap_or(until));
    Ok(Reflect::get(&proof, &"text".into())?.as_string().filter(|_| is_good))
}

/// The number of the badge that the player wants to wear; 0 for none.
pub(crate) fn wanted_badge() -> Result<u8> {
    Ok(body()?.get_attribute(BADGE).and_then(|number| number.parse().ok()).unwrap_or(0))
}

/// Whether the page around the frame wants no sound.
pub(crate) fn is_silenced() -> Result<bool> {
    Ok(body()?.has_attribute(SILENCED))
}

/// Tells the script that the player has unlocked an achievement.
pub(crate) fn announce(unlocked: &UnlockedAchievement) -> Result<()> {
    let UnlockedAchievement { id, name, text, sign } = unlocked;
    let entries = [("id", id), ("name", name), ("text", text), ("sign", sign)];
    let detail = Object::new();
    for (key, value) in entries {
        Reflect::set(&detail, &key.into(), &value.into())?;
    }
    let window = window()?;
    Reflect::set(&window, &UNLOCKED.into(), &detail)?;
    window.dispatch_event(&Event::new(UNLOCKED)?).map(drop)
}

/// The code of the visitor's party, if it has one: a visitor that enters a room by its link is of the room's party, and stays in it when
/// it leaves the room. `arena` is the slug of the arena or the room that it enters.
pub(crate) fn party(game: &str, arena: Option<&str>) -> Option<String> {
    let key = game_key(game, PARTY);
    if let Some(code) = arena.and_then(code_of) {
        storage::save_for_tab(&key, code);
    }
    storage::load_for_tab(&key)
}
