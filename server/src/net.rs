//! The network side: sockets, HTTP, WebSockets. Turns bytes into [`crate::bridge::Inbound`] and back.
//!
//! Must not know what the messages mean to the game: it decodes them, bounds them and passes them on.

mod alarm;
mod connection;
mod content;
mod echo;
mod encoding;
mod error;
mod farewell;
mod feed;
mod handshake;
mod head;
mod http;
mod limits;
mod listener;
mod liveness;
mod meter;
mod rate_limit;
mod site;
mod socket;
mod workers;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::sync::watch;

pub use error::ListenError;
pub use feed::Feed;
pub use limits::Limits;
pub use listener::{bind, serve};
pub use site::Site;
pub use workers::{default_workers, runtime};

use crate::{
    bridge::{ConnectionId, Inbox},
    metrics::Metrics,
};
use rate_limit::LogLimit;

/// What every socket's task shares.
#[derive(Debug)]
pub struct Shared {
    /// The way to the simulation.
    pub inbox: Inbox,
    /// Where things are counted.
    pub metrics: Arc<Metrics>,
    /// Times and sizes.
    pub limits: Limits,
    /// The client's files.
    pub site: Site,
    /// What is told to those who watch from outside.
    pub feed: Feed,
    /// Whether `/echo` is there, for conformance tests.
    pub has_echo: bool,
    /// Whether the simulation ticks, kept up to date by whoever watches it.
    pub ready: AtomicBool,
    /// Turns true once, when the server is to end.
    pub stop: watch::Receiver<bool>,
    next_connection: AtomicU64,
    log: LogLimit,
}

impl Shared {
    /// For a server that has yet to accept its first socket.
    pub fn new(
        inbox: Inbox,
        metrics: Arc<Metrics>,
        limits: Limits,
        site: Site,
        feed: Feed,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            inbox,
            metrics,
            limits,
            site,
            feed,
            has_echo: false,
            ready: AtomicBool::new(false),
            stop,
            next_connection: AtomicU64::new(1),
            log: LogLimit::default(),
        }
    }

    /// With `/echo` or without.
    #[must_use]
    pub fn with_echo(self, has_echo: bool) -> Self {
        Self { has_echo, ..self }
    }

    fn name_connection(&self) -> ConnectionId {
        ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed))
    }

    /// Waits until the server is to end.
    async fn stopping(&self) {
        // An error means that the one who would say so is gone, which says the same.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }
}
