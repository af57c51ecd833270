//! What happened in a cell apart from the motion of its ships: in one tick for viewers at the full rate, since the last
//! slot for viewers at the reduced rate.

use shared::{
    engine::ids::CellIndex,
    game::{
        ember::{Ember, EmberTaken},
        protocol::{CellChange, Death, ShotRecord, non_empty},
        shot::{Hit, ShotId},
        terrain::Terrain,
    },
};

use super::shots;

/// Initial capacity of a list: more than hardly ever happens in a cell, so that lists do not still grow after hours.
const CAPACITY: usize = 32;

/// The events of a cell. Lists are cleared and not freed.
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
            embers_taken: Vec::with_capacity(CAPACITY),
            embers_added: Vec::with_capacity(CAPACITY),
            shots: Vec::with_capacity(CAPACITY),
            hits: Vec::with_capacity(CAPACITY),
            deaths: Vec::with_capacity(CAPACITY),
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

    /// Adds an ember that was taken. One that was added since the last update is removed instead: viewers never had it.
    pub(super) fn add_taken_ember(&mut self, taken: EmberTaken) {
        let is_same = |added: &Ember| (added.x, added.y) == (taken.x, taken.y);
        match self.embers_added.iter().position(is_same) {
            Some(index) => {
                self.embers_added.swap_remove(index);
            }
            None => self.embers_taken.push(taken),
        }
    }

    pub(super) fn add_ember(&mut self, ember: Ember) {
        self.embers_added.push(ember);
    }

    pub(super) fn add_shot(&mut self, shot: ShotRecord) {
        self.shots.push(shot);
    }

    /// Adds a hit. A shot of the same tick stays listed: its pilot is to see both.
    pub(super) fn add_hit(&mut self, hit: Hit) {
        self.hits.push(hit);
    }

    pub(super) fn add_death(&mut self, death: Death) {
        self.deaths.push(death);
    }

    pub(super) fn deaths(&self) -> &[Death] {
        &self.deaths
    }

    /// Adds a tick's events to those of the ticks before. The shots listed so far have flown on by a tick.
    pub(super) fn merge(&mut self, tick: &Self, cell: CellIndex, terrain: &Terrain, dt: f32) {
        self.shots.retain_mut(|shot| shots::advance(shot, cell, terrain, dt));
        self.shots.extend_from_slice(&tick.shots);
        // Viewers of this cell need not see a shot that has already ended, but viewers of another may have it.
        tick.hits.iter().for_each(|hit| self.remove_shot(hit.shot));
        self.hits.extend_from_slice(&tick.hits);
        self.deaths.extend_from_slice(&tick.deaths);
        tick.embers_taken.iter().for_each(|taken| self.add_taken_ember(*taken));
        self.embers_added.extend_from_slice(&tick.embers_added);
    }

    fn remove_shot(&mut self, id: ShotId) {
        self.shots.retain(|shot| shot.id != id);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.embers_taken.is_empty()
            && self.embers_added.is_empty()
            && self.shots.is_empty()
            && self.hits.is_empty()
            && self.deaths.is_empty()
    }

    /// The changes, in the order in which clients apply them. Embers are taken before others are added, because one may
    /// be added on the point that another has left.
    pub(super) fn changes(&self) -> impl Iterator<Item = CellChange<'_>> {
        [
            non_empty(&self.embers_taken).map(|list| CellChange::EmbersTaken(list.into())),
            non_empty(&self.embers_added).map(|list| CellChange::EmbersAdded(list.into())),
            non_empty(&self.shots).map(|list| CellChange::Shots(list.into())),
            non_empty(&self.hits).map(|list| CellChange::Hits(list.into())),
            non_empty(&self.deaths).map(|list| CellChange::Deaths(list.into())),
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{ids::PlayerId, input::Angle};

    use super::*;
    use crate::game::arena_file;

    const HERE: Ember = Ember { x: 3, y: 4, value: 1 };
    const TAKEN: EmberTaken = EmberTaken { x: 3, y: 4, by: PlayerId(1) };
    const CELL: CellIndex = CellIndex(0);

    fn embers(events: &CellEvents) -> (usize, usize) {
        (events.embers_taken.len(), events.embers_added.len())
    }

    fn terrain() -> Terrain {
        let mut arena = arena_file::load("drift").expect("the arena is embedded");
        arena.rocks.clear();
        Terrain::new(arena)
    }

    fn shot(id: u16) -> ShotRecord {
        let (owner, direction) = (PlayerId(1), Angle(0));
        ShotRecord { id: ShotId(id), owner, x: 1600, y: 1600, direction, ticks_left: 9 }
    }

    #[test]
    fn ember_that_came_and_went_is_not_sent() {
        let mut events = CellEvents::default();
        events.add_ember(HERE);
        events.add_taken_ember(TAKEN);
        assert_eq!(embers(&events), (0, 0));
        events.add_taken_ember(TAKEN);
        events.add_ember(HERE);
        assert_eq!(embers(&events), (1, 1), "one was taken, and another added on its point");
        events.add_taken_ember(TAKEN);
        assert_eq!(embers(&events), (1, 0));
    }

    #[test]
    fn merged_ticks_list_what_a_viewer_has_missed() {
        let terrain = terrain();
        let (mut sum, mut tick) = (CellEvents::default(), CellEvents::default());
        tick.add_shot(shot(1));
        tick.add_shot(shot(2));
        tick.add_ember(HERE);
        sum.merge(&tick, CELL, &terrain, 0.05);
        tick.clear();
        tick.add_hit(Hit { shot: ShotId(1), ship: PlayerId(4) });
        tick.add_taken_ember(TAKEN);
        sum.merge(&tick, CELL, &terrain, 0.05);
        let ids: Vec<_> = sum.shots.iter().map(|shot| shot.id.0).collect();
        assert_eq!(ids, [2], "the first shot has hit");
        assert!(sum.shots[0].x > 1600 && sum.shots[0].ticks_left == 8, "the second has flown on by a tick");
        assert_eq!((sum.hits.len(), embers(&sum)), (1, (0, 0)));
    }

    #[test]
    fn shot_that_hits_in_its_first_tick_is_sent_at_the_full_rate_with_its_hit() {
        let mut tick = CellEvents::default();
        tick.add_shot(shot(1));
        tick.add_hit(Hit { shot: ShotId(1), ship: PlayerId(4) });
        let kinds: Vec<_> = tick.changes().collect();
        assert!(matches!(kinds[..], [CellChange::Shots(_), CellChange::Hits(_)]));
    }
}
