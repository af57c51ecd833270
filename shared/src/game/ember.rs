//! Embers and pickups at rest: what they are worth and where they lie in their cell.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use super::{limits::EMBER_LATTICE, rules::Pickup};
use crate::engine::{
    checksum::Checksum,
    grid::Grid,
    ids::{CellIndex, PlayerId},
    limits::CELL_SIZE,
};

/// An ember or a pickup at rest. At most one is on each lattice point, so the point identifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ember {
    /// On the lattice of 256 points along the cell's side.
    pub x: u8,
    /// The same along y.
    pub y: u8,
    /// Its worth, 1 to [`EMBER_WORTH_MAX`]; or a pickup: 253 is a shield, 254 rapid fire, 255 a magnet.
    pub value: u8,
}

/// Largest worth of one ember.
pub const EMBER_WORTH_MAX: u8 = 250;
/// The value of the first kind of pickup; the others follow.
const PICKUP_VALUES: u8 = 253;

impl Ember {
    /// Its worth in embers; 0 for a pickup.
    pub fn worth(self) -> u32 {
        if self.pickup().is_some() { 0 } else { u32::from(self.value) }
    }

    /// The kind of pickup, if it is one.
    pub fn pickup(self) -> Option<Pickup> {
        Pickup::ALL.get(usize::from(self.value.checked_sub(PICKUP_VALUES)?)).copied()
    }

    /// The value that stands for this pickup.
    pub fn value_of(pickup: Pickup) -> u8 {
        PICKUP_VALUES + pickup as u8
    }

    /// Its position: the centre of its lattice square.
    pub fn place(self, cell: CellIndex, grid: Grid) -> Vec2 {
        const STEP: f32 = CELL_SIZE / EMBER_LATTICE as f32;
        grid.origin(cell) + (Vec2::new(f32::from(self.x), f32::from(self.y)) + 0.5) * STEP
    }
}

/// An ember that was collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmberTaken {
    /// Its lattice point.
    pub x: u8,
    /// The same along y.
    pub y: u8,
    /// The player who collected it.
    pub by: PlayerId,
}

/// An ember's part of a cell's checksum.
pub fn ember_hash(ember: Ember) -> u32 {
    let mut sum = Checksum::default();
    sum.word(u32::from(ember.x) | u32::from(ember.y) << 8 | u32::from(ember.value) << 16);
    sum.finish() as u32
}
