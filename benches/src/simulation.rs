//! A simulation of a whole server: the real arena loop, the real connection tasks on links in memory, real client sessions that
//! reconnect, and peers that misbehave, on simulated time under one seed. Links stall, break and vanish; the server is paused,
//! overloaded, stopped and killed, and goes on from its snapshot.
//!
//! Invariant: both runs of a seed are equal. Everything that clients receive is compared, to the bit. While it
//! runs, laws are checked in every tick and for every frame that a client applies; see `laws`.

mod client;
mod connection;
mod journal;
mod laws;
mod link;
mod pause;
mod play;
mod process;
mod record;
mod rogue;
mod run;
mod scenario;
mod seeds;
mod server;

pub use run::{Failure, Outcome, check, run};
pub use scenario::Sabotage;
pub use seeds::{Summary, check_all};
