//! The floor: the least that a server can do which sends everybody a frame every tick and reads what they send.
//! One thread, a bare readiness loop, one write and one read a player and tick; no handshake, no framing, no game.
//! What the real server costs is told as a multiple of it. It must not know the game.

mod load;
mod report;
mod server;

pub use load::{LoadPlan, Phase, load};
pub use report::{LoadReport, OwnCost};
pub use server::{Served, Server, ServerPlan};

/// Bytes of an input, as a real client's takes with its WebSocket frame around it.
pub const INPUT_BYTES: usize = 18;
