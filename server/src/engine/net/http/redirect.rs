//! Plain HTTP on a port that speaks TLS: pages are redirected to `https://`, WebSockets are refused with what to do, and health
//! checks are answered. Also tells browsers to use TLS from then on, for the domains of which the operator says so.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Response, StatusCode, header, request::Parts},
    middleware::Next,
};

use super::{
    access::TransportSecurity,
    handshake,
    refusal::{Refusal, refuse},
    response::text,
};
use crate::engine::net::{
    proxy::{forwarded, peer::Peer},
    state::ServerState,
};

/// What load balancers ask, by whatever protocol.
const HEALTH_CHECKS: [&str; 2] = ["/healthz", "/readyz"];

/// The layer around all addresses.
pub(super) async fn require_tls(
    State(server): State<Arc<ServerState>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let is_tls = request.extensions().get().is_some_and(|security: &TransportSecurity| security.is_tls);
    if server.tls.is_none() || is_tls {
        return next.run(request).await;
    }
    let is_forwarded = peer.is_trusted() && forwarded::has_tls(request.headers()) == Some(true);
    if is_forwarded || HEALTH_CHECKS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let (parts, _) = request.into_parts();
    redirect(&parts).unwrap_or_else(|refusal| refuse(&server, server.arenas.first(), &peer, &refusal))
}

/// Whether browsers may be told to use nothing but TLS for the host of this request: the one that it names, or, if it names none
/// or several, the one that its TLS handshake was for.
pub(super) fn is_for_tls_only(server: &ServerState, request: &Request) -> bool {
    let security = request.extensions().get().copied().unwrap_or(TransportSecurity::default());
    match handshake::single(request.headers(), &header::HOST) {
        Some(host) => security.is_tls && server.is_for_tls_only(host),
        None => security.is_for_tls_only,
    }
}

/// To the same address with `https://`, on the same port.
fn redirect(request: &Parts) -> Result<Response<Body>, Refusal> {
    if request.headers.contains_key(header::UPGRADE) {
        return Err(Refusal::NoTls);
    }
    let host = handshake::single(&request.headers, &header::HOST).ok_or(Refusal::Host)?;
    let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
    let location = HeaderValue::from_str(&format!("https://{host}{path}")).map_err(|_| Refusal::Host)?;
    let mut response = text(StatusCode::PERMANENT_REDIRECT, "this server speaks TLS: use https://\n");
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut builder = Request::builder().uri(uri);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn page_is_redirected_to_the_same_address_with_tls() {
        let response = redirect(&parts("/a/b?c=d", &[("host", "play.example:8443")])).expect("a redirect");
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(response.headers()["location"], "https://play.example:8443/a/b?c=d");
        assert_eq!(redirect(&parts("/", &[])).err(), Some(Refusal::Host));
    }

    #[test]
    fn websocket_is_refused_and_learns_the_scheme() {
        let refused = redirect(&parts("/ws", &[("host", "play.example"), ("upgrade", "websocket")])).err();
        assert_eq!(refused, Some(Refusal::NoTls));
        assert!(Refusal::NoTls.to_string().contains("wss://"));
    }
}
