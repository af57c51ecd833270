//! What is at which address.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version, header, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    routing::{any, get},
};
use tokio::time::Instant;

use super::{
    handshake,
    redirect::{self, require_tls},
    refusal::{Refusal, refuse},
    response::{overloaded_page, text, with_security_headers},
    streaming::{self, Endpoint, SocketSlot, Upgrade},
};
use crate::engine::{
    client_network::ClientNetwork,
    metrics,
    net::{arenas::ArenaHandle, feed::Subscription, proxy::peer::Peer, state::ServerState},
};

/// The arena in an address, if there is one.
type ArenaPath = Option<Path<String>>;

/// What every address answers to.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// All addresses. The extensions of each request must contain the socket's [`SocketSlot`].
pub(crate) fn router(server: Arc<ServerState>) -> Router {
    Router::new()
        .route("/ws", any(game_socket))
        .route("/ws/{arena}", any(game_socket))
        .route("/feed", any(feed_socket))
        .route("/feed/{arena}", any(feed_socket))
        .route("/feed/sse", get(feed_events))
        .route("/feed/{arena}/sse", get(feed_events))
        .route("/arenas", get(arenas))
        .route("/echo", any(echo_socket))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_page))
        .fallback_service(get(site).with_state(Arc::clone(&server)))
        .layer(from_fn_with_state(Arc::clone(&server), require_tls))
        .layer(from_fn_with_state(Arc::clone(&server), require_host))
        .layer(from_fn(answer_options))
        .layer(from_fn_with_state(Arc::clone(&server), require_share))
        .layer(from_fn_with_state(Arc::clone(&server), require_rate))
        .layer(from_fn(allow_any_origin))
        .layer(from_fn_with_state(Arc::clone(&server), secured))
        .with_state(server)
}

/// Refuses requests that name no host or several (RFC 9112, section 3.2): a proxy on the way may have gone by another one.
async fn require_host(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts == 1 || hosts == 0 && request.version() == Version::HTTP_10 {
        next.run(request).await
    } else {
        refuse(&server, server.arenas.first(), &peer, &Refusal::Host)
    }
}

/// Refuses requests of a network that sends too many, and closes its socket. A trusted proxy's socket, which has requests of
/// others too, stays open.
async fn require_rate(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response<Body> {
    if server.requests.take(peer.network_of_request(), Instant::now().into_std()) {
        return next.run(request).await;
    }
    let mut response = refuse(&server, server.arenas.first(), &peer, &Refusal::TooManyRequests);
    if !peer.is_trusted() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Refuses requests of clients behind a proxy whose network has too many sockets, so that they do not take all that the proxy has.
async fn require_share(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response<Body> {
    if slot.count_for(&peer, &server.sockets) {
        next.run(request).await
    } else {
        refuse(&server, server.arenas.first(), &peer, &Refusal::TooManyFromNetwork)
    }
}

/// Whether pages of any origin may read what is at this path.
fn is_public(path: &str) -> bool {
    path == "/arenas" || path == "/feed" || path.starts_with("/feed/")
}

/// Answers OPTIONS at every address: load balancers check with it, also without a host and without TLS, and browsers ask with it
/// whether a page of another origin may read.
async fn answer_options(request: Request, next: Next) -> Response<Body> {
    if request.method() != Method::OPTIONS {
        return next.run(request).await;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, METHODS);
    if is_public(request.uri().path()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    response
}

/// Lets pages of any origin read what is public, and also why they do not get it.
async fn allow_any_origin(request: Request, next: Next) -> Response<Body> {
    let is_public = is_public(request.uri().path());
    let mut response = next.run(request).await;
    if is_public {
        streaming::allow_any_origin(response.headers_mut());
    }
    response
}

/// The layer around all others, so that no answer is without security headers.
async fn secured(State(server): State<Arc<ServerState>>, request: Request, next: Next) -> Response<Body> {
    let is_for_tls_only = redirect::is_for_tls_only(&server, &request);
    with_security_headers(next.run(request).await, &server.access, is_for_tls_only)
}

/// The process is alive: it answers.
async fn healthz() -> Response<Body> {
    text(StatusCode::OK, "alive\n")
}

/// Whether a load balancer should send new players here.
async fn readyz(State(server): State<Arc<ServerState>>) -> Response<Body> {
    if server.is_stopping() {
        text(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    } else if !server.arenas.is_any_open() {
        text(StatusCode::SERVICE_UNAVAILABLE, "overloaded: no new players are admitted\n")
    } else if server.arenas.are_ready() {
        text(StatusCode::OK, "ready\n")
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, "the simulation does not tick\n")
    }
}

async fn metrics_page(State(server): State<Arc<ServerState>>) -> Response<Body> {
    let own = Arc::clone(&server);
    let page = server.metrics_page.get(move || metrics::page(own.arenas.telemetry())).await;
    let Some(page) = page else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be read; the log says why\n");
    };
    let mut response = text(StatusCode::OK, page);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    response
}

async fn arenas(State(server): State<Arc<ServerState>>) -> Response<Body> {
    let mut response = text(StatusCode::OK, server.arenas.to_json());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn site(State(server): State<Arc<ServerState>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    if path == "/" && !server.arenas.is_any_open() {
        return overloaded_page(&server.access);
    }
    server.site.response(path, request.headers())
}

async fn game_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    path: ArenaPath,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let admit = |arena: &ArenaHandle| {
        if server.is_closing() {
            return Err(Refusal::ShuttingDown);
        }
        if arena.is_open() { Ok(()) } else { Err(Refusal::Overloaded) }
    };
    with_arena(&server, &peer, &path, |arena| {
        if let Some(page) = handshake::checked_page(&parts.uri) {
            // A page whose WebSocket was refused asks why: no browser tells it.
            handshake::check_version(parts.version)?;
            handshake::check_page(&page, &parts, &server.access, &peer)?;
            return admit(arena).map(|()| text(StatusCode::NO_CONTENT, Body::empty()));
        }
        let mut headers = handshake::accept(&parts)?;
        handshake::check_origin(&parts, &server.access, &peer)?;
        let (subprotocol, chosen) = handshake::negotiate(&parts.headers)?;
        headers.extend(chosen);
        admit(arena)?;
        upgrade(&slot, parts, headers, Endpoint::Game(Arc::clone(arena), subprotocol))
    })
}

/// Pages of any origin may open the feed: it is public, and takes no messages.
async fn feed_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    path: ArenaPath,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    with_arena(&server, &peer, &path, |arena| {
        let headers = handshake::accept(&parts)?;
        let subscription = subscribe(&server, arena, &peer, &parts)?;
        upgrade(&slot, parts, headers, Endpoint::Feed(Arc::clone(arena), subscription))
    })
}

async fn feed_events(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    path: ArenaPath,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    with_arena(&server, &peer, &path, |arena| {
        let subscription = subscribe(&server, arena, &peer, &parts)?;
        Ok(streaming::feed_events(subscription, slot.deadline, Arc::clone(&server)))
    })
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

async fn echo_socket(
    State(server): State<Arc<ServerState>>,
    Extension(slot): Extension<SocketSlot>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response<Body> {
    if !server.has_echo {
        return site(State(server), request).await;
    }
    let (parts, _) = request.into_parts();
    handshake::accept(&parts)
        .and_then(|headers| upgrade(&slot, parts, headers, Endpoint::Echo))
        .unwrap_or_else(|refusal| refuse(&server, server.arenas.first(), &peer, &refusal))
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

/// The response `101 Switching Protocols`. The task that owns the socket finds `endpoint` in `slot`.
fn upgrade(
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
