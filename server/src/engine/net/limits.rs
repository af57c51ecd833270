//! Times, rates and sizes that bound one socket. Values, so that a test can wait milliseconds where a player is
//! given seconds.

use std::time::Duration;

use crate::engine::token_bucket::Rate;

/// Bounds of one socket.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Sockets that may be open at once.
    pub sockets: usize,
    /// For the head of an HTTP request, and for a kept-alive connection to send its next.
    pub http_head: Duration,
    /// For everything a connection does before it becomes a WebSocket: a reader of the site cannot stay for ever.
    pub http_life: Duration,
    /// From the handshake to the hello.
    pub hello: Duration,
    /// After this long without a sound the server pings.
    pub ping_after: Duration,
    /// After this long without a sound the server hangs up.
    pub silence: Duration,
    /// How long the kernel may accept no byte of what is to be sent.
    pub stall: Duration,
    /// For the close frame to leave and its answer to come.
    pub farewell: Duration,
    /// The same for a reader that was too slow: it must first take in what is half-written.
    pub farewell_slow: Duration,
    /// For all players together to hear that the server ends.
    pub shutdown: Duration,
    /// How often the times above are looked at.
    pub check: Duration,
    /// `SO_SNDBUF`, which Linux doubles. What lies there is latency once a reader falls behind, and memory per
    /// stalled reader: left alone the kernel takes up half a megabyte. A full view of a crowd still fits.
    pub send_buffer_bytes: usize,
    /// `SO_RCVBUF`. Clients send a few kilobytes a second.
    pub receive_buffer_bytes: usize,
    /// Messages that a client may send: for ever twice the fastest tick; at once what piles up in half a minute of a
    /// broken network at the usual tick rate, so that a bad minute on a train costs nobody their ship.
    pub messages: Rate,
    /// Bytes that it may send, headers and all. Empty fragments are no messages, and yet work.
    pub bytes: Rate,
}

impl Limits {
    /// For `players` players, with some sockets to spare for the site, metrics and those who leave.
    pub fn for_players(players: usize) -> Self {
        Self {
            sockets: players.saturating_add(256),
            http_head: Duration::from_secs(10),
            http_life: Duration::from_secs(120),
            hello: Duration::from_secs(5),
            ping_after: Duration::from_secs(5),
            silence: Duration::from_secs(30),
            stall: Duration::from_secs(15),
            farewell: Duration::from_secs(2),
            farewell_slow: Duration::from_secs(30),
            shutdown: Duration::from_secs(2),
            check: Duration::from_secs(1),
            send_buffer_bytes: 64 * 1024,
            receive_buffer_bytes: 16 * 1024,
            messages: Rate::new(256, 1024),
            bytes: Rate::new(16 * 1024, 64 * 1024),
        }
    }
}
