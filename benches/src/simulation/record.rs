//! What the server had in each of its last ticks, so that a frame, which a client applies later, can be compared with its tick.

use std::collections::{BTreeMap, VecDeque};

use server::{
    engine::sessions::SessionId,
    game::{
        ArenaLoop,
        sim::{Life, Pilot, Ship},
    },
};
use shared::{
    engine::{
        ids::{CellIndex, PlayerId, PlayerName, Tick},
        roster::PlayerKind,
    },
    game::{ember::PlacedEmber, protocol::CellState},
};

/// How long a tick is remembered, in seconds: longer than any stall, so that each frame's tick is known.
const SECONDS: u32 = 45;
/// How long it may take until a client sees that it was turned away, in seconds.
const FULL_SECONDS: usize = 5;

/// A pilot after a tick.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) id: PlayerId,
    pub(super) name: PlayerName,
    pub(super) kind: PlayerKind,
    /// Unique over all processes of a server; a drone has none.
    pub(super) session: Option<SessionId>,
    /// The tick in which it joined, or the first one of the process: an id that is used again has another.
    pub(super) since: Tick,
    /// In the arena or not.
    pub(super) ship: Option<Ship>,
    pub(super) is_idle: bool,
}

/// The server after a tick.
#[derive(Debug)]
pub(super) struct Moment {
    pub(super) tick: Tick,
    /// A checksum of each cell as viewers have it, at the full and at the reduced rate. Empty before the first tick.
    cells: Vec<[u32; 2]>,
    /// By rising id.
    pilots: Vec<Known>,
    /// Whether players and spectators have every seat.
    pub(super) is_full: bool,
}

/// The last moments of one process.
#[derive(Debug)]
pub(super) struct Record {
    moments: VecDeque<Moment>,
    most: usize,
    /// Each cell's embers in its last slot.
    embers_at_slot: Vec<Vec<PlacedEmber>>,
    /// When the pilot of each id joined.
    joined: BTreeMap<PlayerId, Tick>,
}

impl Known {
    fn new(pilot: &Pilot, since: Tick) -> Self {
        let (ship, is_idle) = match &pilot.state {
            Life::Flying(ship) => (Some(ship.clone()), false),
            Life::Idle(ship) => (Some(ship.clone()), true),
            Life::Waiting { .. } => (None, false),
        };
        let Pilot { id, name, kind, session, .. } = pilot;
        Self { id: *id, name: name.clone(), kind: *kind, session: *session, since, ship, is_idle }
    }
}

impl Moment {
    pub(super) fn pilot(&self, id: PlayerId) -> Option<&Known> {
        let at = self.pilots.binary_search_by_key(&id, |pilot| pilot.id).ok()?;
        Some(&self.pilots[at])
    }

    pub(super) fn pilots(&self) -> &[Known] {
        &self.pilots
    }

    /// Whether viewers of the cell have a state with this checksum.
    pub(super) fn has(&self, cell: CellIndex, checksum: u32) -> bool {
        self.cells.get(usize::from(cell.0)).is_some_and(|known| known.contains(&checksum))
    }
}

impl Record {
    /// Begins with an arena that has not ticked in this process.
    pub(super) fn new(arena: &ArenaLoop) -> Self {
        let sim = arena.simulation().sim();
        let cells = sim.terrain().grid().len();
        let most = (SECONDS * u32::from(sim.timing().tick_rate)) as usize;
        let tick = sim.world().tick;
        let pilots: Vec<_> = sim.world().in_order().map(|pilot| Known::new(pilot, tick)).collect();
        let joined = pilots.iter().map(|pilot| (pilot.id, tick)).collect();
        let embers_at_slot = vec![Vec::new(); cells];
        let mut record = Self { moments: VecDeque::new(), most, embers_at_slot, joined };
        record.moments.push_back(Moment { tick, cells: Vec::new(), pilots, is_full: false });
        record
    }

    /// Notes the arena after a tick.
    pub(super) fn observe(&mut self, arena: &ArenaLoop, is_full: bool) {
        let (sim, publisher) = (arena.simulation().sim(), arena.publisher());
        let world = sim.world();
        let mut scratch = CellState::default();
        let cells = (0..sim.terrain().grid().len() as u16).map(CellIndex).map(|cell| {
            let (known, ticks) = publisher.known_bodies_reduced(cell);
            let at_slot = &mut self.embers_at_slot[usize::from(cell.0)];
            if ticks == 0 {
                at_slot.clear();
                at_slot.extend_from_slice(world.embers.in_cell(cell));
            }
            scratch.bodies.clear();
            scratch.bodies.extend_from_slice(known);
            scratch.advance_by(ticks as u8);
            let full = CellState::checksum_of(publisher.known_bodies(cell), world.embers.in_cell(cell));
            [full, CellState::checksum_of(&scratch.bodies, at_slot)]
        });
        let cells = cells.collect();
        self.joined.extend(sim.events().joined.iter().map(|id| (*id, world.tick)));
        let since = |pilot: &Pilot| self.joined.get(&pilot.id).copied().unwrap_or_default();
        let pilots = world.in_order().map(|pilot| Known::new(pilot, since(pilot))).collect();
        if self.moments.len() == self.most {
            self.moments.pop_front();
        }
        self.moments.push_back(Moment { tick: world.tick, cells, pilots, is_full });
    }

    /// The last one.
    pub(super) fn last(&self) -> Option<&Moment> {
        self.moments.back()
    }

    /// Whether players had every seat in one of the last seconds, in which a client may have been turned away.
    pub(super) fn was_full(&self) -> bool {
        let recent = self.most / SECONDS as usize * FULL_SECONDS;
        self.moments.iter().rev().take(recent).any(|moment| moment.is_full)
    }

    /// After this tick.
    pub(super) fn at(&self, tick: Tick) -> Option<&Moment> {
        let at = self.moments.binary_search_by_key(&tick, |moment| moment.tick).ok()?;
        Some(&self.moments[at])
    }

    /// The last one before this tick.
    pub(super) fn before(&self, tick: Tick) -> Option<&Moment> {
        let at = self.moments.partition_point(|moment| moment.tick < tick);
        self.moments.get(at.checked_sub(1)?)
    }
}
