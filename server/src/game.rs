//! Emberdrift: the simulation, its drones, its arenas, and what its viewers are told.

pub mod arena_file;
pub mod arena_loop;
pub mod feed;
pub mod replication;
pub mod sim;
