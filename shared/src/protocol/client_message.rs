//! What a client can say.

use serde::{Deserialize, Serialize};

use super::ProtocolVersion;
use crate::{
    ids::{CellIndex, InputSeq},
    input::PlayerInput,
};

/// Everything a client can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
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
    /// A line for everyone, or `/w NAME TEXT` for one: see [`crate::chat`].
    Chat(String),
}

/// How a client introduces itself. `protocol` stays the first field for good, so that every version can read
/// that it is talking to another. In an encoding with names each field may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Hello {
    /// The version that the client speaks; this server's own if it is left out.
    pub protocol: ProtocolVersion,
    /// The name wished for. What cannot be a name is replaced by one of the server's choice.
    pub name: String,
    /// What it comes for.
    pub role: Role,
}

/// What a client comes for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Role {
    /// To fly.
    #[default]
    Pilot,
    /// To watch the leader. It has no ship, and its inputs and lines are ignored.
    Spectator,
}
