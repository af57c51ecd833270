//! Emberdrift: the simulation, its drones, its arenas, and what is sent of them.

mod achievements;
pub mod arena_file;
mod drones;
pub mod replicated;
pub mod sim;

pub use replicated::{ArenaLoop, ArenaSettings, NetworkSide, Options, Persistence, Publisher, SavedArena};
