//! The server's messages as JSON.

use serde::Deserialize;

use super::{FrameHead, ServerMessage};
use crate::engine::{
    limits::SERVER_JSON_BYTES_MAX,
    protocol::{DecodeError, from_json, to_json},
};

/// Encodes what the server says.
pub fn encode_server_json(message: &ServerMessage) -> String {
    to_json(message)
}

/// Decodes what the server said: at most [`SERVER_JSON_BYTES_MAX`] bytes.
pub fn decode_server_json(text: &str) -> Result<ServerMessage, DecodeError> {
    from_json(text, SERVER_JSON_BYTES_MAX)
}

/// As [`crate::game::protocol::decode_frame_head`], of JSON.
pub fn decode_frame_head_json(text: &str) -> Result<FrameHead, DecodeError> {
    #[derive(Deserialize)]
    struct Message {
        #[serde(rename = "Frame")]
        frame: Frame,
    }
    #[derive(Deserialize)]
    struct Frame {
        head: FrameHead,
    }
    from_json(text, SERVER_JSON_BYTES_MAX).map(|message: Message| message.frame.head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{decode_server, server_samples},
        *,
    };

    #[test]
    fn decoded_head_equals_the_head_of_the_whole_frame() {
        for (name, message) in server_samples() {
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
            let _ = decode_server_json(&text);
        }

        /// Whatever bytes are a message can be told as JSON, and read again.
        #[test]
        fn json_round_trip_equals_the_binary_message(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(message) = decode_server(&bytes) {
                let text = encode_server_json(&message);
                // What is not a number has no JSON, and reads as nothing.
                if !text.contains("null") {
                    prop_assert_eq!(decode_server_json(&text), Ok(message));
                }
            }
        }
    }
}
