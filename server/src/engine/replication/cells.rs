//! The cells of the grid: what the viewers of each cell have, and each cell's update of this tick, encoded once however
//! many viewers it has.
//!
//! A viewer gets a cell in sight at the full rate, in every tick, and a cell farther away at the reduced rate: only in the
//! cell's slots, with all changes since the slot before. In between, its client dead-reckons the cell's bodies. After a
//! slot viewers at both rates have the same state, so that is when a viewer can change from one rate to the other.

use shared::engine::{
    game_trait::Game,
    grid::Grid,
    ids::{CellIndex, PlayerId},
    protocol::{Body, CellChange, CellState, Diff, non_empty},
};

use super::{
    cell_events::CellEvents,
    chunk::{Chunk, ChunkBuffer},
    dead_reckoning::keep_within_tolerance,
    ongoing::Ongoing,
};
use crate::engine::simulation::{Changes, Simulation};

/// Slots of a cell per second.
const REDUCED_HZ: u16 = 5;
/// Initial capacity of a cell's lists of bodies.
const CAPACITY: usize = 32;

/// A cell's update of this tick. Small and apart from [`Cell`], because every viewer looks at about twenty of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CellUpdate {
    /// This tick's changes.
    pub(super) full_rate: Chunk,
    /// The changes since the last slot; only in a slot.
    pub(super) reduced_rate: Chunk,
    /// The whole cell; only once a viewer has asked for it in this tick.
    snapshot: Chunk,
    /// Whether this tick is one of the cell's slots. Neighbouring cells have theirs in different ticks.
    pub(super) is_slot: bool,
}

/// What viewers of a cell have. Their items are the world's, so only bodies are kept here.
#[derive(Debug)]
struct Cell<G: Game> {
    /// At the full rate.
    known: CellState<G>,
    /// At the reduced rate, as of the last slot.
    known_reduced: CellState<G>,
    /// The bodies of this tick.
    next: Vec<(PlayerId, Body<G>)>,
    /// Of this tick.
    events: CellEvents<G>,
    /// Since the last slot.
    events_since_slot: CellEvents<G>,
}

impl<G: Game> Cell<G> {
    fn new() -> Self {
        let empty = || CellState { bodies: Vec::with_capacity(CAPACITY), items: Vec::new() };
        Self {
            known: empty(),
            known_reduced: empty(),
            next: Vec::with_capacity(CAPACITY),
            events: CellEvents::default(),
            events_since_slot: CellEvents::default(),
        }
    }

    /// Whether there is nothing to say of it before something happens in it. The bodies of the tick before are gone, too.
    fn is_quiet(&self) -> bool {
        self.known.bodies.is_empty()
            && self.known_reduced.bodies.is_empty()
            && self.next.is_empty()
            && self.events.is_empty()
            && self.events_since_slot.is_empty()
    }
}

/// All cells.
#[derive(Debug)]
pub(super) struct CellBoard<G: Game> {
    cells: Vec<Cell<G>>,
    /// By cell.
    updates: Vec<CellUpdate>,
    /// By cell: no body is in it, none left it, and nothing happened in it. In a world of few players most cells are; they are passed
    /// over without a look at [`Cell`], which is large, and cold where hundreds of worlds share a processor.
    is_quiet: Vec<bool>,
    grid: Grid,
    /// Ticks from one slot of a cell to the next.
    slot_interval: u32,
    /// Slots from one checksum to the next: about a second.
    slots_per_checksum: u32,
    /// Ticks encoded. Slots count these and not the world's ticks, because the world can skip some and clients
    /// dead-reckon by frames.
    encoded: u32,
    diff: Diff<G>,
    buffer: ChunkBuffer,
    ongoing: Ongoing<G>,
}

impl<G: Game> CellBoard<G> {
    pub(super) fn new(grid: Grid, tick_rate: u16) -> Self {
        let mut cells = Vec::new();
        cells.resize_with(grid.len(), Cell::new);
        let slot_interval = u32::from((tick_rate / REDUCED_HZ).max(1));
        Self {
            updates: vec![CellUpdate::default(); cells.len()],
            is_quiet: vec![true; cells.len()],
            cells,
            grid,
            slot_interval,
            slots_per_checksum: u32::from(tick_rate).div_ceil(slot_interval),
            encoded: 0,
            diff: Diff::default(),
            buffer: ChunkBuffer::default(),
            ongoing: Ongoing::default(),
        }
    }

    /// The grid of the arena.
    pub(super) fn grid(&self) -> Grid {
        self.grid
    }

    /// Discards the last tick's updates.
    pub(super) fn begin_tick(&mut self) {
        self.encoded = self.encoded.wrapping_add(1);
        self.buffer.clear();
        self.ongoing.invalidate();
        for (cell, is_quiet) in self.cells.iter_mut().zip(&self.is_quiet) {
            if !is_quiet {
                cell.next.clear();
                cell.events.clear();
            }
        }
        self.updates.fill(CellUpdate::default());
    }

    /// Adds a body of this tick. Bodies must be added by rising id.
    pub(super) fn add_body(&mut self, cell: CellIndex, id: PlayerId, state: Body<G>) {
        self.cell_mut(cell).next.push((id, state));
    }

    /// Sorts what happened in a tick into its cells.
    pub(super) fn add_changes(&mut self, changes: &Changes<G>) {
        for (cell, taken) in &changes.items_taken {
            self.cell_mut(*cell).events.add_taken_item(*taken);
        }
        for (cell, item) in &changes.items_added {
            self.cell_mut(*cell).events.add_item(*item);
        }
        for (cell, event) in &changes.events {
            self.cell_mut(*cell).events.add(event.clone());
        }
    }

    /// A cell in which something happens.
    fn cell_mut(&mut self, cell: CellIndex) -> &mut Cell<G> {
        self.is_quiet[usize::from(cell.0)] = false;
        &mut self.cells[usize::from(cell.0)]
    }

    /// Which of a cell's slots this tick is, if it is one.
    fn slot(&self, cell: CellIndex) -> Option<u32> {
        let ticks = self.encoded.wrapping_add(u32::from(cell.0));
        ticks.is_multiple_of(self.slot_interval).then_some(ticks / self.slot_interval)
    }

    /// Encodes what changed in each cell. From here on its viewers count as having it.
    pub(super) fn encode<S: Simulation<Game = G>>(&mut self, sim: &S) {
        for index in (0..self.cells.len() as u16).map(CellIndex) {
            let slot = self.slot(index);
            let Self { cells, updates, is_quiet, diff, buffer, slots_per_checksum, slot_interval, .. } = self;
            let update = &mut updates[usize::from(index.0)];
            update.is_slot = slot.is_some();
            let is_due = slot.is_some_and(|slot| slot.is_multiple_of(*slots_per_checksum));
            let is_quiet = &mut is_quiet[usize::from(index.0)];
            if *is_quiet && !is_due {
                continue;
            }
            let cell = &mut cells[usize::from(index.0)];

            cell.known.advance();
            keep_within_tolerance(&cell.known.bodies, &mut cell.next);
            cell.known.diff(&cell.next, diff);
            core::mem::swap(&mut cell.known.bodies, &mut cell.next);
            let items = sim.items(index);
            let checksum = (is_due && !(cell.known.bodies.is_empty() && items.is_empty()))
                .then(|| CellState::<G>::checksum_of(&cell.known.bodies, items));
            update.full_rate = buffer.write_update(index, diff, cell.events.changes(), checksum);

            if !(cell.events.is_empty() && cell.events_since_slot.is_empty()) {
                cell.events_since_slot.merge(&cell.events, index, sim);
            }
            if slot.is_some() {
                cell.known_reduced.advance_by(*slot_interval as u8);
                cell.known_reduced.catch_up(&cell.known.bodies, diff);
                cell.known_reduced.bodies.clone_from(&cell.known.bodies);
                let events = cell.events_since_slot.changes();
                update.reduced_rate = buffer.write_update(index, diff, events, checksum);
                cell.events_since_slot.clear();
            }
            *is_quiet = cell.is_quiet();
        }
    }

    /// A cell's update of this tick.
    pub(super) fn update(&self, cell: CellIndex) -> &CellUpdate {
        &self.updates[usize::from(cell.0)]
    }

    /// The whole cell, encoded when it is first asked for in a tick.
    pub(super) fn snapshot<S: Simulation<Game = G>>(&mut self, index: CellIndex, sim: &S) -> Chunk {
        let Self { cells, updates, diff, buffer, ongoing, .. } = self;
        let cell = &cells[usize::from(index.0)];
        let snapshot = &mut updates[usize::from(index.0)].snapshot;
        // A snapshot is never empty: it has at least the reset.
        if snapshot.is_empty() {
            CellState::full(&cell.known.bodies, diff);
            let items = non_empty(sim.items(index)).map(|list| CellChange::ItemsAdded(list.into()));
            let events = non_empty(ongoing.in_cell(index, sim)).map(|list| CellChange::Events(list.into()));
            let reset = core::iter::once(CellChange::Reset);
            let rest = items.into_iter().chain(events);
            *snapshot = buffer.write(index, reset.chain(diff.changes()).chain(rest));
        }
        *snapshot
    }

    /// The bytes of a chunk of this tick.
    pub(super) fn bytes(&self, chunk: Chunk) -> &[u8] {
        self.buffer.bytes(chunk)
    }

    /// A cell's bodies as viewers at the full rate have them, by rising id.
    pub(super) fn known_bodies(&self, cell: CellIndex) -> &[(PlayerId, Body<G>)] {
        &self.cells[usize::from(cell.0)].known.bodies
    }

    /// The same at the reduced rate, as of the last slot, and how many ticks ago that was.
    pub(super) fn known_bodies_reduced(&self, cell: CellIndex) -> (&[(PlayerId, Body<G>)], u32) {
        let ticks = self.encoded.wrapping_add(u32::from(cell.0)) % self.slot_interval;
        (&self.cells[usize::from(cell.0)].known_reduced.bodies, ticks)
    }
}
