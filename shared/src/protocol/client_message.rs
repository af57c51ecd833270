//! What a client can say.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CellIndex, InputSeq},
    input::PlayerInput,
};

/// Everything a client can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage {
    /// First, and only once.
    Hello(Hello),
    /// What the pilot wants during one tick.
    Input {
        /// One more than the input before.
        seq: InputSeq,
        /// The wishes.
        input: PlayerInput,
        /// What the client has taken in: see [`Self::Seen`].
        seen: u8,
    },
    /// A cell's checksum differed: please send the whole cell.
    ResyncCell(CellIndex),
    /// The last byte of the newest frame's tick, where no input says it: at least twice a second while frames come. The server sends
    /// nothing more to whom it has sent [`crate::limits::FRAMES_UNSEEN_MAX`] that it has not seen, so a reader that
    /// falls behind never reads a backlog. A byte is enough, because the server knows which ticks it sent.
    Seen(u8),
}

/// How a client introduces itself. `protocol` stays the first field for good, so that every version can read
/// that it is talking to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`super::PROTOCOL_VERSION`] of the client.
    pub protocol: u64,
    /// The name wished for. What cannot be a name is replaced by one of the server's choice.
    pub name: String,
}
