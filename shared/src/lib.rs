//! What server and client share, in two halves: [`engine`] is netcode for any game of this kind, [`game`] is Emberdrift.
//!
//! Pure: no I/O, no clock, no threads and no randomness of its own, so that native and WASM compute the same bits.
//! It must not know the server, the client or any transport, and `engine` must not know `game`.

pub mod engine;
pub mod game;
pub mod prelude;

pub use glam::Vec2;
