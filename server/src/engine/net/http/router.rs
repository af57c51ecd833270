//! What is at which address.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, Response, StatusCode, Version, header},
    middleware::{Next, from_fn, from_fn_with_state},
    routing::{any, get, post},
};
use shared::engine::protocol::to_json;
use tokio::time::Instant;

use super::{
    handshake, records,
    redirect::{self, require_tls},
    refusal::{Refusal, refuse},
    response::{overloaded_page, text, with_security_headers},
    rooms,
    sockets::{feed_events, feed_socket, game_socket, upgrade},
    streaming::{self, Endpoint, SocketSlot},
};
use crate::engine::{
    metrics,
    net::{proxy::peer::Peer, state::ServerState},
};

/// Whether rooms can be made: `open`, or `none` if the server has no rooms, or all are taken.
const ROOMS: HeaderName = HeaderName::from_static("rooms");
/// Whether records of players are kept: `kept` or `none`.
const RECORDS: HeaderName = HeaderName::from_static("records");
/// What every address answers to.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
/// What the address at which rooms are made answers to.
const ROOM_METHODS: HeaderValue = HeaderValue::from_static("POST, OPTIONS");
/// What the address of a room answers to.
const ROOM_CODE_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, PATCH, OPTIONS");
/// What the address of a player's own records answers to.
const OWN_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, DELETE, OPTIONS");

/// All addresses. The extensions of each request must contain the socket's [`SocketSlot`].
pub(crate) fn router(server: Arc<ServerState>) -> Router {
    Router::new()
        .route("/ws", any(game_socket))
        .route("/ws/{arena}", any(game_socket))
        .route("/ws/room/{code}", any(game_socket))
        .route("/feed", any(feed_socket))
        .route("/feed/{arena}", any(feed_socket))
        .route("/feed/sse", get(feed_events))
        .route("/feed/{arena}/sse", get(feed_events))
        .route("/feed/room/{code}", any(feed_socket))
        .route("/feed/room/{code}/sse", get(feed_events))
        .route("/arenas", get(arenas))
        .route("/records", get(records::page))
        .route("/achievements", get(records::achievements))
        .route("/me", get(records::me).delete(records::delete_me))
        .route("/me/challenge", get(records::challenge))
        .route("/rooms", post(rooms::create))
        .route("/rooms/{code}", get(rooms::entry).patch(rooms::change))
        .route("/rooms/{code}/qr.svg", get(rooms::qr))
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
        .layer(from_fn_with_state(Arc::clone(&server), allow_nodes))
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
    matches!(path, "/arenas" | "/records" | "/achievements" | "/feed") || path.starts_with("/feed/")
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
    let path = request.uri().path();
    let methods = match path.strip_prefix("/rooms") {
        Some("") => ROOM_METHODS,
        Some(code) if !code.ends_with(".svg") => ROOM_CODE_METHODS,
        _ if path == "/me" => OWN_METHODS,
        _ => METHODS,
    };
    headers.insert(header::ALLOW, methods);
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

/// Lets pages of the cluster's other nodes use rooms of this one: a page stays where it is when its room moves.
async fn allow_nodes(State(server): State<Arc<ServerState>>, request: Request, next: Next) -> Response<Body> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let origin = origin.filter(|origin| {
        request.uri().path().starts_with("/rooms/")
            && origin.to_str().is_ok_and(|origin| server.access.is_of_node(origin))
    });
    let mut response = next.run(request).await;
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ROOM_CODE_METHODS);
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type"),
        );
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    response
}

/// The layer around all others, so that no answer is without security headers.
async fn secured(State(server): State<Arc<ServerState>>, request: Request, next: Next) -> Response<Body> {
    let is_for_tls_only = redirect::is_for_tls_only(&server, &request);
    with_security_headers(next.run(request).await, &server.access, is_for_tls_only)
}

/// The process is alive: it answers.
async fn healthz(State(server): State<Arc<ServerState>>) -> Response<Body> {
    let mut response = text(StatusCode::OK, "alive\n");
    if let Some(peers) = &server.peers {
        let (name, value) = peers.process();
        response.headers_mut().insert(name, value);
    }
    response
}

/// Whether a load balancer should send new players here.
async fn readyz(State(server): State<Arc<ServerState>>) -> Response<Body> {
    if server.is_stopping() || server.peers.as_ref().is_some_and(|peers| peers.is_leaving()) {
        text(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    } else if !server.arenas.is_any_open() {
        text(StatusCode::SERVICE_UNAVAILABLE, "overloaded: no new players are admitted\n")
    } else if !server.arenas.are_ready() {
        text(StatusCode::SERVICE_UNAVAILABLE, "the simulation does not tick\n")
    } else if server.records.as_ref().is_some_and(|records| records.counters.is_delayed()) {
        // Players can play: a load balancer that took this server out would only make it worse.
        text(StatusCode::OK, "ready\nrecords are delayed: the database takes none; the log says why\n")
    } else {
        text(StatusCode::OK, "ready\n")
    }
}

async fn metrics_page(State(server): State<Arc<ServerState>>) -> Response<Body> {
    let own = Arc::clone(&server);
    let make = move || {
        let rooms = own.rooms.as_ref().map(|rooms| rooms.telemetry());
        let records = own.records.iter().flat_map(|records| records.counters.figures());
        let cluster = own.peers.iter().flat_map(|peers| peers.figures());
        let figures: Vec<_> = records.chain(cluster).collect();
        metrics::page(own.arenas.telemetry(), rooms.as_ref(), &figures)
    };
    let page = server.metrics_page.get(make).await;
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
    let mut response = text(StatusCode::OK, to_json(&server.listed()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // So that the page offers no room that the server would refuse.
    let may_be_made = server.rooms.as_ref().is_some_and(|rooms| rooms.has_place())
        && server.peers.as_ref().is_none_or(|peers| peers.may_make_rooms());
    headers.insert(ROOMS, HeaderValue::from_static(if may_be_made { "open" } else { "none" }));
    let records = if server.records.is_some() { "kept" } else { "none" };
    headers.insert(RECORDS, HeaderValue::from_static(records));
    response
}

async fn site(State(server): State<Arc<ServerState>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    if path == "/" && !server.arenas.is_any_open() {
        return overloaded_page(&server.access);
    }
    server.site.response(path, request.headers())
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
