//! The browser half: canvas, keys, socket and page around the pure half. The only code that names `web_sys`. It
//! must not know the rules of the game or the bytes on the wire: it carries bytes, inputs and scenes.
//!
//! `shell` is what any game's page needs; `emberdrift` draws and sounds this game.

mod emberdrift;
mod shell;

use wasm_bindgen::prelude::*;

/// Starts the game on the page that loaded this module. What goes wrong is told on the page.
#[wasm_bindgen(start)]
pub(crate) fn start() {
    // There is no page when node loads the client, for `cargo xtask determinism`.
    if web_sys::window().is_none() {
        return;
    }
    if let Err(error) =
        shell::language::start(shell::settings::recalled().language).and_then(|()| shell::app::start())
    {
        shell::dom::tell_trouble(&error);
    }
}
