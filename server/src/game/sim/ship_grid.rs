//! A spatial index of the ships, so that shots and drones look only at ships nearby. Rebuilt once a tick, which is cheaper
//! than keeping it up to date.

use glam::Vec2;
use shared::engine::ids::PlayerId;

/// Side of a square in units: about how far a shot flies in a tick, plus a hull.
const SQUARE: f32 = 128.0;

/// Ships by square.
#[derive(Clone, Debug, Default)]
pub(in crate::game) struct ShipGrid {
    columns: usize,
    rows: usize,
    /// For each square the end of its range in `ships`; square `i` begins where `i − 1` ends.
    ends: Vec<u32>,
    ships: Vec<(PlayerId, Vec2)>,
    /// The square of each ship, in the order in which they were given.
    squares: Vec<u32>,
}

impl ShipGrid {
    /// Sorts `ships` into the squares of an arena of `size` (a counting sort).
    pub(super) fn rebuild(&mut self, size: Vec2, ships: impl Iterator<Item = (PlayerId, Vec2)> + Clone) {
        self.columns = (size.x / SQUARE) as usize + 1;
        self.rows = (size.y / SQUARE) as usize + 1;
        self.ends.clear();
        self.ends.resize(self.columns * self.rows, 0);
        self.squares.clear();
        for (_, place) in ships.clone() {
            let square = self.square(place);
            self.squares.push(square as u32);
            self.ends[square] += 1;
        }
        let mut total = 0;
        for end in &mut self.ends {
            // Each becomes the start of its range; filling the range moves it to the end.
            total += core::mem::replace(end, total);
        }
        self.ships.clear();
        self.ships.resize(self.squares.len(), Default::default());
        for (ship, square) in ships.zip(&self.squares) {
            let at = &mut self.ends[*square as usize];
            self.ships[*at as usize] = ship;
            *at += 1;
        }
    }

    fn column_row(&self, place: Vec2) -> (usize, usize) {
        let column = ((place.x / SQUARE) as usize).min(self.columns - 1);
        let row = ((place.y / SQUARE) as usize).min(self.rows - 1);
        (column, row)
    }

    fn square(&self, place: Vec2) -> usize {
        let (column, row) = self.column_row(place);
        row * self.columns + column
    }

    /// All ships in the squares that a rectangle touches: every ship inside it, and some around it. The order depends
    /// only on the ships.
    pub(in crate::game) fn around(&self, low: Vec2, high: Vec2) -> impl Iterator<Item = (PlayerId, Vec2)> {
        let empty = self.ends.is_empty();
        let ((left, bottom), (right, top)) =
            if empty { ((0, 0), (0, 0)) } else { (self.column_row(low), self.column_row(high)) };
        let rows = if empty { 0..0 } else { bottom..top + 1 };
        rows.flat_map(move |row| {
            // Squares of a row lie next to one another in `ships`, so a row is one range.
            let first = row * self.columns + left;
            let start = if first == 0 { 0 } else { self.ends[first - 1] };
            let end = self.ends[row * self.columns + right];
            self.ships[start as usize..end as usize].iter().copied()
        })
    }

    /// The ship nearest to `place` within `reach` that `wanted` accepts.
    pub(in crate::game) fn nearest(
        &self,
        place: Vec2,
        reach: f32,
        wanted: impl Fn(PlayerId) -> bool,
    ) -> Option<(PlayerId, Vec2)> {
        let half = Vec2::splat(reach);
        self.around(place - half, place + half)
            .filter(|(id, at)| at.distance_squared(place) <= reach * reach && wanted(*id))
            .min_by(|(_, a), (_, b)| a.distance_squared(place).total_cmp(&b.distance_squared(place)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn around_and_nearest_miss_no_ship(
            places in vec((0.0_f32..3000.0, 0.0_f32..2000.0), 0..60),
            at in (0.0_f32..3000.0, 0.0_f32..2000.0),
            reach in 1.0_f32..900.0,
        ) {
            let ships: Vec<_> = places.iter().enumerate().map(|(i, (x, y))| (PlayerId(i as u16), Vec2::new(*x, *y))).collect();
            let mut grid = ShipGrid::default();
            grid.rebuild(Vec2::new(3000.0, 2000.0), ships.iter().copied());
            let at = Vec2::new(at.0, at.1);
            let found: Vec<_> = grid.around(at - reach, at + reach).map(|(id, _)| id).collect();
            for (id, place) in &ships {
                if (*place - at).abs().max_element() <= reach {
                    prop_assert_eq!(found.iter().filter(|other| *other == id).count(), 1);
                }
            }
            let nearest = grid.nearest(at, reach, |_| true).map(|(_, place)| place.distance(at));
            let expected = ships.iter().map(|(_, place)| place.distance(at)).filter(|d| *d <= reach).min_by(f32::total_cmp);
            prop_assert_eq!(nearest, expected);
        }
    }

    #[test]
    fn empty_grid_has_no_ships() {
        assert_eq!(ShipGrid::default().around(Vec2::ZERO, Vec2::ONE).count(), 0);
    }
}
