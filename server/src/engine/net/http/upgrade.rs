//! How a request handler leaves something for the task that owns the socket: the upgrade to a WebSocket, or a later deadline
//! for a response that streams.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hyper::upgrade::OnUpgrade;
use tokio::time::Instant;

use crate::engine::net::{arenas::ArenaHandle, feed::Subscription, websocket::subprotocol::Subprotocol};

/// What a socket becomes once its handshake is done.
#[derive(Debug)]
pub(super) enum Endpoint {
    /// A player or a spectator.
    Game(Arc<ArenaHandle>, Subprotocol),
    /// A subscriber of the feed.
    Feed(Arc<ArenaHandle>, Subscription),
    /// A conformance test.
    Echo,
}

/// The deadline of a response that streams. The response extends it as long as the peer reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Deadline(Arc<Mutex<Option<Instant>>>);

impl Deadline {
    /// Sets it to this long from now.
    pub(super) fn extend(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + time);
    }

    /// `None` if no response streams.
    pub(super) fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shared by a socket's task and the handlers of its requests.
#[derive(Clone, Debug, Default)]
pub(super) struct SocketSlot {
    upgrade: Arc<Mutex<Option<(OnUpgrade, Endpoint)>>>,
    pub(super) deadline: Deadline,
}

impl SocketSlot {
    pub(super) fn put(&self, upgrade: OnUpgrade, endpoint: Endpoint) {
        *self.upgrade.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, endpoint));
    }

    /// What a handler has left here, if a WebSocket was requested.
    pub(super) fn take(&self) -> Option<(OnUpgrade, Endpoint)> {
        self.upgrade.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
