//! The Emberdrift server: one thread owns the world, one task owns each socket, bounded queues between them.

pub mod arena_file;
pub mod bridge;
pub mod chat;
pub mod config;
pub mod crew;
pub mod feed;
pub mod game_loop;
pub mod metrics;
pub mod net;
pub mod overload;
pub mod process;
pub mod replication;
pub mod resume;
pub mod run;
pub mod shutdown;
pub mod sim;
pub mod ticker;
