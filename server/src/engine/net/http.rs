//! HTTP: what a socket speaks first. Requests are checked, routed, answered, or upgraded to a WebSocket.

mod accept_encoding;
pub(super) mod access;
pub(super) mod connection;
#[cfg(test)]
mod document;
mod handshake;
pub(super) mod in_memory;
pub(super) mod origin;
mod page_facts;
mod preflight;
mod records;
mod redirect;
pub(super) mod refusal;
mod response;
mod rooms;
pub(super) mod router;
pub(super) mod site;
mod sockets;
mod streaming;
