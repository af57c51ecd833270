//! Responses that are not files: short texts, the page for an overloaded server, and refusals, whose status, headers and text tell
//! the client's author what to do. Also the security headers of all responses.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use shared::engine::protocol::{SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON};

use crate::engine::net::feed::SUBSCRIBERS_MAX;

/// After how long a client that was refused for overload should retry: the load shedder takes some seconds a level.
pub(super) const RETRY_AFTER_SECONDS: u32 = 10;

/// Browsers may load and run only what this server serves. In `connect-src`, `'self'` covers the WebSocket of the same host.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds the security headers that every response has.
pub(super) fn with_security_headers(mut response: Response<Body>) -> Response<Body> {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A short plain-text response.
pub(super) fn text(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The page that a visitor sees instead of the game while the server is overloaded. It reloads by itself.
pub(super) fn overloaded_page() -> Response<Body> {
    const PAGE: &str = include_str!("overloaded.html");
    let page = PAGE.replace("{seconds}", &RETRY_AFTER_SECONDS.to_string());
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    // The style is inline, so that the page costs the server one request.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// Why a request for a WebSocket or for the feed is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumIter))]
pub(super) enum Refusal {
    #[error("a WebSocket handshake is a GET request")]
    Method,
    #[error("a WebSocket handshake needs HTTP/1.1")]
    HttpVersion,
    #[error("this address is a WebSocket: send the header `Upgrade: websocket`")]
    NoUpgrade,
    #[error("send the header `Connection: Upgrade`")]
    NoConnectionUpgrade,
    #[error("this server supports WebSocket version 13: send `Sec-WebSocket-Version: 13`")]
    WebSocketVersion,
    #[error("send `Sec-WebSocket-Key` once: 16 random bytes in base64")]
    Key,
    #[error(
        "unknown subprotocols {0:?}: send `Sec-WebSocket-Protocol: {SUBPROTOCOL_BINCODE}` (binary frames; also the \
         default without the header) or `{SUBPROTOCOL_JSON}` (text frames)"
    )]
    Subprotocol(String),
    #[error("unknown topic {unknown:?}: the topics are {known}, as in ?topics={known}")]
    Topic { unknown: String, known: String },
    #[error("the feed has {SUBSCRIBERS_MAX} subscribers, which is the limit; retry later")]
    Subscribers,
    #[error("send the header `Host` once")]
    Host,
    #[error(
        "the page's origin {origin:?} is not this server ({host:?}); a proxy must pass the Host header through"
    )]
    Origin { origin: String, host: String },
    #[error("there is no arena {unknown:?}; the arenas are {known}, and the first is the default")]
    Arena { unknown: String, known: String },
    #[error("this connection cannot be upgraded")]
    NotUpgradable,
    #[error("the server is shutting down")]
    ShuttingDown,
    #[error("the server is overloaded; retry in {RETRY_AFTER_SECONDS} s")]
    Overloaded,
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::HttpVersion => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::NoUpgrade | Self::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Self::NoConnectionUpgrade
            | Self::Key
            | Self::Subprotocol(_)
            | Self::Topic { .. }
            | Self::Host => StatusCode::BAD_REQUEST,
            Self::Origin { .. } => StatusCode::FORBIDDEN,
            Self::Arena { .. } => StatusCode::NOT_FOUND,
            Self::NotUpgradable => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ShuttingDown | Self::Overloaded | Self::Subscribers => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What a client can use to do better.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self.status() {
            StatusCode::UPGRADE_REQUIRED => {
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            }
            _ => {}
        }
        headers
    }

    /// A short name for metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::HttpVersion => "http_version",
            Self::NoUpgrade => "no_upgrade",
            Self::NoConnectionUpgrade => "no_connection_upgrade",
            Self::WebSocketVersion => "websocket_version",
            Self::Key => "key",
            Self::Subprotocol(_) => "subprotocol",
            Self::Topic { .. } => "topic",
            Self::Subscribers => "subscribers",
            Self::Host => "host",
            Self::Origin { .. } => "origin",
            Self::Arena { .. } => "arena",
            Self::NotUpgradable => "not_upgradable",
            Self::ShuttingDown => "shutting_down",
            Self::Overloaded => "overloaded",
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;
    use crate::engine::telemetry::Telemetry;

    #[test]
    fn every_refusal_has_its_own_counter() {
        let telemetry = Telemetry::new(&[]);
        // An unknown label is an assertion of its own.
        Refusal::iter().for_each(|refusal| telemetry.refused.get(refusal.label()).inc());
        for refusal in Refusal::iter() {
            assert_eq!(telemetry.refused.get(refusal.label()).get(), 1, "{refusal:?}");
        }
    }

    #[test]
    fn every_refusal_has_an_error_status_and_a_text() {
        for refusal in Refusal::iter() {
            let status = refusal.status();
            assert!(status.is_client_error() || status.is_server_error(), "{refusal:?}");
            assert!(!refusal.to_string().is_empty(), "{refusal:?}");
        }
    }
}
