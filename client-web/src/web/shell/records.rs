//! What the page's script about records and the game tell each other. The script runs beside the game and is loaded after it:
//!
//! - It puts a proof of who the player is into the window's `emberdriftProof`, an object with `text`, and `until`, the time in
//!   milliseconds of the page until which it is good. The game takes it out when it says hello, for it is good once.
//! - It puts the number of the badge to wear into the body's `data-badge`.
//! - The game puts an achievement that was unlocked into the window's `emberdriftUnlocked`, with `id`, `name`, `text` and `sign`, and
//!   dispatches an event of this name at the window. The script shows it, in the language of the page.
//!
//! At a server that keeps no records it puts nothing there.

use js_sys::Reflect;
use shared::engine::roster::UnlockedAchievement;
use web_sys::Event;

use super::{
    app_loop::now_ms,
    dom::{Result, body, window},
    status::publish,
};

const PROOF: &str = "emberdriftProof";
const BADGE: &str = "data-badge";
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

/// Tells the script that the player has unlocked an achievement.
pub(crate) fn announce(unlocked: &UnlockedAchievement) -> Result<()> {
    let UnlockedAchievement { id, name, text, sign } = unlocked;
    let entries = [("id", id), ("name", name), ("text", text), ("sign", sign)];
    publish(UNLOCKED, entries.map(|(key, value)| (key, value.into())))?;
    window()?.dispatch_event(&Event::new(UNLOCKED)?).map(drop)
}
