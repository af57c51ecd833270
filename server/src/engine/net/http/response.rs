//! Responses that are not files: short texts, the page for an overloaded server, and refusals, whose status, headers and text tell
//! the client's author what to do. Also the security headers of all responses.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use shared::engine::protocol::{SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON};

use super::access::Access;
use crate::engine::net::{
    arenas::ArenaHandle,
    feed::{SUBSCRIBERS_MAX, SUBSCRIBERS_PER_NETWORK},
};

/// After how long a client that was refused for overload should retry: the load shedder takes some seconds a level.
pub(super) const RETRY_AFTER_SECONDS: u32 = 10;

/// What to do about a handshake that has lost its upgrade on the way.
const LOST_UPGRADE: &str = "a proxy on the way must forward the upgrade, in nginx with `proxy_http_version 1.1; \
     proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";`";

/// Adds the security headers that every response has.
pub(super) fn with_security_headers(mut response: Response<Body>, access: &Access) -> Response<Body> {
    const HEADERS: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| access.policy.clone());
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
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

/// The response for a refusal, which is counted for that arena.
pub(super) fn refuse(arena: &ArenaHandle, refusal: &Refusal) -> Response<Body> {
    arena.admission.telemetry.refused.get(refusal.label()).inc();
    let mut response = text(refusal.status(), format!("{refusal}\n"));
    response.headers_mut().extend(refusal.headers());
    response
}

/// The page that a visitor sees instead of the game while the server is overloaded. It reloads by itself.
pub(super) fn overloaded_page(access: &Access) -> Response<Body> {
    const PAGE: &str = include_str!("overloaded.html");
    let page = PAGE.replace("{seconds}", &RETRY_AFTER_SECONDS.to_string());
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    headers.insert(header::CONTENT_SECURITY_POLICY, access.overloaded_policy.clone());
    response
}

/// Why a request for a WebSocket or for the feed is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumIter))]
pub(super) enum Refusal {
    #[error("a WebSocket handshake is a GET request")]
    Method,
    #[error("a WebSocket handshake needs HTTP/1.1; {LOST_UPGRADE}")]
    HttpVersion,
    #[error("this address is a WebSocket: send the header `Upgrade: websocket`; {LOST_UPGRADE}")]
    NoUpgrade,
    #[error("send the header `Connection: Upgrade`; {LOST_UPGRADE}")]
    NoConnectionUpgrade,
    #[error("this server supports WebSocket version 13: send `Sec-WebSocket-Version: 13`")]
    WebSocketVersion,
    #[error("a WebSocket handshake has no body")]
    Body,
    #[error("send `Sec-WebSocket-Key` once: 16 random bytes in base64")]
    Key,
    #[error(
        "unknown subprotocols {0:?}: send `Sec-WebSocket-Protocol: {SUBPROTOCOL_BINCODE}` (binary frames; also the \
         default without the header) or `{SUBPROTOCOL_JSON}` (text frames)"
    )]
    Subprotocol(String),
    #[error("unknown topic {unknown:?}: the topics are {known}, as in ?topics={known}")]
    Topic { unknown: String, known: String },
    #[error(
        "the feed has no room: it takes {SUBSCRIBERS_MAX} subscribers, {SUBSCRIBERS_PER_NETWORK} of one network; close one \
         or retry later"
    )]
    Subscribers,
    #[error("too many connections from your network; close some of them")]
    TooManyFromNetwork,
    #[error("this server speaks TLS: connect to wss:// and not to ws://")]
    NoTls,
    #[error("send the header `Host` once")]
    Host,
    #[error(
        "the page's origin {origin:?} is not this server's ({own}): if players reach the server there, start it with \
         --public-url {origin} {or}; if it is another site's page, with --allow-origin {origin}"
    )]
    Origin { origin: String, own: String, or: &'static str },
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
            Self::HttpVersion | Self::NoUpgrade | Self::NoConnectionUpgrade | Self::WebSocketVersion => {
                StatusCode::UPGRADE_REQUIRED
            }
            Self::Body | Self::Key | Self::Subprotocol(_) | Self::Topic { .. } | Self::Host => {
                StatusCode::BAD_REQUEST
            }
            Self::NoTls | Self::Origin { .. } => StatusCode::FORBIDDEN,
            Self::Arena { .. } => StatusCode::NOT_FOUND,
            Self::TooManyFromNetwork => StatusCode::TOO_MANY_REQUESTS,
            Self::NotUpgradable => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ShuttingDown | Self::Overloaded | Self::Subscribers => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether only the server's operator can mend it: a page is not admitted, or a proxy loses the upgrade.
    pub(super) fn is_for_operator(&self) -> bool {
        matches!(self, Self::Origin { .. } | Self::HttpVersion | Self::NoUpgrade | Self::NoConnectionUpgrade)
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
            Self::Body => "body",
            Self::Key => "key",
            Self::Subprotocol(_) => "subprotocol",
            Self::Topic { .. } => "topic",
            Self::Subscribers => "subscribers",
            Self::TooManyFromNetwork => "network",
            Self::NoTls => "no_tls",
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
    fn lost_upgrade_names_the_lines_that_a_proxy_needs() {
        for refusal in [Refusal::HttpVersion, Refusal::NoUpgrade, Refusal::NoConnectionUpgrade] {
            assert_eq!(refusal.status(), StatusCode::UPGRADE_REQUIRED);
            let text = refusal.to_string();
            for part in ["proxy_http_version 1.1", "Upgrade $http_upgrade", "Connection \"upgrade\""] {
                assert!(text.contains(part), "{refusal:?}: {text}");
            }
        }
    }

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
