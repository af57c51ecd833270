//! Which cells a viewer sees, at which rate, and which chunks that makes in a tick.

use shared::{
    Vec2,
    engine::{
        grid::{CellWindow, Grid},
        ids::CellIndex,
        limits::CELLS_MAX,
        protocol::ViewChange,
    },
};

use super::{cells::CellBoard, chunk::Chunk};
use crate::engine::simulation::Simulation;

/// A cell comes into the view when it is this near to what is in sight, in units: its bodies are there before they can be
/// seen.
const GAIN_MARGIN: f32 = 128.0;
/// A cell leaves the view when it is this far from what is in sight, in units. The difference is the hysteresis: a body that
/// goes to and fro across a border keeps the same cells.
const KEEP_MARGIN: f32 = 320.0;
/// Cells that a client can ask for again in one tick.
const REQUESTS_MAX: usize = 64;

/// How much viewers see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detail {
    /// The part of the view that is sent at the full rate, from 0 to 1. The rest is sent at the reduced rate.
    pub full_rate_share: f32,
    /// The size of the view, from 0 to 1 of its full size.
    pub view_scale: f32,
}

impl Detail {
    /// The whole view at the full rate.
    pub const FULL: Self = Self { full_rate_share: 1.0, view_scale: 1.0 };
}

/// What a viewer sees.
#[derive(Debug)]
pub(super) struct View {
    window: Option<CellWindow>,
    sync: Sync,
    centre: Vec2,
    /// Cells that the client has asked for again.
    requested: Vec<CellIndex>,
    /// Cells of the window that are sent at the reduced rate.
    reduced: CellSet,
}

/// Whether a client has the view's last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sync {
    /// No frame has been sent.
    New,
    Current,
    /// Frames were skipped since.
    Behind,
}

impl View {
    pub(super) fn new(centre: Vec2) -> Self {
        let (requested, reduced) = (Vec::new(), CellSet::default());
        Self { window: None, sync: Sync::New, centre, requested, reduced }
    }

    /// Notes that this tick's frame is not sent, so that the next one starts over. Whether it is the first that is not.
    #[inline]
    pub(super) fn skip_frame(&mut self) -> bool {
        let was_in_sync = self.sync == Sync::Current;
        if was_in_sync {
            self.sync = Sync::Behind;
        }
        was_in_sync
    }

    /// Whether frames were skipped since the last one that was sent.
    #[inline]
    pub(super) fn is_out_of_sync(&self) -> bool {
        self.sync == Sync::Behind
    }

    /// Requests the whole of a cell with the next frame.
    pub(super) fn request(&mut self, cell: CellIndex) {
        if self.requested.len() < REQUESTS_MAX && !self.requested.contains(&cell) {
            self.requested.push(cell);
        }
    }

    /// Centres the view, which reaches `half` to each side, and returns the change of its window that the next frame makes. Each
    /// side of the window moves only as far as it must.
    #[inline]
    pub(super) fn follow(&mut self, position: Option<Vec2>, half: Vec2, grid: Grid) -> Option<ViewChange> {
        self.centre = position.unwrap_or(self.centre);
        let within = |margin: f32| grid.window(self.centre, half + margin);
        let (least, most) = (within(GAIN_MARGIN), within(KEEP_MARGIN));
        match self.window {
            Some(old) if self.sync == Sync::Current => {
                let window = CellWindow {
                    left: old.left.clamp(most.left, least.left),
                    bottom: old.bottom.clamp(most.bottom, least.bottom),
                    right: old.right.clamp(least.right, most.right),
                    top: old.top.clamp(least.top, most.top),
                };
                (window != old).then_some(ViewChange { window, reset: false })
            }
            _ => Some(ViewChange { window: least, reset: true }),
        }
    }

    /// Lists in `chunks` what a frame with this change of the view contains, which counts as sent from here on. What is within
    /// `near` of the centre is sent at the full rate. Returns how many cells are in it because they were requested.
    pub(super) fn collect<S: Simulation>(
        &mut self,
        change: Option<ViewChange>,
        near: Vec2,
        cells: &mut CellBoard<S::Game>,
        sim: &S,
        chunks: &mut Vec<Chunk>,
    ) -> u64 {
        let grid = cells.grid();
        let before = self.window.filter(|_| self.sync == Sync::Current);
        let window = change.map_or(before, |change| Some(change.window)).unwrap_or_default();
        let near = grid.window(self.centre, near);
        chunks.clear();
        let mut resynced = 0;
        for (column, row, cell) in grid.places(window) {
            let is_new = !before.is_some_and(|before| before.has(column, row));
            let is_requested = !self.requested.is_empty() && self.requested.contains(&cell);
            resynced += u64::from(is_requested && !is_new);
            let update = *cells.update(cell);
            let chunk = if is_new || is_requested {
                self.reduced.set(cell, false);
                cells.snapshot(cell, sim)
            } else if self.reduced.has(cell) {
                update.reduced_rate
            } else {
                update.full_rate
            };
            if !chunk.is_empty() {
                chunks.push(chunk);
            }
            if update.is_slot {
                self.reduced.set(cell, !near.has(column, row));
            }
        }
        self.requested.clear();
        self.window = Some(window);
        self.sync = Sync::Current;
        resynced
    }

    /// Whether a cell is in the view.
    #[inline]
    pub(super) fn has(&self, cell: CellIndex, grid: Grid) -> bool {
        self.window.is_some_and(|window| grid.window_has(window, cell))
    }

    /// Whether a cell is in the view, at the full rate.
    pub(super) fn has_at_full_rate(&self, cell: CellIndex, grid: Grid) -> bool {
        self.has(cell, grid) && !self.reduced.has(cell)
    }
}

/// A set of cells of a grid.
#[derive(Clone, Copy, Debug, Default)]
struct CellSet([u64; CELLS_MAX / 64]);

impl CellSet {
    #[inline]
    fn has(&self, cell: CellIndex) -> bool {
        self.0[usize::from(cell.0) / 64] >> (cell.0 % 64) & 1 == 1
    }

    #[inline]
    fn set(&mut self, cell: CellIndex, is_in: bool) {
        let word = &mut self.0[usize::from(cell.0) / 64];
        *word = *word & !(1 << (cell.0 % 64)) | u64::from(is_in) << (cell.0 % 64);
    }
}

#[cfg(test)]
mod tests;
