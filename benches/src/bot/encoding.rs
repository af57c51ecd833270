//! In which of the protocol's encodings a bot speaks. It must not know sockets.

use clap::ValueEnum;
use shared::{
    engine::protocol::{
        ClientMessage, DecodeError, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON, encode_client, encode_client_json,
    },
    game::protocol::{
        FrameHead, ServerMessage, decode_frame_head, decode_frame_head_json, decode_server,
        decode_server_json,
    },
};

/// An encoding of the game's messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// Binary frames.
    #[default]
    Bincode,
    /// Text frames.
    Json,
}

impl Encoding {
    /// What is asked for in the handshake.
    pub(crate) fn subprotocol(self) -> &'static str {
        match self {
            Self::Bincode => SUBPROTOCOL_BINCODE,
            Self::Json => SUBPROTOCOL_JSON,
        }
    }

    pub(crate) fn encode(self, message: &ClientMessage) -> Vec<u8> {
        match self {
            Self::Bincode => encode_client(message),
            Self::Json => encode_client_json(message).into_bytes(),
        }
    }

    pub(crate) fn decode(self, message: &[u8]) -> Result<ServerMessage, DecodeError> {
        match self {
            Self::Bincode => decode_server(message),
            Self::Json => decode_server_json(text(message)?),
        }
    }

    /// Of a frame only the player's own part.
    pub(crate) fn decode_head(self, message: &[u8]) -> Result<FrameHead, DecodeError> {
        match self {
            Self::Bincode => decode_frame_head(message),
            Self::Json => decode_frame_head_json(text(message)?),
        }
    }
}

fn text(message: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(message).map_err(|error| DecodeError::Malformed(error.to_string()))
}
