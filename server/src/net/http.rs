//! What is at which address. Answers requests; must not know sockets, which the listener has, nor the game.

use std::sync::{Arc, Mutex, PoisonError, atomic::Ordering};

use axum::{
    Extension, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Response, StatusCode, header},
    middleware::map_response,
    routing::{any, get},
};
use hyper::upgrade::OnUpgrade;

use super::{
    Shared,
    error::HandshakeError,
    handshake,
    site::{come_back, secure, text},
};

/// How the handler of `/ws` hands the connection back to the task that owns it.
#[derive(Clone, Debug, Default)]
pub(super) struct Upgrade(Arc<Mutex<Option<OnUpgrade>>>);

impl Upgrade {
    fn put(&self, upgrade: OnUpgrade) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
    }

    /// What the handler has left here, if a WebSocket was asked for.
    pub(super) fn take(&self) -> Option<OnUpgrade> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// All addresses. Each request must bring an [`Upgrade`] among its extensions.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/ws", any(web_socket))
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
    } else if !shared.inbox.door().is_open() {
        text(StatusCode::SERVICE_UNAVAILABLE, "overloaded, nobody new is let in\n")
    } else if shared.ready.load(Ordering::Relaxed) {
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

async fn site(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    if path == "/" && !shared.inbox.door().is_open() {
        return come_back();
    }
    shared.site.answer(path, request.headers())
}

async fn web_socket(
    State(shared): State<Arc<Shared>>,
    Extension(slot): Extension<Upgrade>,
    request: Request,
) -> Response<Body> {
    switch(&shared, &slot, request).unwrap_or_else(|error| {
        shared.metrics.refused.with_label_values(&[error.label()]).inc();
        let mut response = text(error.status(), format!("{error}\n"));
        response.headers_mut().extend(handshake::refusal_headers(&error));
        response
    })
}

fn switch(shared: &Shared, slot: &Upgrade, request: Request) -> Result<Response<Body>, HandshakeError> {
    let (mut parts, _) = request.into_parts();
    let headers = handshake::accept(&parts)?;
    if *shared.stop.borrow() {
        return Err(HandshakeError::ShuttingDown);
    }
    if !shared.inbox.door().is_open() {
        return Err(HandshakeError::Overloaded);
    }
    let upgrade = parts.extensions.remove().ok_or(HandshakeError::NotUpgradable)?;
    slot.put(upgrade);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = headers;
    Ok(response)
}
