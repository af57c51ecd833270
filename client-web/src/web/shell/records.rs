//! What the page's script about records and the game tell each other. The script runs beside the game and is loaded after it:
//!
//! - It puts a proof of who the player is into the window's `emberdriftProof`, an object with `text`, and `until`, the time in
//!   milliseconds of the page until which it is good. The game takes it out when it says hello, for it is good once.
//! - It puts the number of the badge to wear into the body's `data-badge`.
//!
//! At a server that keeps no records it puts nothing there.

use js_sys::Reflect;
use shared::engine::roster::UnlockedAchievement;
use web_sys::HtmlElement;

use super::{
    app_loop::now_ms,
    dom::{Result, body, element, window},
};

const PROOF: &str = "emberdriftProof";
const BADGE: &str = "data-badge";
/// How long an achievement is shown.
const SHOWN_MS: f64 = 6000.0;

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

/// Says which achievement was unlocked, for a while.
pub(crate) struct UnlockedLine {
    line: HtmlElement,
    until_ms: Option<f64>,
}

impl UnlockedLine {
    /// That of the page.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { line: element("unlocked")?, until_ms: None })
    }

    /// Shows `unlocked`, if there is one; the last one no longer than it is to be.
    pub(crate) fn update(&mut self, unlocked: Option<&UnlockedAchievement>, now_ms: f64) -> Result<()> {
        if let Some(UnlockedAchievement { name, text, sign }) = unlocked {
            for (part, value) in [("unlocked-sign", sign), ("unlocked-name", name), ("unlocked-text", text)] {
                element::<HtmlElement>(part)?.set_text_content(Some(value));
            }
            self.line.set_hidden(false);
            self.until_ms = Some(now_ms + SHOWN_MS);
        } else if self.until_ms.is_some_and(|until| until < now_ms) {
            self.line.set_hidden(true);
            self.until_ms = None;
        }
        Ok(())
    }
}
