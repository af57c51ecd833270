//! What server and client agree on: the rules of motion, the shape of the arena and the messages on the wire.
//!
//! Pure: no I/O, no clock, no threads and no randomness of its own, so that native and WASM compute the same bits.
//! It must not know the server, the client or any transport.

pub mod angle;
pub mod arena;
pub mod chat;
pub mod checksum;
pub mod collision;
pub mod feed;
pub mod flight;
pub mod grid;
pub mod ids;
pub mod input;
pub mod limits;
pub mod movement;
pub mod name;
pub mod protocol;
pub mod rules;
pub mod shot;
pub mod terrain;
pub mod timing;

pub use glam::Vec2;
