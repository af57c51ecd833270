//! The server over real sockets: one program, so that it is linked once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

mod arenas;
mod chat;
mod deploy;
mod feed;
mod handshake;
mod modes;
mod operations;
mod overload;
mod play;
mod protocol_document;
mod proxies;
mod rates;
mod records;
mod resume;
mod rig;
mod room_creator;
mod rooms;
mod security_headers;
mod shares;
mod site;
mod slow_reader;
mod text;
mod tickets;
mod tls;
