//! The subprotocols that a game connection can choose in its handshake: bincode in binary frames, or JSON in text frames. The
//! simulation encodes in binary only; a JSON connection's own task translates.

use shared::engine::{
    limits::{CLIENT_JSON_BYTES_MAX, CLIENT_MESSAGE_BYTES_MAX},
    protocol::{CloseReason, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON},
};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::engine::{
    connection_state::Close,
    game_codec::{GameCodec, RawClientMessage},
};

/// How a connection encodes messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subprotocol {
    /// Binary frames. The default for a client that requests none.
    #[default]
    Bincode,
    /// Text frames.
    Json,
}

impl Subprotocol {
    const ALL: [Self; 2] = [Self::Bincode, Self::Json];

    /// The name in `Sec-WebSocket-Protocol` (RFC 6455, section 1.9).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bincode => SUBPROTOCOL_BINCODE,
            Self::Json => SUBPROTOCOL_JSON,
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subprotocol| subprotocol.name() == name)
    }

    /// Largest message that a client may send.
    pub(super) fn client_bytes_max(self) -> usize {
        match self {
            Self::Bincode => CLIENT_MESSAGE_BYTES_MAX,
            Self::Json => CLIENT_JSON_BYTES_MAX,
        }
    }

    /// Decodes a data frame from the client.
    pub(super) fn decode(self, frame: &Message, codec: &GameCodec) -> Result<RawClientMessage, Close> {
        match (self, frame) {
            (Self::Bincode, Message::Binary(bytes)) => codec.decode(bytes),
            (Self::Json, Message::Text(text)) => codec.decode_json(text),
            (Self::Bincode, _) => Err(wrong_frame("binary", "text", Self::Json)),
            (Self::Json, _) => Err(wrong_frame("text", "binary", Self::Bincode)),
        }
    }
}

fn wrong_frame(own: &str, other: &str, wanted: Subprotocol) -> Close {
    let name = wanted.name();
    let detail =
        format!("this connection takes {own} frames only; for {other} frames request the subprotocol {name}");
    Close::with_detail(CloseReason::UnsupportedData, detail)
}

/// A server message as the payload of a text frame.
pub(super) fn to_text(codec: &GameCodec, message: &[u8]) -> Bytes {
    match codec.to_json(message) {
        Ok(text) => text.into(),
        Err(error) => {
            // This process encoded it, so this is a bug of ours.
            tracing::error!(%error, "cannot translate a server message to JSON");
            Bytes::from_static(b"null")
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::testing::TestGame;

    use super::*;

    #[test]
    fn frame_of_the_wrong_type_is_refused_and_names_the_right_subprotocol() {
        let codec = GameCodec::of::<TestGame>();
        for (subprotocol, frame, name) in [
            (Subprotocol::Bincode, Message::text("{}"), SUBPROTOCOL_JSON),
            (Subprotocol::Json, Message::Binary(Bytes::new()), SUBPROTOCOL_BINCODE),
        ] {
            let close = subprotocol.decode(&frame, &codec).expect_err("the wrong type");
            assert_eq!(close.reason, CloseReason::UnsupportedData);
            assert!(close.detail.is_some_and(|detail| detail.ends_with(name)));
        }
    }
}
