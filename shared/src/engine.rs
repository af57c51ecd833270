//! Netcode that knows no particular game: what a game is to it, ids, the cell grid, the messages and their encoding.
//!
//! Invariant: nothing in here names [`crate::game`].

pub mod arena_check;
pub mod body;
pub mod chat;
pub mod checksum;
pub mod course;
pub mod feed;
pub mod game_trait;
pub mod grid;
pub mod ids;
pub mod input;
pub mod items;
pub mod limits;
pub mod motion;
pub mod protocol;
pub mod records;
pub mod rooms;
pub mod roster;
pub mod rule_error;
#[cfg(any(test, feature = "test-game"))]
pub mod testing;
pub mod text;
#[cfg(feature = "schema")]
pub mod vectors;
