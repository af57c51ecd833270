//! The page around any game: main loop, socket, canvas, input devices, settings.

pub(super) mod app;
pub(super) mod arenas;
pub(super) mod banner;
pub(super) mod canvas;
pub(super) mod chat;
pub(super) mod connection;
pub(super) mod dom;
pub(super) mod gl;
pub(super) mod glsl;
pub(super) mod input;
pub(super) mod lag;
pub(super) mod language;
pub(super) mod settings;
pub(super) mod socket;
pub(super) mod start_card;
pub(super) mod status;
pub(super) mod trace;
