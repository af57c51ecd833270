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
    },
    /// A cell's checksum differed: please send the whole cell.
    ResyncCell(CellIndex),
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
