//! Hits and kills, as the simulation reports them and clients are told.

use serde::{Deserialize, Serialize};

use super::shot::ShotId;
use crate::engine::ids::PlayerId;

/// A shot that met a ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hit {
    /// The shot, which is gone.
    #[serde(with = "crate::engine::protocol::fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub shot: ShotId,
    /// The ship it met.
    pub ship: PlayerId,
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
