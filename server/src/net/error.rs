//! What can go wrong on the network side: where to listen, how a handshake can fail, how a WebSocket ends.
//! Every text tells its reader what to do.

use std::{io, net::SocketAddr};

use axum::http::StatusCode;
use shared::protocol::CloseReason;
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

/// When those who are turned away for overload should ask again: the ladder takes some seconds a step.
pub(super) const RETRY_AFTER_SECONDS: u32 = 10;

/// Why a request for a WebSocket is turned down.
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
    #[error("send the header `Host` once")]
    Host,
    #[error(
        "the page's origin {origin:?} is not this server ({host:?}); behind a proxy, let it pass the Host header on"
    )]
    Origin { origin: String, host: String },
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
            Self::NoConnectionUpgrade | Self::Key | Self::Host => StatusCode::BAD_REQUEST,
            Self::Origin { .. } => StatusCode::FORBIDDEN,
            Self::NotUpgradable => StatusCode::INTERNAL_SERVER_ERROR,
            Self::ShuttingDown | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
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
            Self::Host => "host",
            Self::Origin { .. } => "origin",
            Self::NotUpgradable => "not_upgradable",
            Self::ShuttingDown => "shutting_down",
            Self::Overloaded => "overloaded",
        }
    }
}

/// How a WebSocket ends.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ending {
    /// We hang up.
    #[error("closed: {}", .0.text())]
    Ours(CloseReason),
    /// The peer said goodbye.
    #[error("the peer closed")]
    Peer,
    /// The stream broke.
    #[error("the connection broke: {0}")]
    Broken(WsError),
}

impl Ending {
    /// What an error of the WebSocket means for the peer that caused it.
    pub(super) fn from_error(error: WsError) -> Self {
        match error {
            WsError::Capacity(_) => Self::Ours(CloseReason::TooLong),
            WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Broken(error),
            WsError::Protocol(_) | WsError::Utf8(_) => Self::Ours(CloseReason::BadMessage),
            other => Self::Broken(other),
        }
    }

    /// The reason to give in a close frame, if one can be sent at all.
    pub(super) fn reason(&self) -> Option<CloseReason> {
        match self {
            Self::Ours(reason) => Some(*reason),
            Self::Peer | Self::Broken(_) => None,
        }
    }

    /// A short name for metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Ours(reason) => reason.label(),
            Self::Peer => "peer",
            Self::Broken(_) => "error",
        }
    }

    /// Whether the peer did what no client of ours does.
    pub(super) fn is_misbehaviour(&self) -> bool {
        matches!(
            self,
            Self::Ours(
                CloseReason::BadMessage
                    | CloseReason::TextFrame
                    | CloseReason::TooLong
                    | CloseReason::TooMany
                    | CloseReason::Silent
                    | CloseReason::TooSlow
            )
        )
    }
}
