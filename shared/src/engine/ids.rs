//! Ids as types of their own.

use serde::{Deserialize, Serialize};

/// A simulation step, counted from the server's start. Does not wrap: at 128 Hz a `u32` lasts a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tick(pub u32);

impl Tick {
    /// The tick `ticks` later.
    #[must_use]
    pub fn after(self, ticks: u32) -> Self {
        Self(self.0.saturating_add(ticks))
    }

    /// Ticks from `earlier` to `self`; zero if `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A player in the arena, human or server-controlled. The server assigns the lowest free id, so that sorted ids have small
/// gaps, which take fewer bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlayerId(pub u16);

impl PlayerId {
    /// An id that no player ever has.
    pub const NONE: Self = Self(u16::MAX);
}

/// A cell of the arena's grid, row by row from the bottom left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellIndex(pub u16);
