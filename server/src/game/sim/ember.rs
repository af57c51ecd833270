//! Embers: where they lie, how they are gathered, where new ones come from. Nothing comes from nothing: what lies, what is
//! aboard of ships and what is in the deep always add up to what the arena holds. Pickups lie among them.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{checksum::Checksum, grid::Grid, ids::CellIndex, limits::CELL_SIZE},
    game::{
        ember::{Ember, EmberTaken, ember_hash},
        flight::{Collected, PICKUP_RADIUS},
        limits::{EMBER_LATTICE, EMBERS_PER_CELL_MAX},
        rules::{EmberRules, Pickup},
        terrain::Terrain,
        timing::Timing,
    },
};

use super::{events::Events, pilot::Life, world::World};

/// Distance between two points of the lattice, in units.
const STEP: f32 = CELL_SIZE / EMBER_LATTICE as f32;

/// Embers that a cell has room for from the start: several times what lies in one when nobody has died there.
const ROOM: usize = 128;

/// Embers at rest, by cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmberField {
    cells: Vec<Vec<Ember>>,
    /// What the embers on the field are worth.
    lying: u32,
    /// Embers of the arena that neither lie on the field nor are aboard of a ship. Below zero while more is up than the
    /// arena holds of its own: what pilots brought with them.
    deep: i64,
    /// The part of a new ember that has welled up.
    welling: f32,
    /// Pickups on the field.
    pickups: u32,
}

impl EmberField {
    /// Nothing lies yet: all that the arena holds is in the deep.
    pub(super) fn new(grid: Grid, rules: &EmberRules) -> Self {
        let mut cells = Vec::new();
        cells.resize_with(grid.len(), || Vec::with_capacity(ROOM));
        Self { cells, lying: 0, deep: rules.supply.into(), welling: 0.0, pickups: 0 }
    }

    /// The embers of a cell, in no order.
    pub fn in_cell(&self, cell: CellIndex) -> &[Ember] {
        &self.cells[usize::from(cell.0)]
    }

    /// What the embers on the field are worth.
    pub fn lying(&self) -> u32 {
        self.lying
    }

    /// Embers in the deep; below zero, if more is up than the arena holds.
    pub fn deep(&self) -> i64 {
        self.deep
    }

    /// Pickups on the field.
    pub fn pickups(&self) -> u32 {
        self.pickups
    }

    /// Takes up to so many embers out of the deep, where `credit` is what the pilots brought with them.
    pub(super) fn fetch(&mut self, wanted: u32, credit: i64) -> u32 {
        let embers = (self.deep + credit).clamp(0, wanted.into());
        self.deep -= embers;
        embers as u32
    }

    /// Lets embers sink into the deep.
    pub(super) fn sink(&mut self, embers: u32) {
        self.deep += i64::from(embers);
    }

    /// Lets an ember of this worth fall at `place`. What cannot lie there sinks.
    pub(super) fn drop(&mut self, place: Vec2, worth: u8, terrain: &Terrain, events: &mut Events) {
        if worth > 0 && self.lay(place, worth, terrain, events) {
            self.lying += u32::from(worth);
        } else {
            self.sink(worth.into());
        }
    }

    /// Lays a pickup at `place`, if it can lie there.
    pub(super) fn offer(&mut self, place: Vec2, pickup: Pickup, terrain: &Terrain, events: &mut Events) {
        if self.lay(place, Ember::value_of(pickup), terrain, events) {
            self.pickups += 1;
        }
    }

    /// Lays something at `place`, or at the nearest free point right of it. Not on rock or outside, where nobody could
    /// gather it, and not where no point or no room is left.
    fn lay(&mut self, place: Vec2, value: u8, terrain: &Terrain, events: &mut Events) -> bool {
        if !terrain.is_free(place, 4.0) {
            return false;
        }
        let cell = terrain.grid().cell_at(place);
        let inside = (place - terrain.grid().origin(cell)) / STEP;
        let embers = &mut self.cells[usize::from(cell.0)];
        if embers.len() >= EMBERS_PER_CELL_MAX {
            return false;
        }
        let y = inside.y as u8;
        let taken = |x: u8| embers.iter().any(|ember| (ember.x, ember.y) == (x, y));
        let Some(x) = (inside.x as u8..=u8::MAX).find(|x| !taken(*x)) else { return false };
        let ember = Ember { x, y, value };
        embers.push(ember);
        events.embers_added.push((cell, ember));
        true
    }

    pub(super) fn hash(&self, sum: &mut Checksum) {
        for embers in &self.cells {
            embers.iter().for_each(|ember| sum.word(ember_hash(*ember)));
        }
    }
}

/// Fills the field before the first tick.
pub(super) fn strew(world: &mut World, events: &mut Events, terrain: &Terrain) {
    let wanted = terrain.arena().rules.embers.supply;
    // Some fall on rock; an arena that is nearly all rock must not hold up the start for ever.
    for _ in 0..wanted * 20 {
        if world.embers.lying >= wanted {
            return;
        }
        well_up(world, events, terrain);
    }
}

/// Lets new embers well up while fewer lie on the field than the rules want.
pub(super) fn spring(world: &mut World, events: &mut Events, terrain: &Terrain, timing: &Timing) {
    let rules = &terrain.arena().rules.embers;
    let credit = world.ember_credit(rules);
    world.embers.welling = (world.embers.welling + rules.emit_per_second * timing.dt).min(100.0);
    while world.embers.welling >= 1.0 {
        world.embers.welling -= 1.0;
        if world.embers.lying < rules.supply && world.embers.deep + credit > 0 {
            well_up(world, events, terrain);
        }
    }
}

fn well_up(world: &mut World, events: &mut Events, terrain: &Terrain) {
    let place = Vec2::new(world.rng.random(), world.rng.random()) * terrain.arena().size;
    let worth = if world.rng.random_bool(0.08) { 3 } else { 1 };
    world.embers.deep -= i64::from(worth);
    world.embers.drop(place, worth, terrain, events);
}

/// Every ship takes what is in its reach; of two ships the one with the lower number.
pub(super) fn gather(world: &mut World, events: &mut Events, terrain: &Terrain, timing: &Timing) {
    let (grid, rules) = (terrain.grid(), &terrain.arena().rules);
    let World { pilots, seats, embers: field, .. } = world;
    for key in seats.iter().flatten() {
        let Some(pilot) = pilots.get_mut(*key) else {
            continue;
        };
        let Life::Flying(ship) = &mut pilot.life else {
            continue;
        };
        if ship.health <= 0.0 {
            continue;
        }
        let (flight, mut collected) = (ship.flight, Collected::default());
        let reach = flight.reach(rules).max(rules.hull(flight.embers).radius + PICKUP_RADIUS);
        for cell in grid.cells(grid.window(flight.motion.position, Vec2::splat(reach))) {
            let cell_embers = &mut field.cells[usize::from(cell.0)];
            cell_embers.retain(|ember| {
                let near = flight.takes(*ember, ember.place(cell, grid), rules);
                if near {
                    collected.add(*ember);
                    field.lying -= ember.worth();
                    field.pickups -= u32::from(ember.pickup().is_some());
                    tell_taken(events, cell, *ember, pilot.id);
                }
                !near
            });
        }
        if !collected.is_empty() {
            ship.load(collected, rules, timing);
        }
    }
}

/// What fell in this very tick was never told to anyone, so its fall is taken back instead.
fn tell_taken(events: &mut Events, cell: CellIndex, ember: Ember, by: shared::engine::ids::PlayerId) {
    match events.embers_added.iter().position(|added| *added == (cell, ember)) {
        Some(index) => {
            events.embers_added.swap_remove(index);
        }
        None => events.embers_taken.push((cell, EmberTaken { x: ember.x, y: ember.y, by })),
    }
}
