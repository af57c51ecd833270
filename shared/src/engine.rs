//! Netcode that knows no particular game: ids, the cell grid, quantisation, the client's messages and the encoding.
//!
//! Invariant: nothing in here names [`crate::game`].

pub mod chat;
pub mod checksum;
pub mod grid;
pub mod ids;
pub mod input;
pub mod limits;
pub mod protocol;
pub mod text;
