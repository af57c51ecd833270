//! Emberdrift's client without a browser. It must not know a browser, a socket or a clock: time is an argument.
//!
//! [`session`] is the door: bytes in, bytes out, what to draw. Behind it `replica` holds what the server said,
//! `prediction` is ahead of it for the own ship, and `view_model` is a little behind it for everything else.

pub mod controls;
mod effects;
mod hud;
pub mod labels;
mod life_stats;
mod prediction;
pub mod records;
pub mod render_detail;
mod replica;
pub mod roster;
pub mod scene;
pub mod session;
mod shots;
pub mod sound;
pub mod strings;
#[cfg(test)]
mod testing;
pub mod tutorial;
mod view_model;

pub use session::{Session, SessionError, VisibleShip};

pub use crate::engine::session_stats::SessionStats;
