//! What can go wrong on the network side: where to listen, how a handshake can fail, how a WebSocket ends.
//! Every text tells its reader what to do.

use std::{fmt::Display, io, net::SocketAddr};

use axum::http::StatusCode;
use shared::engine::protocol::{CLOSE_TEXT_BYTES_MAX, CloseReason};
use tokio_tungstenite::tungstenite::{Error as WsError, error::ProtocolError};

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error(
        "cannot listen on {0}: the port is in use; end the other program or choose another port with --listen"
    )]
    InUse(SocketAddr),
    /// Ports below 1024 are for the administrator.
    #[error("cannot listen on {0}: not permitted; choose a port above 1023 with --listen")]
    NotPermitted(SocketAddr),
    /// The address is not one of this machine's.
    #[error(
        "cannot listen on {0}: this machine has no such address; use --listen 0.0.0.0:{port} for all of its addresses",
        port = .0.port()
    )]
    NoSuchAddress(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Other(SocketAddr, io::Error),
}

impl ListenError {
    pub(super) fn new(address: SocketAddr, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::InUse(address),
            io::ErrorKind::PermissionDenied => Self::NotPermitted(address),
            io::ErrorKind::AddrNotAvailable => Self::NoSuchAddress(address),
            _ => Self::Other(address, error),
        }
    }
}

/// When those who are turned away for overload should ask again: the load_shedder takes some seconds a step.
pub(super) const RETRY_AFTER_SECONDS: u32 = 10;

/// Subscribers of the feed that there is room for.
pub(super) const SUBSCRIBERS_MAX: usize = 128;

/// Why a request for a WebSocket, or for the feed, is turned down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HandshakeError {
    #[error("a WebSocket is asked for with GET")]
    Method,
    #[error("a WebSocket needs HTTP/1.1")]
    HttpVersion,
    #[error("this address speaks WebSocket only: send the header `Upgrade: websocket`")]
    NoUpgrade,
    #[error("send the header `Connection: Upgrade`")]
    NoConnectionUpgrade,
    #[error("this server speaks WebSocket version 13: send `Sec-WebSocket-Version: 13`")]
    WebSocketVersion,
    #[error("send `Sec-WebSocket-Key` once: 16 random bytes in base64")]
    Key,
    #[error(
        "none of the subprotocols {0:?} is spoken here: send `Sec-WebSocket-Protocol: emberdrift.bincode` (binary \
         frames, also without the header) or `emberdrift.json` (text frames)"
    )]
    Subprotocol(String),
    #[error(
        "there is no topic {0:?}: ask for some of scores, events and health, as in ?topics=scores,health"
    )]
    Topic(String),
    #[error("the feed has {SUBSCRIBERS_MAX} subscribers, and room for no more: come back later")]
    Subscribers,
    #[error("send the header `Host` once")]
    Host,
    #[error(
        "the page's origin {origin:?} is not this server ({host:?}); behind a proxy, let it pass the Host header on"
    )]
    Origin { origin: String, host: String },
    #[error("there is no arena {wanted:?} here: ask for one of {known}, or leave it out")]
    Arena { wanted: String, known: String },
    #[error("this connection cannot be upgraded")]
    NotUpgradable,
    #[error("the server is shutting down")]
    ShuttingDown,
    #[error("the server has all it can do: come back in {RETRY_AFTER_SECONDS} seconds")]
    Overloaded,
}

impl HandshakeError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::HttpVersion => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::NoUpgrade | Self::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Self::NoConnectionUpgrade | Self::Key | Self::Subprotocol(_) | Self::Topic(_) | Self::Host => {
                StatusCode::BAD_REQUEST
            }
            Self::Origin { .. } => StatusCode::FORBIDDEN,
            Self::Arena { .. } => StatusCode::NOT_FOUND,
            Self::NotUpgradable => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ShuttingDown | Self::Overloaded | Self::Subscribers => StatusCode::SERVICE_UNAVAILABLE,
        }
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
            Self::Topic(_) => "topic",
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

/// How a WebSocket ends.
#[derive(Debug, thiserror::Error)]
pub enum Ending {
    /// We hang up.
    #[error("closed: {}", .0.text())]
    Ours(CloseReason),
    /// We hang up, and can say more of why.
    #[error("closed: {}: {detail}", .reason.text())]
    Fault {
        /// Why.
        reason: CloseReason,
        /// What was wrong, for whoever writes the client.
        detail: Box<str>,
    },
    /// The peer said goodbye.
    #[error("the peer closed")]
    Peer,
    /// The stream broke.
    #[error("the connection broke: {0}")]
    Broken(WsError),
}

impl Ending {
    /// The peer's fault.
    pub(super) fn fault(reason: CloseReason, detail: impl Display) -> Self {
        // It may quote the peer, whose line breaks are not to look like lines of ours in the log.
        let detail = detail.to_string().replace(char::is_control, "\u{fffd}");
        Self::Fault { reason, detail: detail.into() }
    }

    /// What an error of the WebSocket means for the peer that caused it.
    pub(super) fn from_error(error: WsError) -> Self {
        match error {
            WsError::Capacity(fault) => Self::fault(CloseReason::MessageTooBig, fault),
            WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Broken(error),
            WsError::Protocol(fault) => Self::fault(CloseReason::ProtocolError, fault),
            WsError::Utf8(_) => Self::fault(CloseReason::InvalidPayload, "text that is not UTF-8"),
            other => Self::Broken(other),
        }
    }

    /// The reason to give in a close frame, if one can be sent at all.
    pub fn reason(&self) -> Option<CloseReason> {
        match self {
            Self::Ours(reason) | Self::Fault { reason, .. } => Some(*reason),
            Self::Peer | Self::Broken(_) => None,
        }
    }

    /// What goes into the close frame beside the code: as much of it as there is room for.
    pub(super) fn text(&self) -> &str {
        let whole = match self {
            Self::Ours(reason) => reason.text(),
            Self::Fault { detail, .. } => detail,
            Self::Peer | Self::Broken(_) => "",
        };
        &whole[..whole.floor_char_boundary(CLOSE_TEXT_BYTES_MAX)]
    }

    /// A short name for metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Ours(reason) | Self::Fault { reason, .. } => reason.label(),
            Self::Peer => "peer",
            Self::Broken(_) => "error",
        }
    }

    /// Whether the peer did what no client of ours does.
    pub(super) fn is_misbehaviour(&self) -> bool {
        match self {
            Self::Fault { .. } => true,
            Self::Ours(reason) => {
                matches!(
                    reason,
                    CloseReason::RateLimited | CloseReason::IdleTimeout | CloseReason::SlowReader
                )
            }
            Self::Peer | Self::Broken(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let ending = Ending::fault(CloseReason::InvalidPayload, "火".repeat(99));
        assert_eq!(ending.text(), "火".repeat(41));
        let quoting = Ending::fault(CloseReason::InvalidPayload, "unknown field `a\nb`");
        assert_eq!(quoting.text(), "unknown field `a\u{fffd}b`");
    }
}
