//! Emberdrift on the page: its controls, how it is drawn, its HUD and cards, its sound, and the language of its texts.

pub(super) mod input;
pub(super) mod language;
pub(super) mod render;
pub(super) mod sound;
pub(super) mod ui;
