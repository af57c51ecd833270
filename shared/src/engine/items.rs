//! Items at rest in a cell. At most one lies on each point of the cell's lattice, so the point identifies it.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use super::{
    checksum::Checksum,
    grid::Grid,
    ids::{CellIndex, PlayerId},
    limits::{CELL_SIZE, ITEM_LATTICE},
};

/// Distance between two points of the lattice, in units.
pub const LATTICE_STEP: f32 = CELL_SIZE / ITEM_LATTICE as f32;

/// An item that lies on a point of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PlacedItem"))]
pub struct PlacedItem<I> {
    /// On the lattice of 256 points along the cell's side.
    pub x: u8,
    /// The same along y.
    pub y: u8,
    /// What it is.
    pub item: I,
}

impl<I> PlacedItem<I> {
    /// Its position: the centre of its lattice square.
    pub fn place(&self, cell: CellIndex, grid: Grid) -> Vec2 {
        grid.origin(cell) + (Vec2::new(f32::from(self.x), f32::from(self.y)) + 0.5) * LATTICE_STEP
    }

    /// Whether it lies on the point of `taken`.
    pub fn matches(&self, taken: &ItemTaken) -> bool {
        (self.x, self.y) == (taken.x, taken.y)
    }
}

/// An item that was collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ItemTaken {
    /// Its lattice point.
    pub x: u8,
    /// The same along y.
    pub y: u8,
    /// The player who collected it.
    pub by: PlayerId,
}

/// An item's part of a cell's checksum.
pub fn item_hash<I: Serialize>(item: &PlacedItem<I>) -> u32 {
    let mut sum = Checksum::default();
    sum.word(u32::from(item.x) | u32::from(item.y) << 8);
    sum.encoding(&item.item);
    sum.finish() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_lies_in_its_cell() {
        let grid = Grid { columns: 2, rows: 2 };
        for (x, y) in [(0, 0), (255, 0), (255, 255)] {
            let place = PlacedItem { x, y, item: 7 }.place(CellIndex(3), grid);
            assert_eq!(grid.cell_at(place), CellIndex(3), "{place}");
        }
    }
}
