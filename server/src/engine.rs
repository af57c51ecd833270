//! Netcode that knows no particular game: sockets, queues to and from the simulation thread, the loop of an arena, replication,
//! sessions, load shedding, recordings and snapshots.
//!
//! Invariant: nothing in here names [`crate::game`].

pub mod achievements;
pub mod ack_window;
pub mod arena_file;
pub mod arena_loop;
pub mod arena_status;
mod buffer_pool;
pub mod chat;
pub mod checked;
pub mod client_network;
pub mod clock;
pub mod cluster;
pub mod connection_state;
pub mod crowd;
pub mod delivery_rates;
pub mod drill;
pub mod fair_budget;
pub mod feed;
pub mod feed_channel;
pub mod files;
pub mod game_codec;
pub mod game_server;
pub mod identity;
pub mod inbox;
pub mod input_queue;
pub mod item_field;
pub mod join_ticket;
pub mod json;
pub mod known_players;
pub mod load_shedder;
pub mod log;
pub mod metrics;
pub mod names;
pub mod net;
pub mod network_buckets;
pub mod network_delay;
pub mod notifier;
pub mod outbox;
pub mod panics;
pub mod party;
pub mod players;
pub mod position_history;
pub mod process;
pub mod recorder;
pub mod recording;
pub mod records;
pub mod replication;
pub mod resume;
pub mod room_access;
pub mod room_code;
pub mod saved_arena;
pub mod sessions;
pub mod simulation;
pub mod simulation_threads;
pub mod snapshot;
mod sync;
pub mod telemetry;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod tick_loop;
pub mod ticker;
pub mod token_bucket;
pub mod wait;
pub mod world;
