//! What can change in a cell between two frames: the chunks that are encoded once and sent to all who see the
//! cell. How they are made and applied is in `cell_state`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::ShipState;
use crate::{
    engine::{
        angle::Angle,
        ids::{CellIndex, PlayerId},
        protocol::fixed,
    },
    game::{
        ember::{Ember, EmberTaken},
        pilot::Kill,
        shot::{Hit, ShotId},
    },
};

/// The changes of one cell, in the order in which they are applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellChunk {
    /// Which cell.
    pub cell: CellIndex,
    /// What changed. A kind that has nothing to say is left out.
    pub changes: Vec<CellChange<'static>>,
}

/// One kind of change, for every thing in the cell that it happened to. Lists are in
/// rising order of the ships' numbers. Ships that are in the cell already are named by how many of the cell's ships
/// are skipped from the one named before: those that left in the list as it was, all others in the list as it is
/// with all who entered. Most ships move, so of those a bit for each of the cell's ships says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CellChange<'a> {
    /// Forget the cell: all of it follows.
    Reset,
    /// Ships that are no longer in the cell.
    Left(Cow<'a, [u16]>),
    /// Ships that came in, or that moved in a way a [`ShipMove`] cannot say.
    Entered(Cow<'a, [ShipRecord]>),
    /// Ships that did not go straight on, or that turned. All others went straight on.
    Moved(Moves<'a>),
    /// The same in a chunk that stands for several frames.
    CatchUp(Cow<'a, [ShipCatchUp]>),
    /// Ships whose condition changed.
    Status(Cow<'a, [ShipStatus]>),
    /// Embers that fell or welled up.
    EmbersAdded(Cow<'a, [Ember]>),
    /// Embers that were gathered.
    EmbersTaken(Cow<'a, [EmberTaken]>),
    /// Shots that were fired in the cell or flew into it.
    Shots(Cow<'a, [ShotRecord]>),
    /// Shots that met a ship.
    Hits(Cow<'a, [Hit]>),
    /// Ships that died here.
    Deaths(Cow<'a, [Death]>),
    /// What [`super::CellState::checksum`] must be after all of the above.
    Checksum(u32),
}

/// A ship in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipRecord {
    /// From the number of the ship before.
    pub gap: u16,
    /// All that others know of it.
    pub state: ShipState,
}

/// Which ships did not go straight on, and how they went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moves<'a> {
    /// A bit for each ship of the cell, the lowest first; bits beyond the last ship to move are left out in bytes.
    pub which: Cow<'a, [u8]>,
    /// One for each bit that is set.
    pub moves: Cow<'a, [ShipMove]>,
}

/// A ship's departure from going straight on: three bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipMove {
    /// Change of the steps gone along x since the frame before, against the frame before that.
    pub dx: i8,
    /// The same along y.
    pub dy: i8,
    /// Where the nose points, in 1/256 turn.
    pub aim: u8,
}

/// A ship's departure from going straight on over several frames, in which place and speed change by different
/// amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipCatchUp {
    /// Ships of the cell between the one before and this.
    pub skip: u16,
    /// Steps off the straight way along x.
    pub dx: i16,
    /// The same along y.
    pub dy: i16,
    /// Change of the steps gone along x in a frame.
    pub dvx: i16,
    /// The same along y.
    pub dvy: i16,
    /// Where the nose points, in 1/256 turn.
    pub aim: u8,
}

/// A ship's condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipStatus {
    /// Ships of the cell between the one before and this.
    pub skip: u16,
    /// Size, boost, shield.
    pub status: super::Status,
    /// Share of full health, 0 to 255.
    pub health: u8,
}

/// A shot in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShotRecord {
    /// Its number while it flies.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub id: ShotId,
    /// Who fired it.
    pub owner: PlayerId,
    /// Where it is now, in steps from the cell's origin.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub x: u16,
    /// The same along y.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub y: u16,
    /// Where it flies.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub direction: Angle,
    /// Ticks until it fades.
    pub ticks_left: u8,
}

/// A ship that died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Death {
    /// Whose ship.
    pub ship: PlayerId,
    /// Where, in steps from the cell's origin.
    pub x: u16,
    /// The same along y.
    pub y: u16,
    /// Who shot it down; `None` for nobody, and where a [`super::Notice::Killed`] says it.
    pub by: Option<Kill>,
}
