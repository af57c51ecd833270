//! Requests that outlive the head of their response: WebSocket upgrades, and the feed as Server-Sent Events (HTML standard,
//! section 9.2), for `curl` and `EventSource`. The handler passes the upgrade, or a later deadline, to the task that owns the
//! socket.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, header},
};
use bytes::Bytes;
use futures_util::stream::unfold;
use hyper::upgrade::OnUpgrade;
use tokio::time::{Instant, timeout};

use crate::engine::{
    client_network::{Share, Shares},
    net::{
        arenas::ArenaHandle, feed::Subscription, proxy::peer::Peer, rooms::Presence, state::ServerState,
        websocket::subprotocol::Subprotocol,
    },
    room_access::Arrival,
    room_code::RoomCode,
};

/// What a socket becomes once its handshake is done.
#[derive(Debug)]
pub(super) enum Endpoint {
    /// A player or a spectator, who keeps a room awake.
    Game(Arc<ArenaHandle>, Subprotocol, Option<Presence>, Arrival),
    /// A client whose room is at the node with this public URL.
    Elsewhere(RoomCode, String, Subprotocol),
    /// A subscriber of the feed.
    Feed(Arc<ArenaHandle>, Subscription),
    /// A conformance test.
    Echo,
}

/// An accepted handshake.
#[derive(Debug)]
pub(super) struct Upgrade {
    pub(super) on_upgrade: OnUpgrade,
    pub(super) endpoint: Endpoint,
    /// Whose request it was.
    pub(super) peer: Peer,
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
    upgrade: Arc<Mutex<Option<Upgrade>>>,
    pub(super) deadline: Deadline,
    client: Arc<Mutex<Option<Share>>>,
}

impl SocketSlot {
    pub(super) fn put(&self, upgrade: Upgrade) {
        *self.upgrade.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
    }

    /// Counts the socket of a proxy for the client of its newest request, and no longer for that of the one before. False if
    /// the client's network has too many. Other sockets are counted when they are accepted.
    pub(super) fn count_for(&self, peer: &Peer, sockets: &Shares) -> bool {
        let network = peer.network_to_count();
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if client.as_ref().and_then(Share::network) != network {
            // First given back: a network with a single socket left may take it again.
            *client = None;
            *client = network.and_then(|network| sockets.take(Some(network)));
        }
        client.is_some() == network.is_some()
    }

    /// The share that the socket has of its client's network, which goes on to count.
    pub(super) fn into_share(self) -> Option<Share> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What a handler has left here, if a WebSocket was requested.
    pub(super) fn take(&self) -> Option<Upgrade> {
        self.upgrade.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A comment, which readers ignore. It keeps proxies from closing an idle connection.
const KEEP_ALIVE: &[u8] = b":\n\n";

/// A response that streams until the server stops or the reader leaves.
pub(super) fn feed_events(
    subscription: Subscription,
    deadline: Deadline,
    server: Arc<ServerState>,
) -> Response<Body> {
    let events = unfold(subscription, move |mut subscription| {
        let (deadline, server) = (deadline.clone(), Arc::clone(&server));
        async move {
            // Polled only when the previous event has been written.
            deadline.extend(server.limits.stall_timeout);
            let event = tokio::select! {
                () = server.stopping() => return None,
                next = timeout(server.limits.ping_after, subscription.next()) => match next {
                    Ok(document) => event(&document?),
                    Err(_) => Bytes::from_static(KEEP_ALIVE),
                },
            };
            Some((Ok::<_, std::convert::Infallible>(event), subscription))
        }
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would collect documents until its buffer is full.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The feed is public, so pages of any origin may read it, and why it was refused.
pub(super) fn allow_any_origin(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
}

fn event(document: &[u8]) -> Bytes {
    // A document is one line: serde_json writes no line breaks.
    [b"data: ", document, b"\n\n"].concat().into()
}
