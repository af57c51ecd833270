//! The browser half: canvas, keys, socket and page around the pure half. The only code that names `web_sys`. It
//! must not know the rules of the game or the bytes on the wire: it carries bytes, inputs and scenes.

mod app;
mod arenas;
mod attract;
mod backdrop;
mod banner;
mod blocks;
mod canvas;
mod chat;
mod coach;
mod colour;
mod compass;
mod death_card;
mod dom;
mod effects;
mod gains;
mod gl;
mod glsl;
mod hud;
mod input;
mod labels;
mod lag;
mod language;
mod link;
mod lists;
mod minimap;
mod noise;
mod particles;
mod pickups;
mod renderer;
mod rocks;
mod settings;
mod ships;
mod sky;
mod socket;
mod sound;
mod sprites;
mod start_card;
mod status;
mod trace;
mod wall;

use wasm_bindgen::prelude::*;

/// Starts the game on the page that loaded this module. What goes wrong is told on the page.
#[wasm_bindgen(start)]
pub(crate) fn start() {
    if let Err(error) = language::start(settings::recalled().language).and_then(|()| app::start()) {
        dom::tell_trouble(&error);
    }
}
