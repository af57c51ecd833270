//! What all sockets of one server share.

use tokio::sync::watch;

use super::{
    arenas::Arenas, http::site::Site, limits::Limits, log_limit::LogLimit,
    websocket::subprotocol::MessageToJson,
};

/// What all sockets of one server share.
#[derive(Debug)]
pub struct ServerState {
    /// The arenas, and the way into each.
    pub arenas: Arenas,
    /// Bounds of each socket.
    pub limits: Limits,
    /// The client's files.
    pub site: Site,
    /// For JSON connections.
    pub to_json: MessageToJson,
    /// Whether `/echo` exists, for conformance tests.
    pub has_echo: bool,
    /// Turns true once, when the server shuts down.
    pub stop: watch::Receiver<bool>,
    pub(super) log: LogLimit,
}

impl ServerState {
    /// Without `/echo`.
    pub fn new(
        arenas: Arenas,
        limits: Limits,
        site: Site,
        to_json: MessageToJson,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self { arenas, limits, site, to_json, has_echo: false, stop, log: LogLimit::default() }
    }

    /// With `/echo` or without.
    #[must_use]
    pub fn with_echo(self, has_echo: bool) -> Self {
        Self { has_echo, ..self }
    }

    /// Waits until the server shuts down.
    pub(super) async fn stopping(&self) {
        // An error means that the sender is gone, which means the same.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }
}
