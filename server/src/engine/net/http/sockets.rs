//! Requests for a WebSocket or an event stream: which arena or room they are for, and whether they are accepted.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, Response, StatusCode, request::Parts},
};

use super::{
    handshake,
    refusal::{Refusal, refuse},
    response::text,
    rooms,
    streaming::{self, Endpoint, SocketSlot, Upgrade},
};
use crate::engine::{
    client_network::ClientNetwork,
    net::{
        arenas::ArenaHandle,
        feed::Subscription,
        proxy::peer::Peer,
        rooms::{Entered, Presence},
        state::ServerState,
    },
};

/// The arena in an address, if there is one.
type ArenaPath = Option<Path<String>>;

pub(super) async fn game_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    path: ArenaPath,
    request: Request,
) -> Response<Body> {
    with_arena(&server, &peer, &path, |arena| game(&server, &slot, &peer, request, arena, None))
}

pub(super) async fn room_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
    request: Request,
) -> Response<Body> {
    with_room(&server, &peer, &code, |arena, presence| {
        game(&server, &slot, &peer, request, arena, Some(presence))
    })
    .await
}

/// Lets a client play or watch in an arena, or says to a page whether it would.
fn game(
    server: &ServerState,
    slot: &SocketSlot,
    peer: &Peer,
    request: Request,
    arena: &Arc<ArenaHandle>,
    presence: Option<Presence>,
) -> Result<Response<Body>, Refusal> {
    let (parts, _) = request.into_parts();
    let admit = || {
        if server.is_closing() {
            return Err(Refusal::ShuttingDown);
        }
        if arena.is_open() { Ok(()) } else { Err(Refusal::Overloaded) }
    };
    if let Some(page) = handshake::checked_page(&parts.uri) {
        // A page whose WebSocket was refused asks why: no browser tells it.
        handshake::check_version(parts.version)?;
        handshake::check_page(&page, &parts, &server.access, peer)?;
        return admit().map(|()| text(StatusCode::NO_CONTENT, Body::empty()));
    }
    let mut headers = handshake::accept(&parts)?;
    handshake::check_origin(&parts, &server.access, peer)?;
    let (subprotocol, chosen) = handshake::negotiate(&parts.headers)?;
    headers.extend(chosen);
    admit()?;
    upgrade(slot, parts, headers, Endpoint::Game(Arc::clone(arena), subprotocol, presence))
}

/// Pages of any origin may open the feed: it is public, and takes no messages.
pub(super) async fn feed_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    path: ArenaPath,
    request: Request,
) -> Response<Body> {
    with_arena(&server, &peer, &path, |arena| feed(&server, &slot, &peer, request, arena))
}

pub(super) async fn room_feed_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
    request: Request,
) -> Response<Body> {
    with_room(&server, &peer, &code, |arena, _| feed(&server, &slot, &peer, request, arena)).await
}

/// Accepts a subscriber's WebSocket.
fn feed(
    server: &ServerState,
    slot: &SocketSlot,
    peer: &Peer,
    request: Request,
    arena: &Arc<ArenaHandle>,
) -> Result<Response<Body>, Refusal> {
    let (parts, _) = request.into_parts();
    let headers = handshake::accept(&parts)?;
    let subscription = subscribe(server, arena, peer, &parts)?;
    upgrade(slot, parts, headers, Endpoint::Feed(Arc::clone(arena), subscription))
}

pub(super) async fn feed_events(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    path: ArenaPath,
    request: Request,
) -> Response<Body> {
    with_arena(&server, &peer, &path, |arena| events(&server, &slot, &peer, request, arena))
}

pub(super) async fn room_feed_events(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
    request: Request,
) -> Response<Body> {
    with_room(&server, &peer, &code, |arena, _| events(&server, &slot, &peer, request, arena)).await
}

/// Streams the feed to a subscriber.
fn events(
    server: &Arc<ServerState>,
    slot: &SocketSlot,
    peer: &Peer,
    request: Request,
    arena: &ArenaHandle,
) -> Result<Response<Body>, Refusal> {
    let (parts, _) = request.into_parts();
    let subscription = subscribe(server, arena, peer, &parts)?;
    Ok(streaming::feed_events(subscription, slot.deadline.clone(), Arc::clone(server)))
}

fn subscribe(
    server: &ServerState,
    arena: &ArenaHandle,
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
    arena.feed.subscribe(topics, network).ok_or(Refusal::Subscribers)
}

/// Answers for the arena in the address, or the first. A refusal is counted for that arena.
fn with_arena(
    server: &ServerState,
    peer: &Peer,
    path: &ArenaPath,
    answer: impl FnOnce(&Arc<ArenaHandle>) -> Result<Response<Body>, Refusal>,
) -> Response<Body> {
    let slug = path.as_ref().map(|Path(slug)| slug.as_str());
    match server.arenas.find(slug) {
        Some(arena) => answer(arena).unwrap_or_else(|refusal| refuse(server, arena, peer, &refusal)),
        None => {
            let unknown = slug.unwrap_or_default().to_owned();
            let known = server.arenas.slugs().join(", ");
            refuse(server, server.arenas.first(), peer, &Refusal::Arena { unknown, known })
        }
    }
}

/// Answers for the room with this code.
async fn with_room(
    server: &ServerState,
    peer: &Peer,
    code: &str,
    answer: impl FnOnce(&Arc<ArenaHandle>, Presence) -> Result<Response<Body>, Refusal>,
) -> Response<Body> {
    match rooms::enter(server, peer, code).await {
        Ok(Entered { arena, presence }) => {
            answer(&arena, presence).unwrap_or_else(|refusal| refuse(server, &arena, peer, &refusal))
        }
        Err(refusal) => refuse(server, server.arenas.first(), peer, &refusal),
    }
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
