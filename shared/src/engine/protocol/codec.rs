//! The binary encoding. The only file in the workspace that names bincode.
//!
//! Integers are varints: one byte up to 250, three up to 65535. Structs are their fields in order, an enum is
//! its variant's number and its fields, a `Vec` its length and its elements; `Moves` packs itself. So elements that are already encoded can be
//! concatenated.

use bincode::{
    config::{self, Configuration, Limit, LittleEndian, Varint},
    enc::write::{SizeWriter, Writer},
    error::EncodeError,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{ClientMessage, ProtocolVersion};
use crate::engine::{game_trait::Input, limits::CLIENT_MESSAGE_BYTES_MAX};

/// The subprotocol of the binary encoding, requested in the handshake (RFC 6455, section 1.9).
pub const SUBPROTOCOL_BINCODE: &str = "emberdrift.bincode";
/// The subprotocol of the text encoding.
pub const SUBPROTOCOL_JSON: &str = "emberdrift.json";

const PLAIN: Configuration = config::standard();

/// Why bytes are not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Over the limit for this direction.
    #[error("a message of {bytes} bytes; at most {most} are allowed")]
    TooLong {
        /// Bytes received.
        bytes: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// Not a valid encoding of a message.
    #[error("not a message of this protocol: {0}")]
    Malformed(String),
    /// A message followed by more bytes.
    #[error("{0} bytes after the end of the message")]
    Trailing(usize),
}

/// Rewords bincode's errors for readers who do not know it.
fn malformed(error: &bincode::error::DecodeError) -> DecodeError {
    use bincode::error::DecodeError as Fault;
    DecodeError::Malformed(match error {
        Fault::UnexpectedEnd { .. } => "it ends too early".to_owned(),
        Fault::LimitExceeded => "a length that is over the limit".to_owned(),
        Fault::Utf8 { .. } => "text that is not UTF-8".to_owned(),
        Fault::InvalidBooleanValue(byte) => format!("{byte} where 0 or 1 is meant"),
        Fault::InvalidIntegerType { .. } => "a number that is encoded in another way".to_owned(),
        Fault::UnexpectedVariant { .. } => "a kind that does not exist".to_owned(),
        Fault::OtherString(why) => why.clone(),
        other => other.to_string(),
    })
}

/// Hands on what is encoded, piece by piece.
struct Pieces<F>(F);

impl<F: FnMut(&[u8])> Writer for Pieces<F> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        (self.0)(bytes);
        Ok(())
    }
}

/// Appends the encoding of a part of a message to `out`.
///
/// Every type of the protocol can be encoded, so this has no error: the one way to fail is a type that asks for
/// something bincode lacks, and the tests that encode a sample of every message would show it.
pub fn put<T: Serialize + ?Sized>(out: &mut Vec<u8>, part: &T) {
    write(part, |bytes| out.extend_from_slice(bytes));
}

/// Hands `out` the encoding of a part of a message, piece by piece.
pub(in crate::engine) fn write<T: Serialize + ?Sized>(part: &T, out: impl FnMut(&[u8])) {
    let done = bincode::serde::encode_into_writer(part, Pieces(out), PLAIN);
    debug_assert!(done.is_ok(), "{done:?}");
}

/// Encodes a whole message.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    let mut size = SizeWriter::default();
    let _ = bincode::serde::encode_into_writer(message, &mut size, PLAIN);
    let mut out = Vec::with_capacity(size.bytes_written);
    put(&mut out, message);
    out
}

/// Decodes a message of at most `MOST` bytes; bytes behind its end are an error.
pub fn decode<T: DeserializeOwned, const MOST: usize>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (message, used) = decode_prefix::<T, MOST>(bytes)?;
    if used == bytes.len() { Ok(message) } else { Err(DecodeError::Trailing(bytes.len() - used)) }
}

/// Decodes the value that `bytes`, at most `MOST`, begin with; also returns how many bytes it took.
pub fn decode_prefix<T: DeserializeOwned, const MOST: usize>(
    bytes: &[u8],
) -> Result<(T, usize), DecodeError> {
    if bytes.len() > MOST {
        return Err(DecodeError::TooLong { bytes: bytes.len(), most: MOST });
    }
    let bounded: Configuration<LittleEndian, Varint, Limit<MOST>> = PLAIN.with_limit::<MOST>();
    bincode::serde::decode_from_slice(bytes, bounded).map_err(|error| malformed(&error))
}

/// Version and game in what may be a `Hello` of any version: its number and its first two fields are the same in all of them. The
/// game is empty if it cannot be read.
pub fn hello_start(bytes: &[u8]) -> Option<(ProtocolVersion, String)> {
    let ((variant, version), used) =
        decode_prefix::<(u32, ProtocolVersion), CLIENT_MESSAGE_BYTES_MAX>(bytes).ok()?;
    let game = decode_prefix::<String, CLIENT_MESSAGE_BYTES_MAX>(&bytes[used..]);
    (variant == 0).then(|| (version, game.map(|(game, _)| game).unwrap_or_default()))
}

/// Encodes what a client says.
pub fn encode_client<I: Input>(message: &ClientMessage<I>) -> Vec<u8> {
    encode(message)
}

/// Decodes what a client said: at most [`CLIENT_MESSAGE_BYTES_MAX`] bytes, nothing behind them.
pub fn decode_client<I: Input>(bytes: &[u8]) -> Result<ClientMessage<I>, DecodeError> {
    decode::<_, CLIENT_MESSAGE_BYTES_MAX>(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::{
        ids::Tick,
        input::PlayerInput,
        protocol::{Hello, ProtocolVersion, Role},
    };

    type Message = ClientMessage<PlayerInput>;

    fn decode(bytes: &[u8]) -> Result<Message, DecodeError> {
        decode_client(bytes)
    }

    #[test]
    fn truncated_or_extended_message_is_rejected() {
        let whole = encode_client(&ClientMessage::Input {
            tick: Tick(70_000),
            input: PlayerInput::default(),
            rewind: 300,
            ack: 9,
        });
        for end in 0..whole.len() {
            assert!(matches!(decode(&whole[..end]), Err(DecodeError::Malformed(_))), "cut at {end}");
        }
        let mut more = whole;
        more.push(0);
        assert_eq!(decode(&more), Err(DecodeError::Trailing(1)));
        let long = vec![0; CLIENT_MESSAGE_BYTES_MAX + 1];
        assert!(matches!(decode(&long), Err(DecodeError::TooLong { .. })));
    }

    #[test]
    fn false_length_is_rejected_before_memory_is_allocated() {
        // A hello whose name claims to be 2^62 bytes long.
        let lie = [0, 1, 0, 253, 0, 0, 0, 0, 0, 0, 0, 64, b'x'];
        assert!(matches!(decode(&lie), Err(DecodeError::Malformed(_))));
    }

    #[test]
    fn version_and_game_are_read_from_a_hello_of_any_shape() {
        let hello = Hello { protocol: ProtocolVersion(7), game: "tag".into(), ..Hello::default() };
        let mut bytes = encode_client(&Message::Hello(hello));
        let start = |game: &str| Some((ProtocolVersion(7), game.to_owned()));
        assert_eq!(hello_start(&bytes), start("tag"));
        bytes.push(9);
        assert_eq!(hello_start(&bytes), start("tag"), "with a field more");
        assert_eq!(hello_start(&bytes[..6]), start("tag"), "with none of its other fields");
        assert_eq!(hello_start(&bytes[..2]), start(""), "without a game");
        assert_eq!(hello_start(&encode_client(&Message::Ack(7))), None);
        assert_eq!(hello_start(&[]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_fail(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn hello_survives_encoding_and_decoding(protocol: u64, name in ".{0,20}") {
            let hello = Message::Hello(Hello { protocol: ProtocolVersion(protocol), name, role: Role::Player, ..Hello::default() });
            prop_assert_eq!(decode(&encode_client(&hello)), Ok(hello));
        }
    }
}
