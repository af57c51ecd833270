//! What is at which address. Answers requests; must not know sockets, which the listener has, nor the game.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header, request::Parts},
    middleware::map_response,
    routing::{any, get},
};
use hyper::upgrade::OnUpgrade;
use shared::engine::protocol::to_json;
use tokio::time::Instant;

use super::{
    ArenaHandle, Shared,
    encoding::Encoding,
    error::HandshakeError,
    feed::{self, Subscription, Topics},
    handshake,
    site::{come_back, secure, text},
};

/// What a connection becomes once its handshake is done.
#[derive(Debug)]
pub(super) enum Purpose {
    /// A player's or a spectator's.
    Game(Arc<ArenaHandle>, Encoding),
    /// One who watches from outside.
    Feed(Arc<ArenaHandle>, Subscription),
    /// A conformance test's.
    Echo,
}

/// How long an answer that does not end by itself may go on: for whoever owns the connection to look at, and for whoever
/// writes the answer to renew while it is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Lease(Arc<Mutex<Option<Instant>>>);

impl Lease {
    /// For so long from now.
    pub(super) fn renew(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + time);
    }

    /// Until when, if there is such an answer.
    pub(super) fn until(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the handler of a WebSocket hands the connection back to the task that owns it.
#[derive(Clone, Debug, Default)]
pub(super) struct Upgrade {
    slot: Arc<Mutex<Option<(OnUpgrade, Purpose)>>>,
    /// Of an answer on this connection that goes on.
    pub(super) lease: Lease,
}

impl Upgrade {
    fn put(&self, upgrade: OnUpgrade, purpose: Purpose) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, purpose));
    }

    /// What the handler has left here, if a WebSocket was asked for.
    pub(super) fn take(&self) -> Option<(OnUpgrade, Purpose)> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The arena that an address names, if it names one.
type Named = Option<Path<String>>;

/// All addresses. Each request must bring an [`Upgrade`] among its extensions.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/ws", any(web_socket))
        .route("/ws/{arena}", any(web_socket))
        .route("/feed", any(feed_socket))
        .route("/feed/{arena}", any(feed_socket))
        .route("/feed/sse", get(feed_events))
        .route("/feed/{arena}/sse", get(feed_events))
        .route("/arenas", get(arenas))
        .route("/echo", any(echo))
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback_service(get(site).with_state(Arc::clone(&shared)))
        .layer(map_response(async |response: Response<Body>| secure(response)))
        .with_state(shared)
}

/// The process is alive, or this would not be sent.
async fn healthy() -> Response<Body> {
    text(StatusCode::OK, "alive\n")
}

/// Whether new players should be sent here.
async fn ready(State(shared): State<Arc<Shared>>) -> Response<Body> {
    if *shared.stop.borrow() {
        text(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    } else if !shared.arenas.is_any_open() {
        text(StatusCode::SERVICE_UNAVAILABLE, "overloaded, nobody new is let in\n")
    } else if shared.arenas.are_ready() {
        text(StatusCode::OK, "ready\n")
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, "the simulation does not tick\n")
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response<Body> {
    let mut response = text(StatusCode::OK, shared.metrics.render());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    response
}

/// Which arenas there are to choose from.
async fn arenas(State(shared): State<Arc<Shared>>) -> Response<Body> {
    let mut response = text(StatusCode::OK, to_json(&shared.arenas.entries()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn site(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    if path == "/" && !shared.arenas.is_any_open() {
        return come_back();
    }
    shared.site.answer(path, request.headers())
}

async fn web_socket(
    State(shared): State<Arc<Shared>>,
    Extension(slot): Extension<Upgrade>,
    named: Named,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    at(&shared, &named, |arena| play(&shared, arena, &slot, parts))
}

/// The feed by WebSocket. It is for anybody's page: it says nothing that is not public, and nobody can act through it.
async fn feed_socket(
    State(shared): State<Arc<Shared>>,
    Extension(slot): Extension<Upgrade>,
    named: Named,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    at(&shared, &named, |arena| {
        let headers = handshake::accept(&parts)?;
        let subscription = subscribe(&shared, arena, &parts)?;
        switch(&slot, parts, headers, Purpose::Feed(Arc::clone(arena), subscription))
    })
}

/// The feed as Server-Sent Events.
async fn feed_events(
    State(shared): State<Arc<Shared>>,
    Extension(slot): Extension<Upgrade>,
    named: Named,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let mut response = at(&shared, &named, |arena| {
        let subscription = subscribe(&shared, arena, &parts)?;
        Ok(feed::sse::answer(subscription, slot.lease, Arc::clone(&shared)))
    });
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

fn subscribe(shared: &Shared, arena: &ArenaHandle, parts: &Parts) -> Result<Subscription, HandshakeError> {
    let topics = Topics::of_query(parts.uri.query())?;
    if *shared.stop.borrow() {
        return Err(HandshakeError::ShuttingDown);
    }
    arena.feed.subscribe(topics)
}

async fn echo(
    State(shared): State<Arc<Shared>>,
    Extension(slot): Extension<Upgrade>,
    request: Request,
) -> Response<Body> {
    if !shared.has_echo {
        return site(State(shared), request).await;
    }
    let (parts, _) = request.into_parts();
    let switched = handshake::accept(&parts).and_then(|headers| switch(&slot, parts, headers, Purpose::Echo));
    switched.unwrap_or_else(|error| refuse(shared.arenas.first(), &error))
}

/// Answers at the arena that is named, or the first; a refusal is counted there.
fn at(
    shared: &Shared,
    named: &Named,
    answer: impl FnOnce(&Arc<ArenaHandle>) -> Result<Response<Body>, HandshakeError>,
) -> Response<Body> {
    let slug = named.as_ref().map(|Path(slug)| slug.as_str());
    match shared.arenas.named(slug) {
        Ok(arena) => answer(arena).unwrap_or_else(|error| refuse(arena, &error)),
        Err(error) => refuse(shared.arenas.first(), &error),
    }
}

/// Turns a handshake down, in a line that says what to do about it.
fn refuse(arena: &ArenaHandle, error: &HandshakeError) -> Response<Body> {
    arena.admission.metrics.refused.with_label_values(&[error.label()]).inc();
    let mut response = text(error.status(), format!("{error}\n"));
    response.headers_mut().extend(handshake::refusal_headers(error));
    response
}

fn play(
    shared: &Shared,
    arena: &Arc<ArenaHandle>,
    slot: &Upgrade,
    parts: Parts,
) -> Result<Response<Body>, HandshakeError> {
    let mut headers = handshake::accept(&parts)?;
    handshake::check_origin(&parts.headers)?;
    let (encoding, chosen) = handshake::negotiate(&parts.headers)?;
    headers.extend(chosen);
    if *shared.stop.borrow() {
        return Err(HandshakeError::ShuttingDown);
    }
    if !arena.is_open() {
        return Err(HandshakeError::Overloaded);
    }
    switch(slot, parts, headers, Purpose::Game(Arc::clone(arena), encoding))
}

fn switch(
    slot: &Upgrade,
    mut parts: Parts,
    headers: HeaderMap,
    purpose: Purpose,
) -> Result<Response<Body>, HandshakeError> {
    let upgrade = parts.extensions.remove().ok_or(HandshakeError::NotUpgradable)?;
    slot.put(upgrade, purpose);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = headers;
    Ok(response)
}
