//! What one player sees: its window of cells, and which chunks that makes in this tick.

use shared::{
    Vec2,
    grid::{CellWindow, Grid},
    ids::{CellIndex, PlayerId},
    protocol::{FrameHead, ViewChange},
    terrain::Terrain,
};

use super::{
    cells::{CellBoard, Chunk},
    news::News,
    pilot_state,
};
use crate::{
    bridge::Link,
    sim::{Life, World},
};

/// How far beyond the view a new window reaches, in units: what must be flown before the next one.
const MARGIN: f32 = 160.0;
/// Cells that a client may ask for again in one tick.
const AGAIN_MAX: usize = 64;

/// A player and what it sees.
#[derive(Debug)]
pub(super) struct Viewer {
    pub(super) player: PlayerId,
    pub(super) link: Link,
    pub(super) view: View,
}

/// What a player sees.
#[derive(Debug)]
pub(super) struct View {
    window: Option<CellWindow>,
    state: Step,
    centre: Vec2,
    again: Vec<CellIndex>,
    chunks: Vec<Chunk>,
}

/// Whether a viewer's last frame is the last frame there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It has had no frame.
    New,
    /// It is.
    In,
    /// It was, and then some were skipped.
    Out,
}

impl Viewer {
    pub(super) fn new(player: PlayerId, link: Link) -> Self {
        let view = View {
            window: None,
            state: Step::New,
            centre: Vec2::ZERO,
            again: Vec::new(),
            chunks: Vec::new(),
        };
        Self { player, link, view }
    }

    pub(super) fn wants_again(&mut self, cell: CellIndex) {
        if self.view.again.len() < AGAIN_MAX && !self.view.again.contains(&cell) {
            self.view.again.push(cell);
        }
    }
}

impl View {
    /// A frame was skipped: what follows must not build on it.
    pub(super) fn out_of_step(&mut self) {
        if self.state != Step::New {
            self.state = Step::Out;
        }
    }

    /// Whether frames were skipped since the last one.
    pub(super) fn is_out_of_step(&self) -> bool {
        self.state == Step::Out
    }

    /// The player's own part of the frame; `None` if it has gone.
    pub(super) fn head(
        &mut self,
        player: PlayerId,
        world: &World,
        terrain: &Terrain,
        news: &News,
    ) -> Option<FrameHead> {
        let pilot = world.pilot(player)?;
        match &pilot.life {
            Life::Flying(ship) => self.centre = ship.motion.position,
            Life::Waiting { last: Some(motion), .. } => self.centre = motion.position,
            Life::Waiting { last: None, .. } => {}
        }
        Some(FrameHead {
            tick: world.tick,
            acked: pilot.inputs.applied(),
            inputs_queued: pilot.inputs.waiting() as u8,
            pilot: pilot_state(pilot, world.tick, news.rank_of(player)),
            view: self.change(terrain),
        })
    }

    /// The change of view that this frame makes. The window moves only when the view would reach out of it.
    fn change(&self, terrain: &Terrain) -> Option<ViewChange> {
        let (grid, half) = (terrain.grid(), terrain.arena().rules.view);
        let reset = self.state != Step::In;
        let needed = grid.window(self.centre, half);
        match self.window {
            Some(window) if !reset && window.covers(needed) => None,
            _ => Some(ViewChange { window: grid.window(self.centre, half + MARGIN), reset }),
        }
    }

    /// Settles which chunks go into the frame with this head. Returns how many of them were asked for again.
    pub(super) fn collect(
        &mut self,
        head: &FrameHead,
        cells: &mut CellBoard,
        world: &World,
        grid: Grid,
    ) -> u64 {
        let before = self.window.filter(|_| self.state == Step::In);
        let window = head.view.map_or(before, |change| Some(change.window)).unwrap_or_default();
        self.chunks.clear();
        let mut again = 0;
        for cell in grid.cells(window) {
            let is_new = !before.is_some_and(|before| grid.window_has(before, cell));
            let is_wanted = self.again.contains(&cell);
            again += u64::from(is_wanted && !is_new);
            if is_new || is_wanted {
                self.chunks.push(cells.full(cell, world));
            } else {
                self.chunks.extend(cells.delta(cell));
            }
        }
        self.again.clear();
        self.window = Some(window);
        self.state = Step::In;
        again
    }

    /// The chunks settled last.
    pub(super) fn chunks<'a>(&'a self, cells: &'a CellBoard) -> impl ExactSizeIterator<Item = &'a [u8]> {
        self.chunks.iter().map(|chunk| cells.bytes(chunk.clone()))
    }
}
