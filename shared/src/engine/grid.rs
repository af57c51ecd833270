//! The arena's grid of cells: which cell a position is in, and which cells a view covers.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use crate::engine::{ids::CellIndex, limits::CELL_SIZE};

/// The columns and rows of an arena's cells. The arena extends from (0, 0) to (width, height).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Cells along x, 1 to 32.
    pub columns: u16,
    /// Cells along y, 1 to 32.
    pub rows: u16,
}

impl Grid {
    /// The grid that covers an arena of this size; the last column and row may extend beyond it.
    pub fn covering(size: Vec2) -> Self {
        let cells = |side: f32| libm::ceilf(side / CELL_SIZE).max(1.0) as u16;
        Self { columns: cells(size.x), rows: cells(size.y) }
    }

    /// How many cells there are.
    pub fn len(self) -> usize {
        usize::from(self.columns) * usize::from(self.rows)
    }

    /// Always `false`: a grid has at least one cell.
    pub fn is_empty(self) -> bool {
        false
    }

    /// The cell that contains `place`; positions outside belong to the nearest cell.
    pub fn cell_at(self, place: Vec2) -> CellIndex {
        let (column, row) = self.column_row_at(place);
        self.index(column, row)
    }

    fn column_row_at(self, place: Vec2) -> (u16, u16) {
        // `as` saturates, so NaN and infinities give a valid cell too.
        let column = ((place.x / CELL_SIZE) as u16).min(self.columns - 1);
        let row = ((place.y / CELL_SIZE) as u16).min(self.rows - 1);
        (column, row)
    }

    /// The cell in this column and row, which must be inside the grid.
    pub fn index(self, column: u16, row: u16) -> CellIndex {
        debug_assert!(column < self.columns && row < self.rows);
        CellIndex(row * self.columns + column)
    }

    /// The lower left corner of a cell, in world units.
    pub fn origin(self, cell: CellIndex) -> Vec2 {
        let (column, row) = (cell.0 % self.columns, cell.0 / self.columns);
        Vec2::new(f32::from(column), f32::from(row)) * CELL_SIZE
    }

    /// Whether the cell is in this grid.
    pub fn contains(self, cell: CellIndex) -> bool {
        usize::from(cell.0) < self.len()
    }

    /// The cells that a rectangle around `centre` touches.
    pub fn window(self, centre: Vec2, half_size: Vec2) -> CellWindow {
        let (left, bottom) = self.column_row_at(centre - half_size);
        let (right, top) = self.column_row_at(centre + half_size);
        CellWindow { left, bottom, right, top }
    }

    /// Every cell of a window, row by row; cells outside the grid are left out.
    pub fn cells(self, window: CellWindow) -> impl Iterator<Item = CellIndex> {
        self.places(window).map(|(_, _, cell)| cell)
    }

    /// The same with each cell's column and row, which would cost a division to compute from the index.
    pub fn places(self, window: CellWindow) -> impl Iterator<Item = (u16, u16, CellIndex)> {
        let rows = window.bottom..window.top.saturating_add(1).min(self.rows);
        rows.flat_map(move |row| {
            let columns = window.left..window.right.saturating_add(1).min(self.columns);
            columns.map(move |column| (column, row, self.index(column, row)))
        })
    }

    /// Whether a window contains a cell.
    pub fn window_has(self, window: CellWindow, cell: CellIndex) -> bool {
        window.has(cell.0 % self.columns, cell.0 / self.columns)
    }
}

/// A rectangle of cells, borders included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellWindow {
    /// First column.
    pub left: u16,
    /// First row.
    pub bottom: u16,
    /// Last column.
    pub right: u16,
    /// Last row.
    pub top: u16,
}

impl CellWindow {
    /// Whether the cell in this column and row is inside.
    pub fn has(self, column: u16, row: u16) -> bool {
        (self.left..=self.right).contains(&column) && (self.bottom..=self.top).contains(&row)
    }

    /// Whether every cell of `other` is inside.
    pub fn covers(self, other: Self) -> bool {
        self.has(other.left, other.bottom) && self.has(other.right, other.top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { columns: 4, rows: 3 };

    #[test]
    fn cell_at_contains_its_origin_and_clamps_positions_outside() {
        for cell in (0..GRID.len() as u16).map(CellIndex) {
            assert_eq!(GRID.cell_at(GRID.origin(cell)), cell);
        }
        assert_eq!(GRID.cell_at(Vec2::splat(-9.0)), CellIndex(0));
        assert_eq!(GRID.cell_at(Vec2::splat(1e9)), CellIndex(11));
        assert_eq!(GRID.cell_at(Vec2::splat(f32::NAN)), CellIndex(0));
    }

    #[test]
    fn window_contains_exactly_the_cells_it_lists() {
        let window = GRID.window(Vec2::new(900.0, 600.0), Vec2::new(200.0, 100.0));
        let listed: Vec<_> = GRID.cells(window).collect();
        assert_eq!(listed, [CellIndex(1), CellIndex(2), CellIndex(5), CellIndex(6)].to_vec());
        for cell in (0..GRID.len() as u16).map(CellIndex) {
            assert_eq!(GRID.window_has(window, cell), listed.contains(&cell));
        }
    }

    #[test]
    fn window_from_the_wire_is_clamped_to_the_grid() {
        let wild = CellWindow { left: 3, bottom: 0, right: u16::MAX, top: u16::MAX };
        assert_eq!(GRID.cells(wild).count(), 3);
    }
}
