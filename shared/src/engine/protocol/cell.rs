//! The updates of a cell between two frames. A cell is encoded once and sent to all its viewers. `cell_diff` computes the
//! changes, `cell_state` applies them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Body, Moves};
use crate::engine::{
    game_trait::Game,
    ids::CellIndex,
    items::{ItemTaken, PlacedItem},
};

/// The update of one cell: its changes, in the order in which they are applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CellChunk", bound = ""))]
pub struct CellChunk<G: Game> {
    /// The cell.
    pub cell: CellIndex,
    /// The changes; empty kinds are left out.
    pub changes: Vec<CellChange<'static, G>>,
}

/// One kind of change, for everything in the cell that it applies to. Lists are sorted by the bodies' ids. A body that is
/// already in the cell is identified by the number of bodies skipped since the one before: `Left` counts in the old list, all
/// others in the new list with the entered bodies. Because most bodies move, `Moved` has a bit for each body of the cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CellChange", bound = ""))]
pub enum CellChange<'a, G: Game> {
    /// Forget the cell: its full contents follow.
    Reset,
    /// Bodies that left the cell.
    Left(Cow<'a, [u16]>),
    /// Bodies that entered, or that moved in a way that a [`BodyMove`](super::BodyMove) cannot express.
    Entered(Cow<'a, [BodyRecord<G>]>),
    /// Bodies that did not continue straight, or that turned. All others continued straight.
    Moved(Moves<'a>),
    /// The same in an update that stands for several frames.
    CatchUp(Cow<'a, [BodyCatchUp]>),
    /// Bodies whose look changed.
    Looks(Cow<'a, [LookChange<G>]>),
    /// New items.
    ItemsAdded(Cow<'a, [PlacedItem<G::Item>]>),
    /// Collected items.
    ItemsTaken(Cow<'a, [ItemTaken]>),
    /// What happened here.
    Events(Cow<'a, [G::Event]>),
    /// The expected [`super::CellState::checksum`] after the changes above.
    Checksum(u32),
}

/// A body in full.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "BodyRecord", bound = ""))]
pub struct BodyRecord<G: Game> {
    /// Difference from the id of the body before.
    pub gap: u16,
    /// The body.
    pub state: Body<G>,
}

/// A body's change of course over several frames, in which position and velocity change by different amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BodyCatchUp {
    /// Bodies of the cell skipped since the one before.
    pub skip: u16,
    /// Change of position along x against the straight line, in steps.
    pub dx: i16,
    /// The same along y.
    pub dy: i16,
    /// Change of velocity along x, in steps per frame.
    pub dvx: i16,
    /// The same along y.
    pub dvy: i16,
    /// Where it points, in 1/256 turn.
    pub heading: u8,
}

/// A body's new look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "LookChange", bound = ""))]
pub struct LookChange<G: Game> {
    /// Bodies of the cell skipped since the one before.
    pub skip: u16,
    /// The new look.
    pub look: G::Look,
}

/// A list for a [`CellChange`]; `None` if it is empty, because then the change is left out.
pub fn non_empty<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}
