//! The same messages as JSON: for clients in any language, which need no more than a WebSocket and a JSON parser. The
//! only file of this crate that names serde_json.
//!
//! An enum is `{"Variant": content}` or `"Variant"`, a struct an object, a newtype what is in it, a vector `[x, y]`.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{ClientMessage, DecodeError, ProtocolVersion};
use crate::engine::{game_trait::Input, limits::CLIENT_JSON_BYTES_MAX};

/// Any type of the protocol as JSON.
///
/// Nothing in the protocol has keys other than text, which is the one thing that could fail; the tests that encode a
/// sample of every message would show it.
pub fn to_json<T: Serialize + ?Sized>(part: &T) -> String {
    let text = serde_json::to_string(part);
    debug_assert!(text.is_ok(), "{text:?}");
    text.unwrap_or_default()
}

/// Any type of the protocol from JSON of at most `most` bytes. The error says where the fault is, by path, line and
/// column.
pub fn from_json<T: DeserializeOwned>(text: &str, most: usize) -> Result<T, DecodeError> {
    if text.len() > most {
        return Err(DecodeError::TooLong { bytes: text.len(), most });
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let why = error.into_inner();
        // Without a path there is nothing that could be named: it is no JSON, or not even an object.
        let whole = matches!(path.as_str(), "." | "?");
        DecodeError::Malformed(if whole { why.to_string() } else { format!("{path}: {why}") })
    })?;
    reader.end().map_err(|error| DecodeError::Malformed(error.to_string()))?;
    Ok(value)
}

/// Encodes what a client says.
pub fn encode_client_json<I: Input>(message: &ClientMessage<I>) -> String {
    to_json(message)
}

/// Decodes what a client said: at most [`CLIENT_JSON_BYTES_MAX`] bytes.
pub fn decode_client_json<I: Input>(text: &str) -> Result<ClientMessage<I>, DecodeError> {
    from_json(text, CLIENT_JSON_BYTES_MAX)
}

/// Version and game in what may be a `Hello` of any version, whatever other fields it has.
pub fn hello_start_json(text: &str) -> Option<(ProtocolVersion, String)> {
    #[derive(Deserialize)]
    enum AnyMessage {
        Hello(AnyHello),
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct AnyHello {
        protocol: ProtocolVersion,
        game: String,
    }
    let AnyMessage::Hello(hello) = from_json(text, CLIENT_JSON_BYTES_MAX).ok()?;
    Some((hello.protocol, hello.game))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::{
        input::PlayerInput,
        limits::CHAT_CHARS_MAX,
        protocol::{Hello, Role},
    };

    fn decode(text: &str) -> Result<ClientMessage<PlayerInput>, DecodeError> {
        decode_client_json(text)
    }

    #[test]
    fn hello_needs_only_a_name() {
        for (text, name, role) in [
            (r#"{"Hello":{"name":"Ada"}}"#, "Ada", Role::Player),
            (r#"{"Hello":{"role":"Spectator"}}"#, "", Role::Spectator),
        ] {
            let hello = Hello { name: name.into(), role, ..Hello::default() };
            assert_eq!(decode(text), Ok(ClientMessage::Hello(hello)));
        }
    }

    #[test]
    fn error_names_the_path_of_the_fault() {
        for (text, part) in [
            (
                r#"{"Input":{"tick":1,"input":{"buttons":0,"aim":70000},"ack":0}}"#,
                "Input.input.aim: invalid value",
            ),
            (r#"{"Input":{"tick":1,"input":{"buttons":0}}}"#, "Input.input: missing field `aim`"),
            (r#"{"Input":{"tick":1,"input":{"buttons":0,"aim":1},"ack":0,"fly":1}}"#, "unknown field `fly`"),
            (r#"{"Hello":{"nam":"Ada"}}"#, "unknown field `nam`"),
            (r#"{"Hello":{"protocol":"xyz"}}"#, "Hello.protocol: "),
            (r#"{"Shout":"hi"}"#, "unknown variant `Shout`"),
            ("hello", "expected value at line 1 column 1"),
            (r#"{"Chat":"hi"} {}"#, "trailing characters"),
            ("", "EOF"),
        ] {
            let error = decode(text).expect_err(text).to_string();
            assert!(error.contains(part), "{text} gave: {error}");
        }
    }

    #[test]
    fn longest_line_fits_when_fully_escaped() {
        let text: String = "🔥".repeat(CHAT_CHARS_MAX);
        let escaped = format!(r#"{{"Chat":"{}"}}"#, r"\ud83d\udd25".repeat(CHAT_CHARS_MAX));
        assert_eq!(decode(&escaped), Ok(ClientMessage::Chat(text)));
    }

    #[test]
    fn deep_nesting_and_long_text_are_rejected() {
        assert!(matches!(decode(&"[".repeat(2000)), Err(DecodeError::Malformed(_))));
        let long = " ".repeat(CLIENT_JSON_BYTES_MAX + 1);
        assert!(matches!(decode(&long), Err(DecodeError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn any_text_decodes_or_fails(text in ".{0,300}") {
            let _ = decode(&text);
        }
    }
}
