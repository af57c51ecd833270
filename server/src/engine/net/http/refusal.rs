//! Why a request for a WebSocket or for the feed is refused: status, headers, and a text that tells the client's author what
//! to do.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use shared::engine::protocol::{SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON};

use crate::engine::net::feed::SUBSCRIBERS_MAX;

/// After how long a client that was refused for overload should retry: the load shedder takes some seconds a level.
pub(super) const RETRY_AFTER_SECONDS: u32 = 10;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
