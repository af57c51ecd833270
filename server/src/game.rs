//! Emberdrift: the simulation, its drones, its arenas, and what is sent to its viewers.

pub mod arena_file;
pub mod arena_loop;
mod drones;
pub mod feed;
pub mod json;
pub mod recording;
pub mod replication;
pub mod saved_arena;
pub mod sim;
