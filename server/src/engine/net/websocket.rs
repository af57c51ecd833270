//! WebSockets: what a socket becomes after its HTTP handshake.

mod check_interval;
mod close;
pub(super) mod connection;
mod disconnect;
pub(super) mod echo;
pub(super) mod elsewhere;
pub(super) mod feed;
mod liveness;
mod message_rates;
mod socket;
pub(super) mod subprotocol;
pub(super) mod transport;
