//! Several nodes and a real NATS server: what all nodes list, how a client finds its room, and what becomes of rooms and players when a
//! node stops, dies, or loses NATS.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

mod chat;
mod join;
mod nats;
mod node;
mod player;
#[path = "../common/program.rs"]
mod program;
mod survive;
