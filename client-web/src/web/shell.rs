//! The page around any game: app loop, socket, connection, chat, lag readout, and small tools for elements and canvases. [`page`]
//! is a complete page, for a game that brings none.
//!
//! Invariant: nothing in here depends on a game.

// Emberdrift's own page uses more of these tools than `page` does.
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
pub(super) mod reload;
pub(super) mod socket;
#[cfg(feature = "emberdrift")]
pub(super) mod sprites;
pub(super) mod status;
pub(super) mod stick_view;
pub(super) mod visitor;
