//! Embers and pickups at rest, and the ember reserve. Embers are conserved: those on the field, those aboard ships and
//! those in the reserve always add up to the arena's supply.

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        grid::Grid,
        ids::{CellIndex, PlayerId},
        items::{ItemTaken, LATTICE_STEP, PlacedItem},
        limits::{CELLS_MAX, ITEMS_PER_CELL_MAX},
    },
    game::{
        ember::{EMBER_WORTH_MAX, Ember, Pickup, PlacedEmber},
        rules::EmberRules,
        terrain::Terrain,
    },
};

use super::events::Events;
use crate::engine::checked::{Broken, bounded, ensure};

/// Initial capacity of a cell: several times what lies in one where no ship has died.
const CAPACITY: usize = 128;

/// Free radius around a place where something can lie, in units: on rock no ship could collect it.
const CLEARANCE: f32 = 4.0;

/// What lies in the arena, by cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmberField {
    #[serde(deserialize_with = "bounded::<_, _, CELLS_MAX>")]
    cells: Vec<Vec<PlacedEmber>>,
    /// Worth of the embers on the field.
    lying: u32,
    /// Embers neither on the field nor aboard a ship. Negative while more are out than the arena's own supply: players
    /// add a credit, see [`super::world::World::ember_credit`].
    reserve: i64,
    /// Embers due to be emitted; below 1 after each tick.
    pub(super) due: f32,
    /// Pickups on the field.
    pickups: u32,
}

impl EmberField {
    /// An empty field: the whole supply is in the reserve.
    pub(super) fn new(grid: Grid, rules: &EmberRules) -> Self {
        let mut cells = Vec::new();
        cells.resize_with(grid.len(), || Vec::with_capacity(CAPACITY));
        Self { cells, lying: 0, reserve: rules.supply.into(), due: 0.0, pickups: 0 }
    }

    /// Takes the memory that a new field has, so that a steady tick takes none.
    pub(super) fn reserve_memory(&mut self) {
        for cell in &mut self.cells {
            cell.reserve(CAPACITY.saturating_sub(cell.len()));
        }
    }

    /// Checks a field that was read from a file, but for the reserve: with what ships carry it adds up to the supply.
    pub(super) fn check(&self, grid: Grid) -> Result<(), Broken> {
        let Self { cells, lying, due, pickups, .. } = self;
        ensure(cells.len() == grid.len(), || format!("{} cells and not {}", cells.len(), grid.len()))?;
        let (mut worth, mut counted) = (0, 0);
        for (index, cell) in cells.iter().enumerate() {
            ensure(cell.len() <= ITEMS_PER_CELL_MAX, || format!("{} embers in cell {index}", cell.len()))?;
            let mut points: Vec<_> = cell.iter().map(|ember| (ember.x, ember.y)).collect();
            points.sort_unstable();
            ensure(points.is_sorted_by(|a, b| a < b), || format!("two embers on a point of cell {index}"))?;
            let is_valid =
                |ember: &Ember| ember.pickup().is_some() || (1..=EMBER_WORTH_MAX).contains(&ember.0);
            ensure(cell.iter().all(|placed| is_valid(&placed.item)), || {
                format!("an ember of no worth in cell {index}")
            })?;
            worth += cell.iter().map(|placed| placed.item.worth()).sum::<u32>();
            counted += cell.iter().filter(|placed| placed.item.pickup().is_some()).count();
        }
        ensure(worth == *lying, || format!("embers worth {worth} lie there and not {lying}"))?;
        ensure(counted == *pickups as usize, || format!("{counted} pickups lie there and not {pickups}"))?;
        ensure((0.0..1.0).contains(due), || format!("{due} embers are due"))
    }

    /// Embers and pickups in a cell, in no order.
    pub fn in_cell(&self, cell: CellIndex) -> &[PlacedEmber] {
        &self.cells[usize::from(cell.0)]
    }

    /// Worth of the embers on the field.
    pub fn lying(&self) -> u32 {
        self.lying
    }

    /// Embers in the reserve; negative while there are more outside of it than the arena's own supply, which the credit of its
    /// players allows, or another arena with a smaller supply.
    pub fn reserve(&self) -> i64 {
        self.reserve
    }

    /// Pickups on the field.
    pub fn pickups(&self) -> u32 {
        self.pickups
    }

    /// Takes up to `wanted` embers out of the reserve, which may fall to `-credit`. Returns how many it took.
    pub(super) fn take_from_reserve(&mut self, wanted: u32, credit: i64) -> u32 {
        let embers = (self.reserve + credit).clamp(0, wanted.into());
        self.reserve -= embers;
        embers as u32
    }

    /// Embers that ships carry already are not in the reserve.
    pub(super) fn take_aboard(&mut self, embers: u32) {
        self.reserve -= i64::from(embers);
    }

    pub(super) fn add_to_reserve(&mut self, embers: u32) {
        self.reserve += i64::from(embers);
    }

    /// Drops an ember at `place`, out of no account. What cannot lie there is added to the reserve.
    pub(super) fn drop(&mut self, place: Vec2, worth: u8, terrain: &Terrain, events: &mut Events) {
        if worth > 0 && self.put(place, Ember(worth), terrain, events) {
            self.lying += u32::from(worth);
        } else {
            self.add_to_reserve(worth.into());
        }
    }

    /// The same with an ember out of the reserve.
    pub(super) fn drop_from_reserve(
        &mut self,
        place: Vec2,
        worth: u8,
        terrain: &Terrain,
        events: &mut Events,
    ) {
        self.reserve -= i64::from(worth);
        self.drop(place, worth, terrain, events);
    }

    /// Drops a pickup at `place`, if it can lie there.
    pub(super) fn drop_pickup(
        &mut self,
        place: Vec2,
        pickup: Pickup,
        terrain: &Terrain,
        events: &mut Events,
    ) {
        if self.put(place, Ember::of(pickup), terrain, events) {
            self.pickups += 1;
        }
    }

    /// Puts something at `place`, or at the next free point to its right. `false` on rock, outside the arena, and where
    /// no point is free or the cell is full.
    fn put(&mut self, place: Vec2, item: Ember, terrain: &Terrain, events: &mut Events) -> bool {
        if !terrain.is_free(place, CLEARANCE) {
            return false;
        }
        let cell = terrain.grid().cell_at(place);
        let inside = (place - terrain.grid().origin(cell)) / LATTICE_STEP;
        let embers = &mut self.cells[usize::from(cell.0)];
        if embers.len() >= ITEMS_PER_CELL_MAX {
            return false;
        }
        let y = inside.y as u8;
        let is_taken = |x: u8| embers.iter().any(|ember| (ember.x, ember.y) == (x, y));
        let Some(x) = (inside.x as u8..=u8::MAX).find(|x| !is_taken(*x)) else { return false };
        let ember = PlacedItem { x, y, item };
        embers.push(ember);
        events.embers_added.push((cell, ember));
        true
    }

    /// Removes from a cell what `takes` accepts, for the pilot `by`.
    pub(super) fn take(
        &mut self,
        cell: CellIndex,
        by: PlayerId,
        events: &mut Events,
        mut takes: impl FnMut(PlacedEmber) -> bool,
    ) {
        let embers = &mut self.cells[usize::from(cell.0)];
        let mut index = 0;
        // Not `retain`: its closure is not inlined, which costs 8 % more instructions in a tick of 300 busy ships.
        while let Some(&ember) = embers.get(index) {
            if takes(ember) {
                embers.remove(index);
                self.lying -= ember.item.worth();
                self.pickups -= u32::from(ember.item.pickup().is_some());
                report_taken(events, cell, ember, by);
            } else {
                index += 1;
            }
        }
    }
}

/// Viewers have not been sent what appeared in this very tick, so then that event is removed instead.
fn report_taken(events: &mut Events, cell: CellIndex, ember: PlacedEmber, by: PlayerId) {
    match events.embers_added.iter().position(|added| *added == (cell, ember)) {
        Some(index) => {
            events.embers_added.swap_remove(index);
        }
        None => events.embers_taken.push((cell, ItemTaken { x: ember.x, y: ember.y, by })),
    }
}
