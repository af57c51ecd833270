//! The grid of cells: what the viewers of each know, and this tick's changes, each encoded once into one buffer
//! of which frames copy slices.

use core::ops::Range;

use shared::{
    grid::Grid,
    ids::{CellIndex, PlayerId},
    protocol::{
        CellChange, CellState, Death, Diff, Ember, EmberTaken, Hit, ShipState, ShotRecord, put, quantize,
    },
};

use crate::sim::{Events, Shot, World};

/// A slice of the board's buffer.
pub(super) type Chunk = Range<usize>;

#[derive(Debug, Default)]
struct Cell {
    /// What viewers know; its embers are the world's.
    known: CellState,
    /// The ships of this tick.
    next: Vec<(PlayerId, ShipState)>,
    embers_taken: Vec<EmberTaken>,
    embers_added: Vec<Ember>,
    shots: Vec<ShotRecord>,
    hits: Vec<Hit>,
    deaths: Vec<Death>,
    delta: Option<Chunk>,
    full: Option<Chunk>,
}

/// All cells.
#[derive(Debug)]
pub(super) struct CellBoard {
    cells: Vec<Cell>,
    grid: Grid,
    diff: Diff,
    bytes: Vec<u8>,
    shots: Vec<ShotRecord>,
}

impl CellBoard {
    pub(super) fn new(grid: Grid) -> Self {
        let mut cells = Vec::new();
        cells.resize_with(grid.len(), Cell::default);
        Self { cells, grid, diff: Diff::default(), bytes: Vec::new(), shots: Vec::new() }
    }

    /// Forgets the last tick's changes.
    pub(super) fn begin(&mut self) {
        self.bytes.clear();
        for cell in &mut self.cells {
            cell.next.clear();
            cell.embers_taken.clear();
            cell.embers_added.clear();
            cell.shots.clear();
            cell.hits.clear();
            cell.deaths.clear();
            (cell.delta, cell.full) = (None, None);
        }
    }

    /// Puts a ship into its cell; ships come in rising order of number.
    pub(super) fn place(&mut self, cell: CellIndex, id: PlayerId, state: ShipState) {
        self.at(cell).next.push((id, state));
    }

    /// Sorts the tick's events into their cells.
    pub(super) fn note(&mut self, events: &Events) {
        let grid = self.grid;
        for (cell, taken) in &events.embers_taken {
            self.at(*cell).embers_taken.push(*taken);
        }
        for (cell, ember) in &events.embers_added {
            self.at(*cell).embers_added.push(*ember);
        }
        for (_, shot) in &events.shots {
            let (cell, record) = shot_record(shot, grid);
            self.at(cell).shots.push(record);
        }
        for (cell, hit) in &events.hits {
            self.at(*cell).hits.push(*hit);
        }
        for (_, ship, place) in &events.deaths {
            let place = quantize(*place, grid);
            self.at(place.cell).deaths.push(Death { ship: *ship, x: place.x, y: place.y });
        }
    }

    fn at(&mut self, cell: CellIndex) -> &mut Cell {
        &mut self.cells[usize::from(cell.0)]
    }

    /// Encodes what changed in each cell, and from now on viewers know it.
    pub(super) fn encode(&mut self, world: &World, tick_rate: u16) {
        let Self { cells, diff, bytes, .. } = self;
        for (index, cell) in cells.iter_mut().enumerate() {
            let index = CellIndex(index as u16);
            cell.known.advance();
            cell.known.diff(&cell.next, diff);
            core::mem::swap(&mut cell.known.ships, &mut cell.next);
            // Once a second, and not for all cells in the same tick.
            let is_due = (world.tick.0 + u32::from(index.0)).is_multiple_of(u32::from(tick_rate));
            let embers = world.embers.in_cell(index);
            let checksum = (is_due && !(cell.known.ships.is_empty() && embers.is_empty()))
                .then(|| CellChange::Checksum(CellState::checksum_of(&cell.known.ships, embers)));
            let start = bytes.len();
            let changes = diff.changes().chain(cell.events()).chain(checksum);
            if write_chunk(bytes, index, changes) > 0 {
                cell.delta = Some(start..bytes.len());
            } else {
                bytes.truncate(start);
            }
        }
    }

    /// This tick's changes of a cell, if there are any.
    pub(super) fn delta(&self, cell: CellIndex) -> Option<Chunk> {
        self.cells[usize::from(cell.0)].delta.clone()
    }

    /// All of a cell; encoded when it is first asked for in a tick.
    pub(super) fn full(&mut self, index: CellIndex, world: &World) -> Chunk {
        let Self { cells, diff, bytes, shots, grid } = self;
        let cell = &mut cells[usize::from(index.0)];
        if let Some(chunk) = &cell.full {
            return chunk.clone();
        }
        CellState::full(&cell.known.ships, diff);
        shots.clear();
        shots.extend(
            world
                .shots
                .iter()
                .map(|shot| shot_record(shot, *grid))
                .filter(|(at, _)| *at == index)
                .map(|(_, shot)| shot),
        );
        let start = bytes.len();
        let embers = some(world.embers.in_cell(index)).map(|list| CellChange::EmbersAdded(list.into()));
        let flying = some(shots).map(|list| CellChange::Shots(list.into()));
        let events = some(&cell.deaths).map(|list| CellChange::Deaths(list.into()));
        let changes = core::iter::once(CellChange::Reset)
            .chain(diff.changes())
            .chain(embers)
            .chain(flying)
            .chain(events);
        write_chunk(bytes, index, changes);
        let chunk = start..bytes.len();
        cell.full = Some(chunk.clone());
        chunk
    }

    /// The bytes of a chunk of this tick.
    pub(super) fn bytes(&self, chunk: Chunk) -> &[u8] {
        &self.bytes[chunk]
    }

    pub(super) fn known_ships(&self, cell: CellIndex) -> &[(PlayerId, ShipState)] {
        &self.cells[usize::from(cell.0)].known.ships
    }
}

impl Cell {
    /// The changes that are not about where ships are. Embers are taken before new ones fall, because one may
    /// fall on the point that another left.
    fn events(&self) -> impl Iterator<Item = CellChange<'_>> {
        [
            some(&self.embers_taken).map(|list| CellChange::EmbersTaken(list.into())),
            some(&self.embers_added).map(|list| CellChange::EmbersAdded(list.into())),
            some(&self.shots).map(|list| CellChange::Shots(list.into())),
            some(&self.hits).map(|list| CellChange::Hits(list.into())),
            some(&self.deaths).map(|list| CellChange::Deaths(list.into())),
        ]
        .into_iter()
        .flatten()
    }
}

fn some<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

fn shot_record(shot: &Shot, grid: Grid) -> (CellIndex, ShotRecord) {
    let place = quantize(shot.position, grid);
    let record = ShotRecord {
        id: shot.id,
        owner: shot.owner,
        x: place.x,
        y: place.y,
        direction: shot.direction,
        ticks_left: shot.ticks_left,
    };
    (place.cell, record)
}

/// Appends a `CellChunk` and returns how many changes it has.
fn write_chunk<'a>(
    bytes: &mut Vec<u8>,
    cell: CellIndex,
    changes: impl Iterator<Item = CellChange<'a>>,
) -> usize {
    put(bytes, &cell);
    // The count comes first; there are fewer than a dozen kinds of change, so it is a byte.
    let count_at = bytes.len();
    put(bytes, &0_usize);
    let mut count = 0;
    for change in changes {
        put(bytes, &change);
        count += 1;
    }
    bytes[count_at] = count;
    usize::from(count)
}
