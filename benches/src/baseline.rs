//! The baseline: the least that a server can do which sends every player a frame each tick and reads what players send.
//! One thread, bare readiness polling, one write and one read a player and tick; no handshake, no framing, no game. The
//! cost of the real server is given as a multiple of it.

mod server;

pub use server::{Served, Server, ServerPlan};
