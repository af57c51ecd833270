//! How a WebSocket ended: what to put into the close frame, count and log.

use shared::engine::protocol::{CLOSE_TEXT_BYTES_MAX, CloseReason};
use tokio_tungstenite::tungstenite::{Error as WsError, error::ProtocolError};

use crate::engine::{connection_state::Close, log::peer_text, net::limits::NETWORK_ADVICE};

/// How a WebSocket ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Disconnect {
    /// The server closes.
    #[error("closed: {}{}", .0.reason.text(), detail(.0))]
    ByServer(Close),
    /// The peer closed.
    #[error("the peer closed")]
    ByPeer,
    /// The connection was lost.
    #[error("the connection was lost: {0}")]
    Lost(WsError),
}

/// For the log: a detail can quote what the peer sent.
fn detail(close: &Close) -> String {
    close.detail.as_ref().map(|detail| format!(": {}", peer_text(detail))).unwrap_or_default()
}

impl From<Close> for Disconnect {
    fn from(close: Close) -> Self {
        Self::ByServer(close)
    }
}

impl From<CloseReason> for Disconnect {
    fn from(reason: CloseReason) -> Self {
        Self::ByServer(reason.into())
    }
}

impl Disconnect {
    /// Which reason to give a peer whose frames caused this error.
    pub(super) fn from_error(error: WsError) -> Self {
        let (reason, detail) = match error {
            WsError::Capacity(fault) => (CloseReason::MessageTooBig, fault.to_string()),
            WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return Self::Lost(error),
            WsError::Protocol(fault) => (CloseReason::ProtocolError, fault.to_string()),
            WsError::Utf8(_) => (CloseReason::InvalidPayload, "text that is not UTF-8".to_owned()),
            other => return Self::Lost(other),
        };
        Close::with_detail(reason, detail).into()
    }

    /// The code and the text of the close frame; `None` if there is none to send.
    pub(super) fn close_frame(&self) -> Option<(u16, &str)> {
        let Self::ByServer(Close { reason, detail, .. }) = self else {
            return None;
        };
        let text = detail.as_deref().unwrap_or(reason.text());
        Some((reason.code(), &text[..text.floor_char_boundary(CLOSE_TEXT_BYTES_MAX)]))
    }

    /// A short name for metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::ByServer(close) => close.label,
            Self::ByPeer => "peer",
            Self::Lost(_) => "error",
        }
    }

    /// Whether the peer did what our own clients never do, so that it is worth a warning.
    pub(super) fn is_misbehaviour(&self) -> bool {
        use CloseReason::{IdleTimeout, RateLimited, SlowReader, TooManyFromNetwork};
        let Self::ByServer(Close { reason, detail, .. }) = self else {
            return false;
        };
        detail.is_some() && *reason != CloseReason::Moved
            || matches!(reason, RateLimited | IdleTimeout | SlowReader | TooManyFromNetwork)
    }

    /// What the operator can do about it, for the log.
    pub(super) fn advice(&self) -> Option<&'static str> {
        match self {
            Self::ByServer(Close { reason: CloseReason::TooManyFromNetwork, .. }) => Some(NETWORK_ADVICE),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(detail: &str) -> String {
        let disconnect = Disconnect::from(Close::with_detail(CloseReason::InvalidPayload, detail));
        let (code, text) = disconnect.close_frame().expect("the server closes");
        assert_eq!(code, 1007);
        text.to_owned()
    }

    #[test]
    fn operator_learns_what_to_do_about_a_network_over_its_limits() {
        let disconnect = Disconnect::from(CloseReason::TooManyFromNetwork);
        assert!(disconnect.is_misbehaviour() && disconnect.advice().unwrap().contains("--max-per-network"));
        assert!(Disconnect::from(CloseReason::SlowReader).advice().is_none());
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(text_of(&"火".repeat(99)), "火".repeat(41));
    }

    #[test]
    fn control_characters_of_the_peer_are_replaced() {
        assert_eq!(text_of("unknown field `a\nb`"), "unknown field `a\u{fffd}b`");
    }
}
