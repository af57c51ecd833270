//! The subprotocols that a game connection can choose in its handshake: bincode in binary frames, or JSON in text frames. The
//! simulation encodes in binary only; a JSON connection's own task translates.

use std::fmt::Display;

use shared::engine::{
    limits::{CLIENT_JSON_BYTES_MAX, CLIENT_MESSAGE_BYTES_MAX},
    protocol::{
        ClientMessage, CloseReason, DecodeError, PROTOCOL_VERSION, ProtocolVersion, SUBPROTOCOL_BINCODE,
        SUBPROTOCOL_JSON, decode_client, decode_client_json, hello_version, hello_version_json,
    },
};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::engine::connection_state::Close;

/// Translates an encoded server message to JSON. The game provides it: the engine does not know its messages.
pub type MessageToJson = fn(&[u8]) -> Result<String, DecodeError>;

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
    pub(super) fn decode(self, frame: &Message) -> Result<ClientMessage, Close> {
        let decoded = match (self, frame) {
            (Self::Bincode, Message::Binary(bytes)) => decode_client(bytes),
            (Self::Json, Message::Text(text)) => decode_client_json(text),
            (Self::Bincode, _) => return Err(wrong_frame("binary", "text", Self::Json)),
            (Self::Json, _) => return Err(wrong_frame("text", "binary", Self::Bincode)),
        };
        decoded.map_err(|error| match self.hello_version(frame) {
            // A client of another version, whose `Hello` has other fields than ours.
            Some(version) if version.0 != PROTOCOL_VERSION => CloseReason::VersionMismatch.into(),
            _ => invalid_payload(&error),
        })
    }

    fn hello_version(self, frame: &Message) -> Option<ProtocolVersion> {
        match (self, frame) {
            (Self::Bincode, Message::Binary(bytes)) => hello_version(bytes),
            (Self::Json, Message::Text(text)) => hello_version_json(text),
            _ => None,
        }
    }
}

/// The reason says already that it is not a message of this protocol.
fn invalid_payload(error: &DecodeError) -> Close {
    let detail: &dyn Display = if let DecodeError::Malformed(why) = error { why } else { error };
    Close::with_detail(CloseReason::InvalidPayload, detail)
}

fn wrong_frame(own: &str, other: &str, wanted: Subprotocol) -> Close {
    let name = wanted.name();
    let detail =
        format!("this connection takes {own} frames only; for {other} frames request the subprotocol {name}");
    Close::with_detail(CloseReason::UnsupportedData, detail)
}

/// A server message as the payload of a text frame.
pub(super) fn to_text(to_json: MessageToJson, message: &[u8]) -> Bytes {
    match to_json(message) {
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
    use shared::engine::protocol::{Hello, encode_client, encode_client_json};

    use super::*;

    #[test]
    fn both_subprotocols_decode_the_same_message() {
        let message = ClientMessage::Hello(Hello { name: "Ada".into(), ..Hello::default() });
        let binary = Message::Binary(encode_client(&message).into());
        let text = Message::text(encode_client_json(&message));
        assert_eq!(Subprotocol::Bincode.decode(&binary), Ok(message.clone()));
        assert_eq!(Subprotocol::Json.decode(&text), Ok(message));
    }

    #[test]
    fn hello_of_another_version_is_told_apart_from_one_that_is_malformed() {
        let reason =
            |subprotocol: Subprotocol, frame| subprotocol.decode(&frame).expect_err("it is not ours").reason;
        let hello = |protocol| {
            let hello = Hello { protocol: ProtocolVersion(protocol), ..Hello::default() };
            encode_client(&ClientMessage::Hello(hello))
        };
        for (protocol, expected) in
            [(7, CloseReason::VersionMismatch), (PROTOCOL_VERSION, CloseReason::InvalidPayload)]
        {
            let longer = Message::Binary([hello(protocol), vec![0]].concat().into());
            assert_eq!(reason(Subprotocol::Bincode, longer), expected);
            let text = format!(r#"{{"Hello":{{"protocol":"{protocol:016x}","shoes":"red"}}}}"#);
            assert_eq!(reason(Subprotocol::Json, Message::text(text)), expected);
        }
    }

    #[test]
    fn detail_does_not_repeat_the_reason() {
        for frame in [Message::Binary(vec![0xff; 9].into()), Message::Binary(Bytes::new())] {
            let close = Subprotocol::Bincode.decode(&frame).expect_err("no message");
            assert_eq!(close.reason, CloseReason::InvalidPayload);
            let detail = close.detail.expect("one");
            assert!(!detail.contains("of this protocol") && !detail.contains('{'), "{detail}");
        }
    }

    #[test]
    fn frame_of_the_wrong_type_is_refused_and_names_the_right_subprotocol() {
        for (subprotocol, frame, name) in [
            (Subprotocol::Bincode, Message::text("{}"), SUBPROTOCOL_JSON),
            (Subprotocol::Json, Message::Binary(Bytes::new()), SUBPROTOCOL_BINCODE),
        ] {
            let close = subprotocol.decode(&frame).expect_err("the wrong type");
            assert_eq!(close.reason, CloseReason::UnsupportedData);
            assert!(close.detail.is_some_and(|detail| detail.ends_with(name)));
        }
    }
}
