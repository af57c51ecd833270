//! Requests for a WebSocket or an event stream: which arena or room they are for, and whether they are accepted.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{FromRequestParts, RawPathParams, Request, State},
    http::{HeaderMap, Response, StatusCode, request::Parts},
    response::IntoResponse,
};

use super::{
    handshake,
    refusal::{Refusal, refuse},
    response::text,
    rooms::{self, Way},
    streaming::{self, Endpoint, SocketSlot, Upgrade},
};
use crate::engine::{
    client_network::ClientNetwork,
    net::{
        arenas::ArenaHandle,
        feed::Subscription,
        proxy::peer::Peer,
        rooms::{Entered, Presence},
        state::{ServerState, Surroundings},
    },
    room_access::Arrival,
    room_code::RoomCode,
};

/// What an address names.
pub(super) enum World {
    /// An arena, the first without a name, or a room, which it wakes and keeps awake.
    Here(Arc<ArenaHandle>, Option<Presence>, Arrival),
    /// A room of the node with this public URL.
    Elsewhere(RoomCode, String),
}

impl FromRequestParts<Arc<ServerState>> for World {
    type Rejection = Response<Body>;

    async fn from_request_parts(
        parts: &mut Parts,
        server: &Arc<ServerState>,
    ) -> Result<Self, Response<Body>> {
        let peer = Extension::<Peer>::from_request_parts(parts, server).await;
        let Extension(peer) = peer.map_err(IntoResponse::into_response)?;
        let path = RawPathParams::from_request_parts(parts, server).await;
        let path = path.map_err(IntoResponse::into_response)?;
        let named = |key: &str| path.iter().find(|(name, _)| *name == key).map(|(_, value)| value);
        let refused = |refusal| refuse(server, server.arenas.first(), &peer, &refusal);
        if let Some(code) = named("code") {
            let Entered { arena, presence } =
                match rooms::enter(server, &peer, code).await.map_err(refused)? {
                    Way::In(entered) => entered,
                    Way::Elsewhere(code, url) => return Ok(Self::Elsewhere(code, url)),
                };
            // A ticket says that another node has sent the client here, to a seat that is reserved for it.
            let arrival = match (&server.peers, code.parse()) {
                (Some(peers), Ok(room)) => {
                    let arrival = peers.arrival(room, handshake::seat_ticket(&parts.uri).as_deref());
                    arrival.map_err(|why| refused(Refusal::Seat(why)))?
                }
                _ => Arrival::default(),
            };
            return Ok(Self::Here(arena, Some(presence), arrival));
        }
        let slug = named("arena");
        let arena = server.arenas.find(slug).ok_or_else(|| {
            let (unknown, known) = (slug.unwrap_or_default().to_owned(), server.arenas.slugs().join(", "));
            refused(Refusal::Arena { unknown, known })
        })?;
        Ok(Self::Here(Arc::clone(arena), None, Arrival::default()))
    }
}

/// Lets a client play or watch, or says to a page whether it would.
pub(super) async fn game_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    world: World,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let (arena, is_elsewhere) = match &world {
        World::Here(arena, ..) => (Arc::clone(arena), false),
        World::Elsewhere(..) => (Arc::clone(server.arenas.first()), true),
    };
    let admit = || {
        if server.is_closing() {
            return Err(Refusal::ShuttingDown);
        }
        // A client that is only sent on costs nothing.
        if arena.is_open() || is_elsewhere { Ok(()) } else { Err(Refusal::Overloaded) }
    };
    answer(&server, &arena, &peer, || {
        if let Some(page) = handshake::checked_page(&parts.uri) {
            // A page whose WebSocket was refused asks why: no browser tells it.
            handshake::check_version(parts.version)?;
            handshake::check_page(&page, &parts, &server.access, &peer)?;
            return admit().map(|()| text(StatusCode::NO_CONTENT, Body::empty()));
        }
        let mut headers = handshake::accept(&parts)?;
        handshake::check_origin(&parts, &server.access, &peer)?;
        let (subprotocol, chosen) = handshake::negotiate(&parts.headers)?;
        headers.extend(chosen);
        admit()?;
        let endpoint = match world {
            World::Here(arena, presence, arrival) => Endpoint::Game(arena, subprotocol, presence, arrival),
            World::Elsewhere(code, url) => Endpoint::Elsewhere(code, url, subprotocol),
        };
        upgrade(&slot, parts, headers, endpoint)
    })
}

/// Accepts a subscriber's WebSocket. Pages of any origin may open the feed: it is public, and takes no messages.
pub(super) async fn feed_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    world: World,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let arena = match world {
        World::Here(arena, ..) => arena,
        World::Elsewhere(_, url) => return sent_on(&url, &parts),
    };
    answer(&server, &arena, &peer, || {
        let headers = handshake::accept(&parts)?;
        let subscription = subscribe(&server, &arena, &peer, &parts)?;
        upgrade(&slot, parts, headers, Endpoint::Feed(Arc::clone(&arena), subscription))
    })
}

/// Streams the feed to a subscriber.
pub(super) async fn feed_events(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    world: World,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let arena = match world {
        World::Here(arena, ..) => arena,
        World::Elsewhere(_, url) => return sent_on(&url, &parts),
    };
    answer(&server, &arena, &peer, || {
        let subscription = subscribe(&server, &arena, &peer, &parts)?;
        Ok(streaming::feed_events(subscription, slot.deadline, Arc::clone(&server)))
    })
}

/// Where the same request is answered: at another node.
fn sent_on(url: &str, parts: &Parts) -> Response<Body> {
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    rooms::redirect_to(&format!("{}{path}", url.trim_end_matches('/')))
}

/// The answer, or a refusal, which is counted for that arena.
fn answer(
    server: &ServerState,
    arena: &ArenaHandle,
    peer: &Peer,
    answer: impl FnOnce() -> Result<Response<Body>, Refusal>,
) -> Response<Body> {
    answer().unwrap_or_else(|refusal| refuse(server, arena, peer, &refusal))
}

fn subscribe(
    server: &Arc<ServerState>,
    arena: &Arc<ArenaHandle>,
    peer: &Peer,
    parts: &Parts,
) -> Result<Subscription, Refusal> {
    let topics = arena
        .feed
        .topics(parts.uri.query())
        .map_err(|unknown| Refusal::Topic { unknown, known: arena.feed.topic_names().join(",") })?;
    if server.is_closing() {
        return Err(Refusal::ShuttingDown);
    }
    let network = ClientNetwork::of(peer.client());
    arena.feed.subscribe(topics, network, Surroundings::of(server, arena)).ok_or(Refusal::Subscribers)
}

/// The response `101 Switching Protocols`. The task that owns the socket finds `endpoint` in `slot`.
pub(super) fn upgrade(
    slot: &SocketSlot,
    mut parts: Parts,
    headers: HeaderMap,
    endpoint: Endpoint,
) -> Result<Response<Body>, Refusal> {
    let on_upgrade = parts.extensions.remove().ok_or(Refusal::NotUpgradable)?;
    let peer: Peer = parts.extensions.remove().ok_or(Refusal::NotUpgradable)?;
    slot.put(Upgrade { on_upgrade, endpoint, peer });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = headers;
    Ok(response)
}
