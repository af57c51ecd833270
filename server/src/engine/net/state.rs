//! What all sockets of one server share, and the limit of log lines about them.

use std::{
    fmt::Display,
    sync::{Mutex, PoisonError},
};

use shared::engine::protocol::CloseReason;
use tokio::{sync::watch, time::Instant};

use super::{
    arenas::Arenas,
    http::{access::Access, site::Site},
    limits::Limits,
    proxy::peer::Peer,
    websocket::subprotocol::MessageToJson,
};
use crate::engine::token_bucket::{Rate, TokenBucket};

/// For all peers together.
const LOG_LINES: Rate = Rate::new(5, 20);

/// What all sockets of one server share.
#[derive(Debug)]
pub struct ServerState {
    /// The arenas, and the way into each.
    pub arenas: Arenas,
    /// Bounds of each socket.
    pub limits: Limits,
    /// The client's files.
    pub site: Site,
    /// How browsers reach the server.
    pub access: Access,
    /// For JSON connections.
    pub to_json: MessageToJson,
    /// Whether `/echo` exists, for conformance tests.
    pub has_echo: bool,
    /// What connections are closed with when their simulation ends.
    pub end_reason: CloseReason,
    /// Turns true once, when the server shuts down.
    pub stop: watch::Receiver<bool>,
    pub(super) log: LogLimit,
}

impl ServerState {
    /// Without `/echo`, and reached at its own address only.
    pub fn new(
        arenas: Arenas,
        limits: Limits,
        site: Site,
        to_json: MessageToJson,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let access = Access::default();
        let (end_reason, log) = (CloseReason::ShuttingDown, LogLimit::default());
        Self { arenas, limits, site, access, to_json, has_echo: false, end_reason, stop, log }
    }

    /// With `/echo` or without.
    #[must_use]
    pub fn with_echo(self, has_echo: bool) -> Self {
        Self { has_echo, ..self }
    }

    /// With players that are kept for the next process, or not.
    #[must_use]
    pub fn with_kept_players(self, are_kept: bool) -> Self {
        let end_reason = if are_kept { CloseReason::Restarting } else { CloseReason::ShuttingDown };
        Self { end_reason, ..self }
    }

    /// With this way in for browsers.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        Self { access, ..self }
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

/// Limits how many lines are logged about peers, so that a crowd of bad peers cannot fill the disk. Lines beyond the rate are
/// counted; the next line that is written carries the count.
#[derive(Debug, Default)]
pub(super) struct LogLimit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    bucket: Option<TokenBucket>,
    suppressed: u64,
}

impl LogLimit {
    /// Logs a warning about `peer`, or counts it.
    pub(super) fn peer(&self, now: Instant, peer: Peer, arena: &str, what: &dyn Display) {
        if let Some(suppressed) = self.admit(now) {
            tracing::warn!(%peer, arena, suppressed, "{what}");
        }
    }

    /// Logs a warning about no peer in particular, or counts it.
    pub(super) fn note(&self, now: Instant, what: &dyn Display) {
        if let Some(suppressed) = self.admit(now) {
            tracing::warn!(suppressed, "{what}");
        }
    }

    /// How many lines were suppressed since the last one, if another may be written now.
    fn admit(&self, now: Instant) -> Option<u64> {
        // The state is valid after a panic elsewhere too.
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = || TokenBucket::new(LOG_LINES, now.into_std());
        if state.bucket.get_or_insert_with(full).take(now.into_std(), 1) {
            Some(std::mem::take(&mut state.suppressed))
        } else {
            state.suppressed += 1;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::engine::net::state::*;

    #[test]
    fn lines_over_the_rate_are_counted() {
        let start = Instant::now();
        let limit = LogLimit::default();
        for _ in 0..LOG_LINES.burst {
            assert_eq!(limit.admit(start), Some(0));
        }
        assert_eq!(limit.admit(start), None);
        assert_eq!(limit.admit(start), None);
        assert_eq!(limit.admit(start + Duration::from_secs(1)), Some(2));
    }
}
