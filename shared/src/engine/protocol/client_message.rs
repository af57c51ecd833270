//! What a client can say.

use serde::{Deserialize, Serialize};

use super::{ClientLag, ProtocolVersion, ResumeToken};
use crate::engine::{
    ids::{CellIndex, Tick},
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
        /// The tick it is for. One that has begun already is lost, and what was wanted before is repeated instead.
        /// Tick 0, or none in an encoding with names, is for the next tick there is.
        #[serde(default)]
        tick: Tick,
        /// The wishes.
        input: PlayerInput,
        /// How far behind that tick the pilot saw the others, in [`crate::engine::limits::REWIND_PARTS`] of a tick. For
        /// what it fires they are where they were then, if that is no longer ago than a quarter of a second.
        #[serde(default)]
        rewind: u16,
        /// What the client has taken in: see [`Self::Ack`].
        ack: u8,
    },
    /// A cell's checksum differed: please send the whole cell.
    ResyncCell(CellIndex),
    /// The last byte of the newest frame's tick, where no input says it: at least twice a second while frames come. The server sends
    /// nothing more to whom it has sent [`crate::engine::limits::FRAMES_UNACKED_MAX`] that it has not seen, so a reader that
    /// falls behind never reads a backlog. A byte is enough, because the server knows which ticks it sent.
    Ack(u8),
    /// A line for everyone, or `/w NAME TEXT` for one: see [`crate::engine::chat`].
    Chat(String),
    /// Nobody looks at the game, or somebody does again. While nobody does there is a frame a second, without cells, and the
    /// ship glides to a stop and is taken out of the arena until somebody does.
    Hidden(bool),
    /// What the client measured of its delay: now and then, for the server's statistics.
    Lag(ClientLag),
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
    /// The colour wished for, below [`crate::engine::limits::COLOURS`]; one of the server's choice if it is left out.
    pub colour: Option<u8>,
    /// The token of the welcome before, to go on with the same ship.
    pub resume: Option<ResumeToken>,
}

/// What a client comes for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Role {
    /// To play.
    #[default]
    Player,
    /// To watch the leader. It has no ship, and its inputs and lines are ignored.
    Spectator,
}
