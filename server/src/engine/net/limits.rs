//! Times, rates and sizes that bound one socket. They are values, so that tests can use milliseconds.

use std::time::Duration;

use crate::engine::{sessions::Seats, token_bucket::Rate};

/// Requests that a network may send at once for each socket that it may have open: a page with all of its files is
/// fewer, so a school can reload at the same moment.
pub(super) const REQUESTS_AT_ONCE: u32 = 32;
/// What an operator can do about a network that is over its limits.
pub(super) const NETWORK_ADVICE: &str =
    "raise --max-per-network if these are players, or name it with --trusted-proxy if it is a proxy";

/// Bounds of one socket.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open sockets.
    pub sockets: usize,
    /// Open sockets of one network.
    pub sockets_per_network: usize,
    /// For the head of an HTTP request to arrive, and for the next request of a kept-alive connection.
    pub http_head_timeout: Duration,
    /// For everything a socket does before it becomes a WebSocket.
    pub http_lifetime: Duration,
    /// After that for a response that is being sent. It bounds what a slow reader can hold.
    pub http_grace: Duration,
    /// TLS handshakes of one network: at once as many as it may have sockets open, and these in a second after that.
    pub tls_handshakes_per_second: u32,
    /// Joins of one arena by one network: at once as many as it may have sockets open, and these in a second after that. Each costs
    /// the simulation work.
    pub joins_per_second: u32,
    /// HTTP requests of one network, those for a WebSocket included: at once 32 for each socket that it may have
    /// open, and these in a second after that.
    pub requests_per_second: u32,
    /// From the handshake to the `Hello`.
    pub hello_timeout: Duration,
    /// The server pings a peer from which it has received nothing for this long.
    pub ping_after: Duration,
    /// The server closes a connection on which it has received nothing for this long.
    pub idle_timeout: Duration,
    /// How long the kernel may take no byte while something waits to be sent.
    pub stall_timeout: Duration,
    /// How long a peer's system may acknowledge no byte of what was sent, or take none: then the link is gone. The kernel
    /// checks this, for every kind of connection. It is longer than [`Self::stall_timeout`], which can tell the peer why.
    pub ack_timeout: Duration,
    /// For the closing handshake.
    pub close_timeout: Duration,
    /// The same for a slow reader, which must first read the message that is half sent.
    pub slow_close_timeout: Duration,
    /// For all connections together to close when the server shuts down.
    pub shutdown_timeout: Duration,
    /// How often the times above are checked.
    pub check_interval: Duration,
    /// `SO_SNDBUF`, which Linux doubles. What lies there is latency for a client that falls behind, and memory for each
    /// stalled one: by default the kernel takes half a megabyte. A frame of a full view still fits.
    pub send_buffer_bytes: usize,
    /// `SO_RCVBUF`. Clients send a few kilobytes a second.
    pub receive_buffer_bytes: usize,
    /// Messages from a client: twice the fastest tick rate in the long run, and at once what piles up in half a minute of
    /// a broken network at the default tick rate.
    pub message_rate: Rate,
    /// Bytes from a client, headers included. It bounds empty fragments, which are no messages.
    pub byte_rate: Rate,
}

impl Limits {
    /// For `players` players and as many spectators.
    pub fn for_players(players: usize) -> Self {
        Self::for_seats(&Seats::new(players))
    }

    /// For clients in these seats, with spare sockets for the site, metrics and clients that are leaving. Each network has
    /// spare ones too: a browser opens six to load the page.
    pub fn for_seats(seats: &Seats) -> Self {
        Self {
            sockets: seats.players.saturating_add(seats.spectators).saturating_add(256),
            sockets_per_network: seats.per_network.saturating_mul(2).saturating_add(32),
            http_head_timeout: Duration::from_secs(10),
            http_lifetime: Duration::from_secs(120),
            http_grace: Duration::from_secs(60),
            tls_handshakes_per_second: 10,
            joins_per_second: 10,
            requests_per_second: 200,
            hello_timeout: Duration::from_secs(5),
            ping_after: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(30),
            stall_timeout: Duration::from_secs(15),
            ack_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(2),
            slow_close_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(2),
            check_interval: Duration::from_secs(1),
            send_buffer_bytes: 64 * 1024,
            receive_buffer_bytes: 16 * 1024,
            message_rate: Rate::new(256, 1024),
            byte_rate: Rate::new(16 * 1024, 64 * 1024),
        }
    }

    pub(super) fn handshake_rate(&self) -> Rate {
        Rate::new(self.tls_handshakes_per_second, self.sockets_at_once())
    }

    /// How often one network may join one arena.
    pub fn join_rate(&self) -> Rate {
        Rate::new(self.joins_per_second, self.sockets_at_once())
    }

    /// How often one network may send a request.
    pub fn request_rate(&self) -> Rate {
        Rate::new(self.requests_per_second, self.sockets_at_once().saturating_mul(REQUESTS_AT_ONCE))
    }

    fn sockets_at_once(&self) -> u32 {
        u32::try_from(self.sockets_per_network).unwrap_or(u32::MAX)
    }
}
