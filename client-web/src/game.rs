//! Emberdrift's client without a browser. It must not know a browser, a socket or a clock: time is an argument.
//!
//! [`session`] is the way in: bytes in, bytes out, a scene to draw. Behind it `replica` holds what the server said,
//! `prediction` is ahead of that for the own ship, and `view_model` is a little behind it for all other ships.

mod camera;
pub mod controls;
#[cfg(test)]
mod fixture;
mod hud;
pub mod labels;
pub mod life_stats;
pub mod page;
mod prediction;
pub mod render_detail;
mod replica;
pub mod roster;
pub mod scene;
mod scene_events;
pub mod session;
mod shots;
pub mod sound;
pub mod strings;
pub mod tutorial;
mod view_model;
mod world_events;

pub use session::{Session, SessionError, VisibleShip};

pub use crate::engine::session_stats::SessionStats;
