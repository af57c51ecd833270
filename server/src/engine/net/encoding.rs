//! The two encodings that a connection can speak, chosen in its handshake. Turns what the simulation sends, which is
//! always binary, into what the peer reads, in the connection's own task. Must not know what messages mean.

use shared::{
    engine::{
        limits::{CLIENT_JSON_BYTES_MAX, CLIENT_MESSAGE_BYTES_MAX},
        protocol::{
            ClientMessage, CloseReason, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON, decode_client,
            decode_client_json,
        },
    },
    game::protocol::{decode_server, encode_server_json},
};
use tokio_tungstenite::tungstenite::{Bytes, Message, protocol::frame::coding::Data};

use super::error::Ending;

/// How a connection writes the messages of the game.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Binary frames. For who asks for nothing.
    #[default]
    Bincode,
    /// Text frames.
    Json,
}

impl Encoding {
    /// Every encoding, the best first.
    pub(super) const ALL: [Self; 2] = [Self::Bincode, Self::Json];

    /// The name of the subprotocol (RFC 6455, section 1.9).
    pub(super) fn subprotocol(self) -> &'static str {
        match self {
            Self::Bincode => SUBPROTOCOL_BINCODE,
            Self::Json => SUBPROTOCOL_JSON,
        }
    }

    /// The encoding that this subprotocol stands for.
    pub(super) fn of_subprotocol(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.subprotocol() == name)
    }

    /// Largest message that a client may send.
    pub(super) fn client_bytes_max(self) -> usize {
        match self {
            Self::Bincode => CLIENT_MESSAGE_BYTES_MAX,
            Self::Json => CLIENT_JSON_BYTES_MAX,
        }
    }

    /// A message of the simulation's as this connection says it: the kind of frame and what is in it.
    pub(super) fn say(self, message: Bytes) -> (Data, Bytes) {
        match self {
            Self::Bincode => (Data::Binary, message),
            Self::Json => match decode_server(&message) {
                Ok(message) => (Data::Text, encode_server_json(&message).into()),
                Err(error) => {
                    // It was encoded by this very program.
                    tracing::error!(%error, "a message of our own cannot be read");
                    (Data::Text, Bytes::from_static(b"null"))
                }
            },
        }
    }

    /// What a data frame of the peer's says.
    pub(super) fn hear(self, frame: &Message) -> Result<ClientMessage, Ending> {
        let heard = match (self, frame) {
            (Self::Bincode, Message::Binary(bytes)) => decode_client(bytes),
            (Self::Json, Message::Text(text)) => decode_client_json(text),
            (Self::Bincode, _) => {
                return Err(Ending::fault(
                    CloseReason::UnsupportedData,
                    "this connection speaks binary frames only; for text, ask for the subprotocol emberdrift.json",
                ));
            }
            (Self::Json, _) => {
                return Err(Ending::fault(
                    CloseReason::UnsupportedData,
                    "this connection speaks text frames only; for binary, ask for the subprotocol emberdrift.bincode",
                ));
            }
        };
        heard.map_err(|error| Ending::fault(CloseReason::InvalidPayload, error))
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        engine::protocol::{encode_client, encode_client_json},
        game::protocol::{client_samples, encode_server, server_samples},
    };

    use super::*;

    #[test]
    fn what_is_said_in_one_encoding_is_what_is_said_in_the_other() {
        for (name, message) in server_samples() {
            let bytes = Bytes::from(encode_server(&message));
            assert_eq!(Encoding::Bincode.say(bytes.clone()), (Data::Binary, bytes.clone()));
            let (kind, text) = Encoding::Json.say(bytes);
            assert_eq!((kind, &text[..]), (Data::Text, encode_server_json(&message).as_bytes()), "{name}");
        }
        for (name, message) in client_samples() {
            let binary = Message::Binary(encode_client(&message).into());
            let text = Message::text(encode_client_json(&message));
            assert_eq!(Encoding::Bincode.hear(&binary).ok().as_ref(), Some(&message), "{name}");
            assert_eq!(Encoding::Json.hear(&text).ok().as_ref(), Some(&message), "{name}");
            for (encoding, frame) in [(Encoding::Bincode, &text), (Encoding::Json, &binary)] {
                let ending = encoding.hear(frame).expect_err("the wrong kind");
                assert_eq!(ending.reason(), Some(CloseReason::UnsupportedData));
            }
        }
    }
}
