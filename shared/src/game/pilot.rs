//! Pilots as others know them: what controls a ship, and kills.

use serde::{Deserialize, Serialize};

use crate::engine::ids::PlayerId;

/// What flies a ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PilotKind {
    /// A client.
    Player,
    /// The server.
    Drone,
}

/// What somebody did who shot a ship down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kill {
    /// Who.
    pub by: PlayerId,
    /// Ships that it has shot down with its present ship, this one counted; 255 for that or more, and 0 if it has none.
    pub streak: u8,
    /// Ships that the victim had shot down with its own.
    pub ended: u8,
}
