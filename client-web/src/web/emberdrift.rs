//! Emberdrift on the page: how it is drawn, its HUD, and its sound.

pub(super) mod render;
pub(super) mod sound;
pub(super) mod ui;
