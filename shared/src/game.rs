//! Emberdrift itself: arena, rules, motion, shots and embers, and the messages that describe them.

pub mod arena;
pub mod collision;
pub mod duel;
pub mod ember;
mod emberdrift;
pub mod flight;
pub mod input;
pub mod mode;
pub mod movement;
pub mod protocol;
pub mod rules;
pub mod shot;
pub mod terrain;
pub mod timing;

pub use emberdrift::{Emberdrift, Map};
