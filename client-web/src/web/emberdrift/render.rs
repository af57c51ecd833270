//! Drawing: the renderer, and a file for each kind of thing that it draws.

mod backdrop;
pub(crate) mod graphics;
mod labels;
mod light;
pub(crate) mod renderer;
mod ships;
mod sky;
mod terrain;
