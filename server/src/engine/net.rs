//! The network side: sockets, HTTP, WebSockets. Turns bytes into [`crate::engine::inbox::Inbound`] and back.
//!
//! Must not know what the messages mean to the game: it decodes them, bounds them and passes them on.

mod alarm;
mod arenas;
mod connection;
mod content;
mod dialogue;
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

use tokio::sync::watch;

pub use arenas::{ArenaHandle, Arenas, slug};
pub use dialogue::{Admission, Dialogue};
pub use error::{Ending, ListenError};
pub use feed::Feed;
pub use limits::Limits;
pub use listener::{bind, serve};
pub use site::Site;
pub use workers::{default_workers, runtime};

use crate::engine::metrics::MetricsPage;
use rate_limit::LogLimit;

/// What every socket's task shares.
#[derive(Debug)]
pub struct Shared {
    /// Which arenas there are, and the way into each.
    pub arenas: Arenas,
    /// All that is counted.
    pub metrics: MetricsPage,
    /// Times and sizes.
    pub limits: Limits,
    /// The client's files.
    pub site: Site,
    /// Whether `/echo` is there, for conformance tests.
    pub has_echo: bool,
    /// Turns true once, when the server is to end.
    pub stop: watch::Receiver<bool>,
    log: LogLimit,
}

impl Shared {
    /// For a server that has yet to accept its first socket.
    pub fn new(
        arenas: Arenas,
        metrics: MetricsPage,
        limits: Limits,
        site: Site,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self { arenas, metrics, limits, site, has_echo: false, stop, log: LogLimit::default() }
    }

    /// With `/echo` or without.
    #[must_use]
    pub fn with_echo(self, has_echo: bool) -> Self {
        Self { has_echo, ..self }
    }

    /// Waits until the server is to end.
    async fn stopping(&self) {
        // An error means that the one who would say so is gone, which says the same.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }
}
