//! The grid of cells: what the viewers of each know, and what they are told this tick, each encoded once into one
//! buffer of which frames copy slices.
//!
//! A cell in sight is told of every tick. One that is only near sight is told of now and then, all changes since
//! the last time at once; for its viewers, ships go straight on in between. Its turn is a tick after which both
//! kinds of viewers know the same, so a viewer can change from one kind to the other then.

use shared::{
    engine::{
        grid::Grid,
        ids::{CellIndex, PlayerId},
        protocol::{put, quantize},
    },
    game::{
        protocol::{CellChange, CellState, Death, Diff, ShipState, ShotRecord},
        terrain::Terrain,
        timing::Timing,
    },
};

use crate::game::replication::cell_events::{CellEvents, ShotIndex};
use crate::game::sim::{Events, Shot, World};

/// A slice of the board's buffer; empty if there is nothing to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    start: u32,
    end: u32,
}

impl Chunk {
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// What there is to tell of a cell in this tick. Apart from the cell and small, because every viewer looks at some
/// twenty of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// This tick's changes.
    pub(super) delta: Chunk,
    /// The changes since its last turn, if this is its turn.
    pub(super) far: Chunk,
    /// All of it, once somebody has asked for it.
    full: Chunk,
    /// Whether this tick is its turn to be told of to those who are told now and then. Not all cells have theirs in
    /// the same tick.
    pub(super) is_turn: bool,
}

/// How often a cell out of sight is told of, in Hz.
const FAR_HZ: u16 = 5;
/// Steps that a ship may be off the straight way without being told of: 1/8 unit, which nobody sees. Without it
/// nearly every ship would be told of every tick, for the rounding of its speed alone.
const SLACK_STEPS: i32 = 2;

/// Ships that a cell has room for from the start, so that its lists seldom grow.
const ROOM: usize = 32;

#[derive(Debug)]
struct Cell {
    /// What viewers know who are told of every tick; its embers are the world's.
    known: CellState,
    /// What those know who are told now and then, as of the last turn.
    known_far: CellState,
    /// The ships of this tick.
    next: Vec<(PlayerId, ShipState)>,
    /// Of this tick.
    happened: CellEvents,
    /// Since the last turn.
    happened_far: CellEvents,
}

impl Cell {
    fn new() -> Self {
        let empty = || CellState { ships: Vec::with_capacity(ROOM), embers: Vec::new() };
        Self {
            known: empty(),
            known_far: empty(),
            next: Vec::with_capacity(ROOM),
            happened: CellEvents::default(),
            happened_far: CellEvents::default(),
        }
    }
}

/// All cells.
#[derive(Debug)]
pub(super) struct CellBoard {
    cells: Vec<Cell>,
    /// Of each cell.
    told: Vec<Told>,
    grid: Grid,
    /// Ticks from one turn of a cell to the next.
    cadence: u32,
    /// Turns from one checksum to the next.
    checksum_turns: u32,
    /// Ticks published. Viewers count frames, and ticks may be left out, so turns are not told from the world's.
    published: u32,
    diff: Diff,
    bytes: Vec<u8>,
    shots: ShotIndex,
}

impl CellBoard {
    pub(super) fn new(grid: Grid, tick_rate: u16) -> Self {
        let mut cells = Vec::new();
        cells.resize_with(grid.len(), Cell::new);
        let cadence = u32::from((tick_rate / FAR_HZ).max(1));
        Self {
            told: vec![Told::default(); cells.len()],
            cells,
            grid,
            cadence,
            checksum_turns: u32::from(tick_rate).div_ceil(cadence),
            published: 0,
            diff: Diff::default(),
            bytes: Vec::new(),
            shots: ShotIndex::default(),
        }
    }

    /// Forgets the last tick's changes.
    pub(super) fn begin(&mut self) {
        self.published = self.published.wrapping_add(1);
        self.bytes.clear();
        self.shots.begin();
        for cell in &mut self.cells {
            cell.next.clear();
            cell.happened.clear();
        }
        self.told.fill(Told::default());
    }

    /// Puts a ship into its cell; ships come in rising order of number.
    pub(super) fn place(&mut self, cell: CellIndex, id: PlayerId, state: ShipState) {
        self.at(cell).next.push((id, state));
    }

    /// Sorts the tick's events into their cells.
    pub(super) fn note(&mut self, events: &Events) {
        let grid = self.grid;
        for (cell, taken) in &events.embers_taken {
            self.at(*cell).happened.ember_taken(*taken);
        }
        for (cell, ember) in &events.embers_added {
            self.at(*cell).happened.ember_added(*ember);
        }
        for (_, shot) in &events.shots {
            let (cell, record) = shot_record(shot, grid);
            self.at(cell).happened.shot(record);
        }
        for (cell, hit) in &events.hits {
            self.at(*cell).happened.hit(*hit);
        }
        for death in &events.deaths {
            let place = quantize(death.position, grid);
            // Everyone is sent the killer of an announced death.
            let by = death.by.filter(|_| !death.is_announced());
            self.at(place.cell).happened.death(Death { ship: death.ship, x: place.x, y: place.y, by });
        }
    }

    fn at(&mut self, cell: CellIndex) -> &mut Cell {
        &mut self.cells[usize::from(cell.0)]
    }

    /// The number of the cell's turn that this tick is.
    fn turns(&self, cell: CellIndex) -> Option<u32> {
        let count = self.published.wrapping_add(u32::from(cell.0));
        count.is_multiple_of(self.cadence).then_some(count / self.cadence)
    }

    /// Encodes what changed in each cell, and from now on viewers know it.
    pub(super) fn encode(&mut self, world: &World, terrain: &Terrain, timing: &Timing) {
        for index in (0..self.cells.len() as u16).map(CellIndex) {
            let turn = self.turns(index);
            let Self { cells, told, diff, bytes, checksum_turns, cadence, .. } = self;
            let cell = &mut cells[usize::from(index.0)];
            let told = &mut told[usize::from(index.0)];
            told.is_turn = turn.is_some();
            cell.known.advance();
            leave_be(&cell.known.ships, &mut cell.next);
            cell.known.diff(&cell.next, diff);
            core::mem::swap(&mut cell.known.ships, &mut cell.next);
            let embers = world.embers.in_cell(index);
            // Once a second.
            let is_due = turn.is_some_and(|turn| turn.is_multiple_of(*checksum_turns));
            let checksum = (is_due && !(cell.known.ships.is_empty() && embers.is_empty()))
                .then(|| CellState::checksum_of(&cell.known.ships, embers));
            told.delta = write_chunk(bytes, index, diff, cell.happened.changes(), checksum);
            if !(cell.happened.is_empty() && cell.happened_far.is_empty()) {
                cell.happened_far.add(&cell.happened, index, terrain, timing.dt);
            }
            if turn.is_some() {
                cell.known_far.advance_by(*cadence as u8);
                cell.known_far.catch_up(&cell.known.ships, diff);
                cell.known_far.ships.clone_from(&cell.known.ships);
                told.far = write_chunk(bytes, index, diff, cell.happened_far.changes(), checksum);
                cell.happened_far.clear();
            }
        }
    }

    /// What there is to tell of a cell in this tick.
    pub(super) fn told(&self, cell: CellIndex) -> &Told {
        &self.told[usize::from(cell.0)]
    }

    /// All of a cell; encoded when it is first asked for in a tick.
    pub(super) fn full(&mut self, index: CellIndex, world: &World, terrain: &Terrain) -> Chunk {
        let Self { cells, told, diff, bytes, shots, .. } = self;
        let cell = &cells[usize::from(index.0)];
        let full = &mut told[usize::from(index.0)].full;
        // Once made it is not empty: it says at least that all before is void.
        if full.is_empty() {
            CellState::full(&cell.known.ships, diff);
            let embers = some(world.embers.in_cell(index)).map(|list| CellChange::EmbersAdded(list.into()));
            let flying =
                some(shots.in_cell(index, &world.shots, terrain)).map(|list| CellChange::Shots(list.into()));
            let deaths = some(cell.happened.deaths()).map(|list| CellChange::Deaths(list.into()));
            let reset = core::iter::once(CellChange::Reset);
            let rest = embers.into_iter().chain(flying).chain(deaths);
            *full = write_changes(bytes, index, reset.chain(diff.changes()).chain(rest));
        }
        *full
    }

    /// The bytes of a chunk of this tick.
    pub(super) fn bytes(&self, chunk: Chunk) -> &[u8] {
        &self.bytes[chunk.start as usize..chunk.end as usize]
    }

    pub(super) fn known_ships(&self, cell: CellIndex) -> &[(PlayerId, ShipState)] {
        &self.cells[usize::from(cell.0)].known.ships
    }
}

/// Lets ships that are near enough to where `known` has them be there, and bends the others' way so that it leads
/// from there to where they are.
fn leave_be(known: &[(PlayerId, ShipState)], next: &mut [(PlayerId, ShipState)]) {
    let mut known = known.iter().peekable();
    for (id, now) in next {
        while known.next_if(|(other, _)| other < id).is_some() {}
        let Some((_, was)) = known.next_if(|(other, _)| other == id) else {
            continue;
        };
        let apart = |a: i16, b: i16| i32::from(a) - i32::from(b);
        let off = (apart(now.x, was.x), apart(now.y, was.y));
        let bent = (apart(now.vx, was.vx), apart(now.vy, was.vy));
        let is_small = |steps: (i32, i32)| steps.0.abs().max(steps.1.abs()) <= SLACK_STEPS;
        if is_small(off) && is_small(bent) && now.aim == was.aim && was.is_settled() {
            (now.x, now.y, now.vx, now.vy) = (was.x, was.y, was.vx, was.vy);
        } else if is_small((off.0 - bent.0, off.1 - bent.1)) {
            (now.vx, now.vy) = (was.vx + off.0 as i16, was.vy + off.1 as i16);
        }
    }
}

pub(super) fn some<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

pub(super) fn shot_record(shot: &Shot, grid: Grid) -> (CellIndex, ShotRecord) {
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

fn write_chunk<'a>(
    bytes: &mut Vec<u8>,
    cell: CellIndex,
    ships: &'a Diff,
    happened: impl Iterator<Item = CellChange<'a>>,
    checksum: Option<u32>,
) -> Chunk {
    let checksum = checksum.map(CellChange::Checksum);
    write_changes(bytes, cell, ships.changes().chain(happened).chain(checksum))
}

/// Appends a `CellChunk`, unless there are no changes.
fn write_changes<'a>(
    bytes: &mut Vec<u8>,
    cell: CellIndex,
    changes: impl Iterator<Item = CellChange<'a>>,
) -> Chunk {
    let start = bytes.len();
    put(bytes, &cell);
    // The count comes first; there are about a dozen kinds of change, so it is a byte.
    let count_at = bytes.len();
    put(bytes, &0_usize);
    let mut count = 0;
    for change in changes {
        put(bytes, &change);
        count += 1;
    }
    bytes[count_at] = count;
    if count == 0 {
        bytes.truncate(start);
    }
    // All chunks of a tick together are far below 4 GiB.
    Chunk { start: start as u32, end: bytes.len() as u32 }
}
