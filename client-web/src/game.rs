//! Emberdrift's client without a browser. It must not know a browser, a socket or a clock: time is an argument.
//!
//! [`session`] is the door: bytes in, bytes out, what to draw. Behind it `replica` holds what the server said,
//! `prediction` is ahead of it for the own ship, and `view_model` is a little behind it for everything else.

pub mod arenas;
pub mod chat;
pub mod controls;
mod effects;
mod hud;
mod interpolation;
mod joined;
pub mod labels;
mod life_stats;
mod prediction;
pub mod quality;
pub mod records;
mod replica;
pub mod roster;
pub mod scene;
pub mod session;
pub mod settings;
mod shots;
pub mod sound;
pub mod strings;
#[cfg(test)]
mod testing;
pub mod tutorial;
mod view_model;

pub use session::{Session, SessionError, VisibleShip};

pub use crate::engine::session_stats::SessionStats;
