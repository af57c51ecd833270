//! The page around any game: app loop, socket, canvas, sprites and small tools for elements. It must not know the game, nor
//! [`super::emberdrift`].

pub(super) mod app_loop;
pub(super) mod chat;
pub(super) mod connection;
pub(super) mod dom;
pub(super) mod gl;
pub(super) mod lag_readout;
pub(super) mod messages;
pub(super) mod socket;
pub(super) mod sprites;
pub(super) mod status;
pub(super) mod stick_view;
