//! The cells in view as the server described them, to the bit. It must not know time, prediction or drawing:
//! what is here is what the server's own baseline is, and checksums see to it.

use shared::{
    Vec2,
    engine::{
        grid::{CellWindow, Grid},
        ids::{CellIndex, PlayerId},
        protocol::dequantize,
    },
    game::{
        ember::Ember,
        protocol::{CellChange, CellChunk, CellState, ShipState, ViewChange},
    },
};

/// The cells in view.
#[derive(Debug)]
pub(super) struct Replica {
    grid: Grid,
    window: Option<CellWindow>,
    /// For every cell of the grid; empty for those out of view.
    cells: Vec<Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    state: CellState,
    /// It differs from the server's and was asked for in full.
    awaits_reset: bool,
}

/// What putting a chunk on came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Applied {
    /// As it should be.
    Well,
    /// The cell was out of step and came in full.
    Resynced,
    /// The cell differs from the server's since now: ask for it.
    Differs,
    /// The cell differs and has been asked for.
    StillDiffers,
    /// The cell is not in view.
    Stray,
}

impl Replica {
    pub(super) fn new(grid: Grid) -> Self {
        Self { grid, window: None, cells: vec![Known::default(); grid.len()] }
    }

    /// Begins a frame: the new view, if it changed, and one step straight on for every ship.
    pub(super) fn begin(&mut self, view: Option<ViewChange>) {
        if let Some(view) = view {
            let old = self.window.replace(view.window);
            for cell in old.into_iter().flat_map(|old| self.grid.cells(old)) {
                if view.reset || !self.grid.window_has(view.window, cell) {
                    self.cells[usize::from(cell.0)] = Known::default();
                }
            }
        }
        // Cells gained just now are empty, and advancing those changes nothing.
        for cell in self.window.into_iter().flat_map(|window| self.grid.cells(window)) {
            self.cells[usize::from(cell.0)].state.advance();
        }
    }

    /// Puts a chunk on. `look` sees each change just before it is put on, with the cell as it is then.
    pub(super) fn apply(
        &mut self,
        chunk: &CellChunk,
        mut look: impl FnMut(&CellChange<'_>, &CellState),
    ) -> Applied {
        if !self.in_view(chunk.cell) {
            return Applied::Stray;
        }
        let known = &mut self.cells[usize::from(chunk.cell.0)];
        let mut applied = if known.awaits_reset { Applied::StillDiffers } else { Applied::Well };
        for change in &chunk.changes {
            look(change, &known.state);
            if matches!(change, CellChange::Reset) && known.awaits_reset {
                known.awaits_reset = false;
                applied = Applied::Resynced;
            }
            // What still fits a cell that differs is put on all the same: a cell that is a little wrong until
            // its full chunk comes looks better than one that stands still.
            if known.state.apply(change).is_err() && !known.awaits_reset {
                known.awaits_reset = true;
                applied = Applied::Differs;
            }
        }
        applied
    }

    fn in_view(&self, cell: CellIndex) -> bool {
        self.grid.contains(cell) && self.window.is_some_and(|window| self.grid.window_has(window, cell))
    }

    /// The cell, if it is in view.
    pub(super) fn cell(&self, cell: CellIndex) -> Option<&CellState> {
        self.in_view(cell).then(|| &self.cells[usize::from(cell.0)].state)
    }

    /// All cells in view, row by row.
    pub(super) fn cells(&self) -> impl Iterator<Item = (CellIndex, &CellState)> {
        self.window
            .into_iter()
            .flat_map(|window| self.grid.cells(window))
            .map(|cell| (cell, &self.cells[usize::from(cell.0)].state))
    }

    /// All ships in view, cell by cell, and where they are.
    pub(super) fn ships(&self) -> impl Iterator<Item = (PlayerId, Vec2, ShipState)> {
        self.cells().flat_map(move |(cell, state)| {
            state.ships.iter().map(move |(id, ship)| {
                let place = dequantize(cell, i32::from(ship.x), i32::from(ship.y), self.grid);
                (*id, place, *ship)
            })
        })
    }

    /// Embers of the cells that a square around `centre` touches, and their cells.
    pub(super) fn embers_around(&self, centre: Vec2, reach: f32) -> impl Iterator<Item = (CellIndex, Ember)> {
        self.grid
            .cells(self.grid.window(centre, Vec2::splat(reach)))
            .filter_map(|cell| Some((cell, self.cell(cell)?)))
            .flat_map(|(cell, state)| state.embers.iter().map(move |ember| (cell, *ember)))
    }
}
