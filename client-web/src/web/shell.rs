//! The page around any game: app loop, socket, canvas, sprites, input devices and small tools for elements. It must not
//! know [`super::emberdrift`].

pub(super) mod app_loop;
pub(super) mod canvas;
pub(super) mod dom;
pub(super) mod gl;
pub(super) mod input;
pub(super) mod socket;
pub(super) mod sprites;
