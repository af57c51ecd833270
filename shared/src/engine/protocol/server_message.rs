//! The server's messages, and their binary encoding. Why the server closes a connection is in the close frame: see
//! [`crate::engine::protocol::CloseReason`].

use serde::{Deserialize, Serialize};

use super::{DecodeError, Frame, FrameHead, ResumeToken, decode, decode_prefix, encode};
use crate::engine::{
    game_trait::Game,
    ids::{PlayerId, Tick},
    limits::SERVER_MESSAGE_BYTES_MAX,
};

/// A message from the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ServerMessage", bound = ""))]
pub enum ServerMessage<G: Game> {
    /// The answer to a hello.
    Welcome(Box<Welcome<G>>),
    /// One tick for this client.
    Frame(Frame<G>),
}

/// What a client needs before its first frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Welcome", bound = ""))]
pub struct Welcome<G: Game> {
    /// The client's player; `None` for a spectator.
    pub player: Option<PlayerId>,
    /// The token for the next hello if this connection breaks. Valid once, for a limited time. `None` for a spectator.
    pub resume: Option<ResumeToken>,
    /// Whether the client resumed its previous session.
    pub is_resumed: bool,
    /// The tick in which the client joined.
    pub tick: Tick,
    /// Ticks per second, 10 to 128.
    pub tick_rate: u16,
    /// The arena and its rules.
    pub arena: G::Arena,
}

/// The number of [`ServerMessage::Frame`] among its variants.
const FRAME: u32 = 1;

/// Encodes a whole message. The server assembles frames with [`super::write_frame`] instead.
pub fn encode_server<G: Game>(message: &ServerMessage<G>) -> Vec<u8> {
    encode(message)
}

/// Decodes a message of at most [`SERVER_MESSAGE_BYTES_MAX`] bytes; bytes behind its end are an error.
pub fn decode_server<G: Game>(bytes: &[u8]) -> Result<ServerMessage<G>, DecodeError> {
    decode::<_, SERVER_MESSAGE_BYTES_MAX>(bytes)
}

/// Decodes only the head of a frame of at most [`SERVER_MESSAGE_BYTES_MAX`] bytes; an error for any other message.
/// Lite bots use it: they have no use for the rest.
pub fn decode_frame_head<G: Game>(bytes: &[u8]) -> Result<FrameHead<G>, DecodeError> {
    let (variant, used) = decode_prefix::<u32, SERVER_MESSAGE_BYTES_MAX>(bytes)?;
    if variant != FRAME {
        return Err(DecodeError::Malformed(format!("message {variant} is no frame")));
    }
    let (head, _) = decode_prefix::<_, SERVER_MESSAGE_BYTES_MAX>(&bytes[used..])?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{CellChange, CellChunk, Frame, Notice, ViewChange, ViewerState},
        *,
    };
    use crate::engine::{
        body::Motion,
        grid::CellWindow,
        ids::{CellIndex, PlayerId, Tick},
        testing::{TestBody, TestGame},
    };

    fn frame(tick: u32, viewer: ViewerState<TestGame>, view: Option<ViewChange>) -> Frame<TestGame> {
        Frame {
            head: FrameHead { tick: Tick(tick), lead: -3, viewer, view },
            notices: vec![Notice::Left(PlayerId(3))],
            cells: vec![CellChunk { cell: CellIndex(9), changes: vec![CellChange::Checksum(8)] }],
        }
    }

    fn player() -> ViewerState<TestGame> {
        let motion = Motion { position: glam::Vec2::new(1.0, 2.0), velocity: glam::Vec2::new(3.0, 4.0) };
        ViewerState::Player { rank: 7, own: Some(TestBody { motion, items: 5 }) }
    }

    #[test]
    fn decoded_head_equals_the_head_of_the_whole_frame() {
        let window = CellWindow { left: 1, bottom: 2, right: 3, top: 4 };
        for frame in [
            frame(5, player(), Some(ViewChange { window, reset: true })),
            frame(70_000, ViewerState::Spectator { target: None }, None),
        ] {
            let bytes = encode_server(&ServerMessage::Frame(frame.clone()));
            assert_eq!(decode_server(&bytes), Ok(ServerMessage::Frame(frame.clone())));
            assert_eq!(decode_frame_head(&bytes), Ok(frame.head));
        }
    }

    #[test]
    fn other_messages_have_no_frame_head() {
        let decode = decode_frame_head::<TestGame>;
        let whole = encode_server(&ServerMessage::Frame(frame(5, player(), None)));
        for end in 0..6 {
            assert!(matches!(decode(&whole[..end]), Err(DecodeError::Malformed(_))), "cut at {end}");
        }
        let mut welcome = whole;
        welcome[0] = 0;
        assert!(matches!(decode(&welcome), Err(DecodeError::Malformed(why)) if why.contains("no frame")));
        let long = vec![1; SERVER_MESSAGE_BYTES_MAX + 1];
        assert!(matches!(decode(&long), Err(DecodeError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_fail(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode_server::<TestGame>(&bytes);
            let _ = decode_frame_head::<TestGame>(&bytes);
        }
    }
}
