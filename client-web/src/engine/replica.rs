//! The cells in view exactly as the server described them. Checksums make sure that a cell equals the server's own
//! baseline. It must not know time, prediction or drawing.

use shared::{
    Vec2,
    engine::{
        game_trait::Game,
        grid::{CellWindow, Grid},
        ids::{CellIndex, PlayerId},
        items::PlacedItem,
        protocol::{Body, CellChange, CellChunk, CellState, ViewChange, dequantize},
    },
};

/// The cells in view.
#[derive(Debug)]
pub struct Replica<G: Game> {
    grid: Grid,
    window: Option<CellWindow>,
    /// For every cell of the grid; empty for those out of view.
    cells: Vec<Cell<G>>,
}

#[derive(Debug)]
struct Cell<G: Game> {
    state: CellState<G>,
    /// It differs from the server's, and a resync was requested.
    awaits_resync: bool,
}

impl<G: Game> Default for Cell<G> {
    fn default() -> Self {
        Self { state: CellState::default(), awaits_resync: false }
    }
}

/// The result of applying a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    InSync,
    /// A resync that was requested arrived.
    Resynced,
    /// The cell has begun to differ from the server's: request a resync.
    OutOfSync,
    /// The cell differs, and the resync that was requested has not arrived.
    AwaitsResync,
    /// The cell is not in view, so the chunk was ignored.
    OutOfView,
}

impl<G: Game> Replica<G> {
    pub(crate) fn new(grid: Grid) -> Self {
        Self { grid, window: None, cells: (0..grid.len()).map(|_| Cell::default()).collect() }
    }

    /// The grid of the arena's cells.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Begins a frame: changes the view, and moves every body on by dead reckoning.
    pub(crate) fn begin_frame(&mut self, view: Option<ViewChange>) {
        if let Some(view) = view {
            let old = self.window.replace(view.window);
            for cell in old.into_iter().flat_map(|old| self.grid.cells(old)) {
                if view.reset || !self.grid.window_has(view.window, cell) {
                    self.cells[usize::from(cell.0)] = Cell::default();
                }
            }
        }
        // A cell that has just come into view is empty, so advancing it changes nothing.
        for cell in self.window.into_iter().flat_map(|window| self.grid.cells(window)) {
            self.cells[usize::from(cell.0)].state.advance();
        }
    }

    /// Applies a chunk. `observe` sees each change before it is applied, with the cell as it is then.
    pub(crate) fn apply(
        &mut self,
        chunk: &CellChunk<G>,
        mut observe: impl FnMut(&CellChange<'_, G>, &CellState<G>),
    ) -> Applied {
        if !self.in_view(chunk.cell) {
            return Applied::OutOfView;
        }
        let cell = &mut self.cells[usize::from(chunk.cell.0)];
        let mut applied = if cell.awaits_resync { Applied::AwaitsResync } else { Applied::InSync };
        for change in &chunk.changes {
            observe(change, &cell.state);
            if matches!(change, CellChange::Reset) && cell.awaits_resync {
                cell.awaits_resync = false;
                applied = Applied::Resynced;
            }
            // Later changes are applied to a cell that differs, too: until the resync arrives, a cell that is slightly
            // wrong looks better than one that stands still.
            if cell.state.apply(change).is_err() && !cell.awaits_resync {
                cell.awaits_resync = true;
                applied = Applied::OutOfSync;
            }
        }
        applied
    }

    fn in_view(&self, cell: CellIndex) -> bool {
        self.grid.contains(cell) && self.window.is_some_and(|window| self.grid.window_has(window, cell))
    }

    /// The cell, if it is in view.
    pub fn cell(&self, cell: CellIndex) -> Option<&CellState<G>> {
        self.in_view(cell).then(|| &self.cells[usize::from(cell.0)].state)
    }

    /// All cells in view, row by row.
    pub fn cells(&self) -> impl Iterator<Item = (CellIndex, &CellState<G>)> {
        self.window
            .into_iter()
            .flat_map(|window| self.grid.cells(window))
            .map(|cell| (cell, &self.cells[usize::from(cell.0)].state))
    }

    /// All bodies in view and their positions, cell by cell.
    pub fn bodies(&self) -> impl Iterator<Item = (PlayerId, Vec2, Body<G>)> {
        self.cells().flat_map(move |(cell, state)| {
            state.bodies.iter().map(move |(id, body)| {
                let position = dequantize(cell, i32::from(body.x), i32::from(body.y), self.grid);
                (*id, position, *body)
            })
        })
    }

    /// All items in view, and their cells.
    pub fn items(&self) -> impl Iterator<Item = (CellIndex, PlacedItem<G::Item>)> {
        self.cells().flat_map(|(cell, state)| state.items.iter().map(move |item| (cell, *item)))
    }

    /// Items of the cells that a square around `centre` touches, and their cells.
    pub fn items_around(
        &self,
        centre: Vec2,
        reach: f32,
    ) -> impl Iterator<Item = (CellIndex, PlacedItem<G::Item>)> {
        self.grid
            .cells(self.grid.window(centre, Vec2::splat(reach)))
            .filter_map(|cell| Some((cell, self.cell(cell)?)))
            .flat_map(|(cell, state)| state.items.iter().map(move |item| (cell, *item)))
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::testing::TestGame;

    use super::*;

    const CELL: CellIndex = CellIndex(0);
    const ITEM: PlacedItem<u8> = PlacedItem { x: 3, y: 4, item: 1 };

    /// A replica of an arena of 2 × 2 cells, the lower row in view.
    fn replica() -> Replica<TestGame> {
        let grid = Grid::covering(Vec2::splat(1024.0));
        let mut replica = Replica::new(grid);
        let window = grid.window(Vec2::new(512.0, 100.0), Vec2::new(400.0, 50.0));
        replica.begin_frame(Some(ViewChange { window, reset: true }));
        replica
    }

    fn apply(
        replica: &mut Replica<TestGame>,
        cell: CellIndex,
        changes: Vec<CellChange<'static, TestGame>>,
    ) -> Applied {
        replica.apply(&CellChunk { cell, changes }, |_, _| ())
    }

    fn added() -> CellChange<'static, TestGame> {
        CellChange::ItemsAdded(vec![ITEM].into())
    }

    #[test]
    fn chunk_out_of_view_is_ignored() {
        let mut replica = replica();
        for cell in [CellIndex(3), CellIndex(999)] {
            assert_eq!(apply(&mut replica, cell, vec![added()]), Applied::OutOfView);
            assert!(replica.cell(cell).is_none());
        }
        assert_eq!(replica.cells().count(), 2);
    }

    #[test]
    fn mismatch_is_reported_once_until_the_resync_arrives() {
        let mut replica = replica();
        let wrong = || vec![CellChange::Checksum(1)];
        assert_eq!(apply(&mut replica, CELL, vec![added()]), Applied::InSync);
        assert_eq!(apply(&mut replica, CELL, wrong()), Applied::OutOfSync);
        assert_eq!(apply(&mut replica, CELL, wrong()), Applied::AwaitsResync);
        let sum = CellState::<TestGame>::checksum_of(&[], &[ITEM]);
        let resync = vec![CellChange::Reset, added(), CellChange::Checksum(sum)];
        assert_eq!(apply(&mut replica, CELL, resync), Applied::Resynced);
        assert_eq!(apply(&mut replica, CELL, wrong()), Applied::OutOfSync);
    }

    #[test]
    fn change_is_observed_before_it_is_applied() {
        let mut replica = replica();
        let mut items = Vec::new();
        let chunk = CellChunk { cell: CELL, changes: vec![added(), CellChange::Reset] };
        replica.apply(&chunk, |_, state| items.push(state.items.len()));
        assert_eq!(items, [0, 1]);
    }

    #[test]
    fn cells_that_leave_the_view_and_a_reset_view_are_forgotten() {
        for (half, reset, left) in [(50.0, false, 1), (50.0, true, 0)] {
            let mut replica = replica();
            for cell in [0, 1] {
                apply(&mut replica, CellIndex(cell), vec![added()]);
            }
            let window = replica.grid.window(Vec2::splat(100.0), Vec2::splat(half));
            replica.begin_frame(Some(ViewChange { window, reset }));
            assert_eq!(replica.items_around(Vec2::splat(100.0), 1000.0).count(), left);
        }
    }
}
