//! The pure half of the client. It must not know a browser, a socket or a clock: time is an argument.
//!
//! [`session`] is the door: bytes in, bytes out, what to draw. Behind it `replica` holds what the server said,
//! `prediction` is ahead of it for the own ship, and `picture` is a little behind it for everything else.

pub mod arenas;
pub mod chat;
mod clock;
mod effects;
pub mod hands;
mod hud;
mod interpolation;
pub mod labels;
pub mod lag;
pub mod lessons;
mod pacer;
mod picture;
mod playing;
mod prediction;
pub mod quality;
pub mod reconnect;
pub mod records;
mod replica;
pub mod roster;
mod run;
pub mod scene;
pub mod session;
pub mod settings;
mod shots;
pub mod slots;
pub mod sound;
pub mod stats;
#[cfg(test)]
mod testing;
mod transmit;
pub mod words;
pub mod work;

pub use session::{Session, SessionError, VisibleShip};
pub use stats::SessionStats;
