//! What happened in a cell apart from the motion of its ships: in one tick for viewers at the full rate, since the last
//! slot for viewers at the reduced rate.

use shared::{
    engine::{ids::CellIndex, items::ItemTaken, protocol::non_empty},
    game::{
        ember::PlacedEmber,
        protocol::{CellChange, Event},
        terrain::Terrain,
    },
};

use super::shots;

/// Initial capacity of a list: more than hardly ever happens in a cell, so that lists do not still grow after hours.
const CAPACITY: usize = 32;

/// The events of a cell. Lists are cleared and not freed.
#[derive(Debug)]
pub(super) struct CellEvents {
    embers_taken: Vec<ItemTaken>,
    embers_added: Vec<PlacedEmber>,
    events: Vec<Event>,
}

impl Default for CellEvents {
    fn default() -> Self {
        Self {
            embers_taken: Vec::with_capacity(CAPACITY),
            embers_added: Vec::with_capacity(CAPACITY),
            events: Vec::with_capacity(CAPACITY),
        }
    }
}

impl CellEvents {
    pub(super) fn clear(&mut self) {
        self.embers_taken.clear();
        self.embers_added.clear();
        self.events.clear();
    }

    /// Adds an ember that was taken. One that was added since the last update is removed instead: viewers never had it.
    pub(super) fn add_taken_ember(&mut self, taken: ItemTaken) {
        match self.embers_added.iter().position(|added| added.matches(&taken)) {
            Some(index) => {
                self.embers_added.swap_remove(index);
            }
            None => self.embers_taken.push(taken),
        }
    }

    pub(super) fn add_ember(&mut self, ember: PlacedEmber) {
        self.embers_added.push(ember);
    }

    /// Adds an event. A hit of a shot of the same tick does not replace it: its pilot is to see both.
    pub(super) fn add(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The deaths, for a viewer that is new to the cell.
    pub(super) fn deaths(&self) -> impl Iterator<Item = Event> {
        self.events.iter().copied().filter(|event| matches!(event, Event::Death(_)))
    }

    /// Adds a tick's events to those of the ticks before.
    pub(super) fn merge(&mut self, tick: &Self, cell: CellIndex, terrain: &Terrain, dt: f32) {
        shots::merge(&mut self.events, &tick.events, cell, terrain, dt);
        tick.embers_taken.iter().for_each(|taken| self.add_taken_ember(*taken));
        self.embers_added.extend_from_slice(&tick.embers_added);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.embers_taken.is_empty() && self.embers_added.is_empty() && self.events.is_empty()
    }

    /// The changes, in the order in which clients apply them. Embers are taken before others are added, because one may
    /// be added on the point that another has left.
    pub(super) fn changes(&self) -> impl Iterator<Item = CellChange<'_>> {
        [
            non_empty(&self.embers_taken).map(|list| CellChange::ItemsTaken(list.into())),
            non_empty(&self.embers_added).map(|list| CellChange::ItemsAdded(list.into())),
            non_empty(&self.events).map(|list| CellChange::Events(list.into())),
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        engine::{ids::PlayerId, input::Angle},
        game::{
            ember::Ember,
            protocol::ShotRecord,
            shot::{Hit, ShotId},
        },
    };

    use super::*;
    use crate::game::arena_file;

    const HERE: PlacedEmber = PlacedEmber { x: 3, y: 4, item: Ember(1) };
    const TAKEN: ItemTaken = ItemTaken { x: 3, y: 4, by: PlayerId(1) };
    const HIT: Event = Event::Hit(Hit { shot: ShotId(1), ship: PlayerId(4) });
    const CELL: CellIndex = CellIndex(0);

    fn embers(events: &CellEvents) -> (usize, usize) {
        (events.embers_taken.len(), events.embers_added.len())
    }

    fn terrain() -> Terrain {
        let mut arena = arena_file::load("drift").expect("the arena is embedded");
        arena.rocks.clear();
        Terrain::new(arena)
    }

    fn shot(id: u16) -> Event {
        let (owner, direction) = (PlayerId(1), Angle(0));
        Event::Shot(ShotRecord { id: ShotId(id), owner, x: 1600, y: 1600, direction, ticks_left: 9 })
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
        tick.add(shot(1));
        tick.add(shot(2));
        tick.add_ember(HERE);
        sum.merge(&tick, CELL, &terrain, 0.05);
        tick.clear();
        tick.add(HIT);
        tick.add_taken_ember(TAKEN);
        sum.merge(&tick, CELL, &terrain, 0.05);
        let [Event::Shot(shot), HIT] = sum.events[..] else {
            panic!("the first shot has hit: {:?}", sum.events)
        };
        assert_eq!(shot.id, ShotId(2));
        assert!(shot.x > 1600 && shot.ticks_left == 8, "the second has flown on by a tick");
        assert_eq!(embers(&sum), (0, 0));
    }

    #[test]
    fn shot_that_hits_in_its_first_tick_is_sent_at_the_full_rate_with_its_hit() {
        let mut tick = CellEvents::default();
        tick.add(shot(1));
        tick.add(HIT);
        let changes: Vec<_> = tick.changes().collect();
        let [CellChange::Events(events)] = &changes[..] else { panic!("{changes:?}") };
        assert!(matches!(events[..], [Event::Shot(_), HIT]));
    }
}
