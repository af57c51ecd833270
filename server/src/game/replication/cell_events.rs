//! What happened in a cell besides where its ships are: over one tick for those who are told of every tick, over
//! several for those who are told now and then.

use shared::{
    engine::{ids::CellIndex, protocol::quantize},
    game::{
        ember::{Ember, EmberTaken},
        protocol::{CellChange, Death, ShotRecord},
        shot::{self, Hit, ShotId, ShotStep},
        terrain::Terrain,
    },
};

use super::cells::{shot_record, some};
use crate::game::sim::Shot;

/// What a list has room for from the start: more than nearly ever happens in a cell, so that lists do not still
/// grow here and there after hours.
const ROOM: usize = 32;

/// Events of a cell. Lists are cleared, not freed.
#[derive(Debug)]
pub(super) struct CellEvents {
    embers_taken: Vec<EmberTaken>,
    embers_added: Vec<Ember>,
    shots: Vec<ShotRecord>,
    hits: Vec<Hit>,
    deaths: Vec<Death>,
}

impl Default for CellEvents {
    fn default() -> Self {
        Self {
            embers_taken: Vec::with_capacity(ROOM),
            embers_added: Vec::with_capacity(ROOM),
            shots: Vec::with_capacity(ROOM),
            hits: Vec::with_capacity(ROOM),
            deaths: Vec::with_capacity(ROOM),
        }
    }
}

impl CellEvents {
    pub(super) fn clear(&mut self) {
        self.embers_taken.clear();
        self.embers_added.clear();
        self.shots.clear();
        self.hits.clear();
        self.deaths.clear();
    }

    /// An ember that was taken. One that fell since the last telling was never told of.
    pub(super) fn ember_taken(&mut self, taken: EmberTaken) {
        let told = |added: &Ember| (added.x, added.y) == (taken.x, taken.y);
        match self.embers_added.iter().position(told) {
            Some(index) => {
                self.embers_added.swap_remove(index);
            }
            None => self.embers_taken.push(taken),
        }
    }

    pub(super) fn ember_added(&mut self, ember: Ember) {
        self.embers_added.push(ember);
    }

    pub(super) fn shot(&mut self, shot: ShotRecord) {
        self.shots.push(shot);
    }

    /// A shot that met a ship, maybe in the very tick in which it was fired: whoever fired it is to hear of both.
    pub(super) fn hit(&mut self, hit: Hit) {
        self.hits.push(hit);
    }

    pub(super) fn death(&mut self, death: Death) {
        self.deaths.push(death);
    }

    pub(super) fn deaths(&self) -> &[Death] {
        &self.deaths
    }

    fn forget_shot(&mut self, id: ShotId) {
        self.shots.retain(|shot| shot.id != id);
    }

    /// Adds what happened in one tick to what happened before; the shots listed so far have flown on by then.
    pub(super) fn add(&mut self, tick: &Self, cell: CellIndex, terrain: &Terrain, dt: f32) {
        self.shots.retain_mut(|shot| fly_on(shot, cell, terrain, dt));
        self.shots.extend_from_slice(&tick.shots);
        // A viewer that has not heard of the shot need not hear of its end, but one in another cell may have.
        tick.hits.iter().for_each(|hit| self.forget_shot(hit.shot));
        self.hits.extend_from_slice(&tick.hits);
        self.deaths.extend_from_slice(&tick.deaths);
        tick.embers_taken.iter().for_each(|taken| self.ember_taken(*taken));
        self.embers_added.extend_from_slice(&tick.embers_added);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.embers_taken.is_empty()
            && self.embers_added.is_empty()
            && self.shots.is_empty()
            && self.hits.is_empty()
            && self.deaths.is_empty()
    }

    /// As changes. Embers are taken before new ones fall, because one may fall on the point that another left.
    pub(super) fn changes(&self) -> impl Iterator<Item = CellChange<'_>> {
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

/// Flies a listed shot on by a tick; `false` when it has ended or left the cell, of which the next cell tells.
fn fly_on(record: &mut ShotRecord, cell: CellIndex, terrain: &Terrain, dt: f32) -> bool {
    let from =
        shared::engine::protocol::dequantize(cell, i32::from(record.x), i32::from(record.y), terrain.grid());
    let way = shot::way(record.direction, &terrain.arena().rules.shot, dt);
    let ShotStep::Flying(to) = shot::fly(from, way, terrain) else { return false };
    let place = quantize(to, terrain.grid());
    (record.x, record.y) = (place.x, place.y);
    record.ticks_left = record.ticks_left.saturating_sub(1);
    record.ticks_left > 0 && place.cell == cell
}

/// Shots in flight by cell, sorted when somebody first asks in a tick.
#[derive(Debug, Default)]
pub(super) struct ShotIndex {
    sorted: Vec<(CellIndex, ShotRecord)>,
    is_current: bool,
    found: Vec<ShotRecord>,
}

impl ShotIndex {
    /// A tick begins.
    pub(super) fn begin(&mut self) {
        self.is_current = false;
    }

    /// The shots in a cell.
    pub(super) fn in_cell(&mut self, cell: CellIndex, shots: &[Shot], terrain: &Terrain) -> &[ShotRecord] {
        if !self.is_current {
            self.is_current = true;
            self.sorted.clear();
            self.sorted.extend(shots.iter().map(|shot| shot_record(shot, terrain.grid())));
            self.sorted.sort_unstable_by_key(|(at, shot)| (*at, shot.id));
        }
        let start = self.sorted.partition_point(|(at, _)| *at < cell);
        self.found.clear();
        let here = self.sorted[start..].iter().take_while(|(at, _)| *at == cell);
        self.found.extend(here.map(|(_, shot)| *shot));
        &self.found
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::ids::PlayerId;

    use super::*;

    const HERE: Ember = Ember { x: 3, y: 4, value: 1 };
    const TAKEN: EmberTaken = EmberTaken { x: 3, y: 4, by: PlayerId(1) };

    fn embers(cell_events: &CellEvents) -> (usize, usize) {
        (cell_events.embers_taken.len(), cell_events.embers_added.len())
    }

    #[test]
    fn of_an_ember_only_what_is_new_in_the_end_is_told() {
        let mut sum = CellEvents::default();
        sum.ember_added(HERE);
        sum.ember_taken(TAKEN);
        assert_eq!(embers(&sum), (0, 0));
        sum.ember_taken(TAKEN);
        sum.ember_added(HERE);
        assert_eq!(embers(&sum), (1, 1), "one went, and another fell on its point");
        sum.ember_taken(TAKEN);
        assert_eq!(embers(&sum), (1, 0));
    }
}
