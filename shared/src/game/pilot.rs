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

/// A kill, as players are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kill {
    /// The killer.
    pub by: PlayerId,
    /// The killer's streak including this kill, at most 255; 0 if the killer has no ship any more.
    pub streak: u8,
    /// The victim's streak, which this kill ended.
    pub ended: u8,
}
