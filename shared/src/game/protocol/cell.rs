//! The updates of a cell between two frames. A cell is encoded once and sent to all its viewers. `cell_diff` computes the
//! changes, `cell_state` applies them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::ShipState;
use crate::{
    engine::{
        ids::{CellIndex, PlayerId},
        input::Angle,
        protocol::fixed,
    },
    game::{
        ember::{Ember, EmberTaken},
        pilot::Kill,
        shot::{Hit, ShotId},
    },
};

/// The update of one cell: its changes, in the order in which they are applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellChunk {
    /// The cell.
    pub cell: CellIndex,
    /// The changes; empty kinds are left out.
    pub changes: Vec<CellChange<'static>>,
}

/// One kind of change, for everything in the cell that it applies to. Lists are sorted by the ships' ids. A ship that is
/// already in the cell is identified by the number of ships skipped since the one before: `Left` counts in the old list, all
/// others in the new list with the entered ships. Because most ships move, `Moved` has a bit for each ship of the cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CellChange<'a> {
    /// Forget the cell: its full contents follow.
    Reset,
    /// Ships that left the cell.
    Left(Cow<'a, [u16]>),
    /// Ships that entered, or that moved in a way that a [`ShipMove`] cannot express.
    Entered(Cow<'a, [ShipRecord]>),
    /// Ships that did not continue straight, or that turned. All others continued straight.
    Moved(Moves<'a>),
    /// The same in an update that stands for several frames.
    CatchUp(Cow<'a, [ShipCatchUp]>),
    /// Ships whose status changed.
    Status(Cow<'a, [ShipStatus]>),
    /// New embers.
    EmbersAdded(Cow<'a, [Ember]>),
    /// Collected embers.
    EmbersTaken(Cow<'a, [EmberTaken]>),
    /// Shots fired in the cell, or that flew into it.
    Shots(Cow<'a, [ShotRecord]>),
    /// Shots that hit a ship.
    Hits(Cow<'a, [Hit]>),
    /// Ships that died here.
    Deaths(Cow<'a, [Death]>),
    /// The expected [`super::CellState::checksum`] after the changes above.
    Checksum(u32),
}

/// A ship in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipRecord {
    /// Difference from the id of the ship before.
    pub gap: u16,
    /// The ship.
    pub state: ShipState,
}

/// Ships that did not continue straight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moves<'a> {
    /// A bit for each ship of the cell, least significant first; trailing zero bytes are left out.
    pub which: Cow<'a, [u8]>,
    /// One for each set bit.
    pub moves: Cow<'a, [ShipMove]>,
}

/// A ship's change of course: three bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipMove {
    /// Change of velocity along x, in steps per frame; the position changes by the same amount.
    pub dx: i8,
    /// The same along y.
    pub dy: i8,
    /// Where the nose points, in 1/256 turn.
    pub aim: u8,
}

/// A ship's change of course over several frames, in which position and velocity change by different amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipCatchUp {
    /// Ships of the cell skipped since the one before.
    pub skip: u16,
    /// Change of position along x against the straight line, in steps.
    pub dx: i16,
    /// The same along y.
    pub dy: i16,
    /// Change of velocity along x, in steps per frame.
    pub dvx: i16,
    /// The same along y.
    pub dvy: i16,
    /// Where the nose points, in 1/256 turn.
    pub aim: u8,
}

/// A ship's new status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipStatus {
    /// Ships of the cell skipped since the one before.
    pub skip: u16,
    /// The new status bits.
    pub status: super::Status,
    /// Share of full health, 0 to 255.
    pub health: u8,
}

/// A shot in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShotRecord {
    /// Its id.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub id: ShotId,
    /// The player who fired it.
    pub owner: PlayerId,
    /// Its position, in steps from the cell's origin.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub x: u16,
    /// The same along y.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub y: u16,
    /// Its direction.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub direction: Angle,
    /// Ticks until its life ends.
    pub ticks_left: u8,
}

/// A ship that died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Death {
    /// The ship's player.
    pub ship: PlayerId,
    /// Its position, in steps from the cell's origin.
    pub x: u16,
    /// The same along y.
    pub y: u16,
    /// The kill; `None` if no player did it, or if a [`super::Notice::Killed`] carries it.
    pub by: Option<Kill>,
}

/// A list for a [`CellChange`]; `None` if it is empty, because then the change is left out.
pub fn non_empty<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}
