//! The part of the client that works for any game: netcode, and the pure logic of the page around a game.
//!
//! Invariant: nothing in here knows the game, a browser, a socket or a clock. Time is an argument.

pub mod chat;
pub(crate) mod clock;
pub mod interpolation;
pub mod lag;
pub mod pacer;
pub mod page;
pub(crate) mod prediction;
pub mod reconnect;
pub mod replica;
pub mod roster;
pub mod route;
pub mod session;
pub mod session_stats;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod transmit;
pub mod view;
