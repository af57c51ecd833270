//! The page around any game: app loop, socket, connection, chat, lag readout, and small tools for elements and canvases; and in
//! [`page`] a whole page for a game that has none of its own. It must not know the game.

// A page of a game's own uses more of it than the one in here.
#![cfg_attr(not(feature = "emberdrift"), allow(dead_code))]

pub(super) mod app_loop;
pub(super) mod chat;
pub(super) mod connection;
pub(super) mod dom;
#[cfg(feature = "emberdrift")]
pub(super) mod gl;
pub(super) mod lag_readout;
pub(super) mod messages;
pub mod page;
pub(super) mod socket;
#[cfg(feature = "emberdrift")]
pub(super) mod sprites;
pub(super) mod status;
pub(super) mod stick_view;
