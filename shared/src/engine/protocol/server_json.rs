//! The server's messages as JSON.

use serde::Deserialize;

use super::{DecodeError, FrameHead, ServerMessage, from_json, to_json};
use crate::engine::{game_trait::Game, limits::SERVER_JSON_BYTES_MAX};

/// Encodes what the server says.
pub fn encode_server_json<G: Game>(message: &ServerMessage<G>) -> String {
    to_json(message)
}

/// Decodes what the server said: at most [`SERVER_JSON_BYTES_MAX`] bytes.
pub fn decode_server_json<G: Game>(text: &str) -> Result<ServerMessage<G>, DecodeError> {
    from_json(text, SERVER_JSON_BYTES_MAX)
}

/// As [`super::decode_frame_head`], of JSON.
pub fn decode_frame_head_json<G: Game>(text: &str) -> Result<FrameHead<G>, DecodeError> {
    #[derive(Deserialize)]
    #[serde(bound = "")]
    struct Message<G: Game> {
        #[serde(rename = "Frame")]
        frame: Frame<G>,
    }
    #[derive(Deserialize)]
    #[serde(bound = "")]
    struct Frame<G: Game> {
        head: FrameHead<G>,
    }
    from_json(text, SERVER_JSON_BYTES_MAX).map(|message: Message<G>| message.frame.head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{decode_server, server_samples},
        *,
    };
    use crate::engine::testing::TestGame;

    #[test]
    fn decoded_head_equals_the_head_of_the_whole_frame() {
        for (name, message) in server_samples::<TestGame>() {
            let head = decode_frame_head_json(&encode_server_json(&message));
            match message {
                ServerMessage::Frame(frame) => assert_eq!(head, Ok(frame.head), "{name}"),
                ServerMessage::Welcome(_) => assert!(head.is_err()),
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_decodes_or_fails(text in ".{0,300}") {
            let _ = decode_server_json::<TestGame>(&text);
        }

        /// Whatever bytes are a message can be told as JSON, and read again.
        #[test]
        fn json_round_trip_equals_the_binary_message(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(message) = decode_server::<TestGame>(&bytes) {
                let text = encode_server_json(&message);
                // What is not a number has no JSON, and reads as nothing.
                if !text.contains("null") {
                    prop_assert_eq!(decode_server_json(&text), Ok(message));
                }
            }
        }
    }
}
