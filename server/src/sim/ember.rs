//! Embers: where they lie, how they are gathered, where new ones come from.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    checksum::Checksum,
    grid::Grid,
    ids::CellIndex,
    limits::{CELL_SIZE, EMBER_LATTICE, EMBERS_PER_CELL_MAX},
    protocol::{Ember, EmberTaken, ember_hash},
    terrain::Terrain,
    timing::Timing,
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
    lying: usize,
    /// The part of a new ember that has welled up.
    welling: f32,
}

impl EmberField {
    pub(super) fn new(grid: Grid) -> Self {
        let mut cells = Vec::new();
        cells.resize_with(grid.len(), || Vec::with_capacity(ROOM));
        Self { cells, lying: 0, welling: 0.0 }
    }

    /// The embers of a cell, in no order.
    pub fn in_cell(&self, cell: CellIndex) -> &[Ember] {
        &self.cells[usize::from(cell.0)]
    }

    /// How many lie on the field.
    pub fn lying(&self) -> usize {
        self.lying
    }

    /// Lets an ember of `value` fall at `place`, or at the nearest free point right of it. Where no point or no
    /// room is left it is lost; so is what falls on rock or outside, where nobody could gather it.
    pub(super) fn drop(&mut self, place: Vec2, value: u8, terrain: &Terrain, events: &mut Events) {
        if value == 0 || !terrain.is_free(place, 4.0) {
            return;
        }
        let cell = terrain.grid().cell_at(place);
        let inside = (place - terrain.grid().origin(cell)) / STEP;
        let embers = &mut self.cells[usize::from(cell.0)];
        if embers.len() >= EMBERS_PER_CELL_MAX {
            return;
        }
        let y = inside.y as u8;
        let taken = |x: u8| embers.iter().any(|ember| (ember.x, ember.y) == (x, y));
        if let Some(x) = (inside.x as u8..=u8::MAX).find(|x| !taken(*x)) {
            let ember = Ember { x, y, value };
            embers.push(ember);
            self.lying += 1;
            events.embers_added.push((cell, ember));
        }
    }

    pub(super) fn hash(&self, sum: &mut Checksum) {
        for embers in &self.cells {
            embers.iter().for_each(|ember| sum.word(ember_hash(*ember)));
        }
    }
}

/// Fills the field before the first tick.
pub(super) fn strew(world: &mut World, events: &mut Events, terrain: &Terrain) {
    let wanted = terrain.arena().rules.embers.lying as usize;
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
    world.embers.welling = (world.embers.welling + rules.spring_per_second * timing.dt).min(100.0);
    while world.embers.welling >= 1.0 {
        world.embers.welling -= 1.0;
        if world.embers.lying < rules.lying as usize {
            well_up(world, events, terrain);
        }
    }
}

fn well_up(world: &mut World, events: &mut Events, terrain: &Terrain) {
    let place = Vec2::new(world.rng.random(), world.rng.random()) * terrain.arena().size;
    let value = if world.rng.random_bool(0.08) { 3 } else { 1 };
    world.embers.drop(place, value, terrain, events);
}

/// Every ship takes what is in its reach; of two ships the one with the lower number.
pub(super) fn gather(world: &mut World, events: &mut Events, terrain: &Terrain) {
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
        let (flight, reach) = (ship.flight, rules.hull(ship.flight.embers).reach);
        let mut gathered = 0;
        for cell in grid.cells(grid.window(flight.motion.position, Vec2::splat(reach))) {
            let cell_embers = &mut field.cells[usize::from(cell.0)];
            let before = cell_embers.len();
            cell_embers.retain(|ember| {
                let near = flight.reaches(ember.place(cell, grid), rules);
                if near {
                    gathered += u32::from(ember.value);
                    tell_taken(events, cell, *ember, pilot.id);
                }
                !near
            });
            field.lying -= before - cell_embers.len();
        }
        if gathered > 0 {
            ship.load(gathered, rules);
        }
    }
}

/// What fell in this very tick was never told to anyone, so its fall is taken back instead.
fn tell_taken(events: &mut Events, cell: CellIndex, ember: Ember, by: shared::ids::PlayerId) {
    match events.embers_added.iter().position(|added| *added == (cell, ember)) {
        Some(index) => {
            events.embers_added.swap_remove(index);
        }
        None => events.embers_taken.push((cell, EmberTaken { x: ember.x, y: ember.y, by })),
    }
}
