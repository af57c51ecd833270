//! Emberdrift's client without a browser. It must not know a browser, a socket or a clock: time is an argument.
//!
//! [`session`] is the way in: bytes in, bytes out, a scene to draw. It is the engine's; `view_model` is this game's half of it,
//! and `collecting` what of the rules it predicts beside the own ship's flight.

mod collecting;
pub mod controls;
#[cfg(test)]
mod fixture;
pub mod goals;
mod hud;
pub mod labels;
pub mod life_stats;
pub mod page;
pub mod render_detail;
pub mod scene;
mod scene_events;
pub mod session;
mod shots;
pub mod sound;
pub mod strings;
pub mod tutorial;
pub mod view_model;
mod world_events;

pub use session::{Session, SessionError, VisibleShip};

pub use crate::engine::session_stats::SessionStats;
