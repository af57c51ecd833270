//! Positions as other players see them: whole steps from a cell's origin.

use glam::Vec2;

use crate::engine::{
    grid::Grid,
    ids::CellIndex,
    limits::{CELL_STEPS, POSITION_STEPS_PER_UNIT},
};

/// A position to 1/16 unit: a cell, and the steps from its origin, each below [`CELL_STEPS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellPlace {
    /// The cell it is in.
    pub cell: CellIndex,
    /// Steps along x.
    pub x: u16,
    /// Steps along y.
    pub y: u16,
}

/// Rounds a position inside the arena to the nearest step.
pub fn quantize(place: Vec2, grid: Grid) -> CellPlace {
    // Rounds in arena coordinates first, so that rounding up at a border leads into the next cell.
    let along = |value: f32, cells: u16| {
        let steps = libm::roundf(value * POSITION_STEPS_PER_UNIT) as i32;
        steps.clamp(0, i32::from(cells) * CELL_STEPS - 1)
    };
    let (x, y) = (along(place.x, grid.columns), along(place.y, grid.rows));
    CellPlace {
        cell: grid.index((x / CELL_STEPS) as u16, (y / CELL_STEPS) as u16),
        x: (x % CELL_STEPS) as u16,
        y: (y % CELL_STEPS) as u16,
    }
}

/// The position that is `x` and `y` steps from the origin of `cell`.
pub fn dequantize(cell: CellIndex, x: i32, y: i32, grid: Grid) -> Vec2 {
    grid.origin(cell) + Vec2::new(x as f32, y as f32) / POSITION_STEPS_PER_UNIT
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn round_trip_error_is_at_most_half_a_step(x in 0.0_f32..5119.9, y in 0.0_f32..3071.9) {
            let grid = Grid { columns: 10, rows: 6 };
            let place = quantize(Vec2::new(x, y), grid);
            let back = dequantize(place.cell, i32::from(place.x), i32::from(place.y), grid);
            prop_assert!((back - Vec2::new(x, y)).abs().max_element() <= 0.5 / POSITION_STEPS_PER_UNIT + 1e-3);
        }

        #[test]
        fn any_position_stays_in_the_grid(x in -1e9_f32..1e9, y in -1e9_f32..1e9) {
            let grid = Grid { columns: 10, rows: 6 };
            let place = quantize(Vec2::new(x, y), grid);
            prop_assert!(grid.contains(place.cell));
            prop_assert!(i32::from(place.x) < CELL_STEPS && i32::from(place.y) < CELL_STEPS);
        }
    }
}
