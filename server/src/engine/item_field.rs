//! What lies in the arena of a small game, by cell: at most one item on each point of a cell's lattice.

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        game_trait::Game,
        grid::Grid,
        ids::{CellIndex, PlayerId},
        items::{ItemTaken, LATTICE_STEP, PlacedItem},
        limits::{CELLS_MAX, ITEMS_PER_CELL_MAX},
    },
};

use super::{
    checked::{Broken, bounded, ensure},
    simulation::Changes,
};

/// The items.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(serialize = "I: Serialize", deserialize = "I: Deserialize<'de>"))]
pub struct ItemField<I> {
    #[serde(deserialize_with = "bounded::<_, _, CELLS_MAX>")]
    cells: Vec<Vec<PlacedItem<I>>>,
}

impl<I: Copy> ItemField<I> {
    /// An empty field.
    pub fn new(grid: Grid) -> Self {
        let mut cells = Vec::new();
        cells.resize_with(grid.len(), Vec::new);
        Self { cells }
    }

    /// The items in a cell, in no order.
    pub fn in_cell(&self, cell: CellIndex) -> &[PlacedItem<I>] {
        self.cells.get(usize::from(cell.0)).map_or(&[], Vec::as_slice)
    }

    /// How many items lie in the arena.
    pub fn len(&self) -> usize {
        self.cells.iter().map(Vec::len).sum()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(Vec::is_empty)
    }

    /// Puts an item on the lattice point at `place`, and notes that for viewers. `false` if something lies there already, or the cell
    /// has as many items as it may.
    pub fn put<G: Game<Item = I>>(
        &mut self,
        place: Vec2,
        item: I,
        grid: Grid,
        changes: &mut Changes<G>,
    ) -> bool {
        let index = grid.cell_at(place);
        let Some(cell) = self.cells.get_mut(usize::from(index.0)) else { return false };
        let point = (place - grid.origin(index)) / LATTICE_STEP;
        // `as` saturates: a place outside the arena is a point at its border.
        let placed = PlacedItem { x: point.x as u8, y: point.y as u8, item };
        let is_taken = cell.iter().any(|other| (other.x, other.y) == (placed.x, placed.y));
        if is_taken || cell.len() >= ITEMS_PER_CELL_MAX {
            return false;
        }
        cell.push(placed);
        changes.items_added.push((index, placed));
        true
    }

    /// Takes the items within `reach` of `place` for a player, notes that for viewers, and hands them to `take`.
    pub fn take<G: Game<Item = I>>(
        &mut self,
        place: Vec2,
        reach: f32,
        by: PlayerId,
        grid: Grid,
        changes: &mut Changes<G>,
        mut take: impl FnMut(I),
    ) {
        for index in grid.cells(grid.window(place, Vec2::splat(reach))) {
            let Some(cell) = self.cells.get_mut(usize::from(index.0)) else { continue };
            cell.retain(|item| {
                let is_reached = item.place(index, grid).distance(place) <= reach;
                if is_reached {
                    take(item.item);
                    let taken = ItemTaken { x: item.x, y: item.y, by };
                    // One of this tick has never been sent.
                    let is_new =
                        |added: &(CellIndex, PlacedItem<I>)| added.0 == index && added.1.matches(&taken);
                    match changes.items_added.iter().position(is_new) {
                        Some(at) => drop(changes.items_added.swap_remove(at)),
                        None => changes.items_taken.push((index, taken)),
                    }
                }
                !is_reached
            });
        }
    }

    /// Checks a field that was read from a file.
    pub fn check(&self, grid: Grid) -> Result<(), Broken> {
        let Self { cells } = self;
        ensure(cells.len() == grid.len(), || format!("{} cells and not {}", cells.len(), grid.len()))?;
        for (index, cell) in cells.iter().enumerate() {
            ensure(cell.len() <= ITEMS_PER_CELL_MAX, || format!("{} items in cell {index}", cell.len()))?;
            let mut points: Vec<_> = cell.iter().map(|item| (item.x, item.y)).collect();
            points.sort_unstable();
            ensure(points.is_sorted_by(|a, b| a < b), || format!("two items on a point of cell {index}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::testing::TestGame;

    use super::*;

    const GRID: Grid = Grid { columns: 2, rows: 2 };

    #[test]
    fn item_lies_until_it_is_taken_by_a_player_in_reach() {
        let (mut field, mut changes) = (ItemField::new(GRID), Changes::<TestGame>::default());
        assert!(field.put(Vec2::splat(511.0), 7, GRID, &mut changes));
        assert!(!field.put(Vec2::splat(511.1), 8, GRID, &mut changes), "on the same point");
        assert!(field.put(Vec2::splat(513.0), 9, GRID, &mut changes), "in another cell");
        assert_eq!((changes.items_added.len(), field.len()), (2, 2));
        changes.clear();
        let mut taken = Vec::new();
        field.take(Vec2::splat(530.0), 10.0, PlayerId(1), GRID, &mut changes, |item| taken.push(item));
        assert!(taken.is_empty(), "out of reach");
        field.take(Vec2::splat(512.0), 10.0, PlayerId(1), GRID, &mut changes, |item| taken.push(item));
        assert_eq!((taken, field.is_empty(), changes.items_taken.len()), (vec![7, 9], true, 2));
    }

    #[test]
    fn item_that_came_and_went_in_one_tick_is_not_sent() {
        let (mut field, mut changes) = (ItemField::new(GRID), Changes::<TestGame>::default());
        field.put(Vec2::splat(100.0), 7, GRID, &mut changes);
        field.take(Vec2::splat(100.0), 50.0, PlayerId(1), GRID, &mut changes, |_| ());
        assert!(changes.items_added.is_empty() && changes.items_taken.is_empty());
    }

    #[test]
    fn field_of_another_grid_or_with_two_items_on_a_point_is_refused() {
        let mut field: ItemField<u8> = ItemField::new(GRID);
        assert!(field.check(GRID).is_ok() && field.check(Grid { columns: 3, rows: 2 }).is_err());
        field.cells[1] = vec![PlacedItem { x: 3, y: 4, item: 1 }; 2];
        assert!(field.check(GRID).is_err());
    }
}
