//! The browser half: canvas, keys, socket and page around the pure half. The only code that names `web_sys`.
//!
//! [`shell`] serves any game's page and knows nothing of this one; [`emberdrift`] draws this game, sounds it and shows
//! its HUD and cards; [`app`] joins the two with the connection.

mod app;
mod emberdrift;
mod shell;

use wasm_bindgen::prelude::*;

/// Starts the game on the page that loaded this module. An error is shown on the page.
#[wasm_bindgen(start)]
pub(crate) fn start() {
    // There is no page when node loads the client, for `cargo xtask determinism`.
    if web_sys::window().is_none() {
        return;
    }
    if let Err(error) = app::start() {
        emberdrift::ui::cards::banner::show_error(&error);
    }
}
