//! What happened in a cell apart from the motion of its bodies: in one tick for viewers at the full rate, since the last
//! slot for viewers at the reduced rate.

use shared::engine::{
    game_trait::Game,
    ids::CellIndex,
    items::{ItemTaken, PlacedItem},
    protocol::{CellChange, non_empty},
};

use crate::engine::simulation::Simulation;

/// Initial capacity of a list: more than hardly ever happens in a cell, so that lists do not still grow after hours.
const CAPACITY: usize = 32;

/// The events of a cell. Lists are cleared and not freed.
#[derive(Debug)]
pub(super) struct CellEvents<G: Game> {
    items_taken: Vec<ItemTaken>,
    items_added: Vec<PlacedItem<G::Item>>,
    events: Vec<G::Event>,
}

impl<G: Game> Default for CellEvents<G> {
    fn default() -> Self {
        Self {
            items_taken: Vec::with_capacity(CAPACITY),
            items_added: Vec::with_capacity(CAPACITY),
            events: Vec::with_capacity(CAPACITY),
        }
    }
}

impl<G: Game> CellEvents<G> {
    pub(super) fn clear(&mut self) {
        self.items_taken.clear();
        self.items_added.clear();
        self.events.clear();
    }

    /// Adds an item that was taken. One that was added since the last update is removed instead: viewers never had it.
    pub(super) fn add_taken_item(&mut self, taken: ItemTaken) {
        match self.items_added.iter().position(|added| added.matches(&taken)) {
            Some(index) => {
                self.items_added.swap_remove(index);
            }
            None => self.items_taken.push(taken),
        }
    }

    pub(super) fn add_item(&mut self, item: PlacedItem<G::Item>) {
        self.items_added.push(item);
    }

    /// Adds an event.
    pub(super) fn add(&mut self, event: G::Event) {
        self.events.push(event);
    }

    /// Adds a tick's events to those of the ticks before.
    pub(super) fn merge<S: Simulation<Game = G>>(&mut self, tick: &Self, cell: CellIndex, sim: &S) {
        sim.merge_events(&mut self.events, &tick.events, cell);
        tick.items_taken.iter().for_each(|taken| self.add_taken_item(*taken));
        self.items_added.extend_from_slice(&tick.items_added);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items_taken.is_empty() && self.items_added.is_empty() && self.events.is_empty()
    }

    /// The changes, in the order in which clients apply them. Items are taken before others are added, because one may
    /// be added on the point that another has left.
    pub(super) fn changes(&self) -> impl Iterator<Item = CellChange<'_, G>> {
        [
            non_empty(&self.items_taken).map(|list| CellChange::ItemsTaken(list.into())),
            non_empty(&self.items_added).map(|list| CellChange::ItemsAdded(list.into())),
            non_empty(&self.events).map(|list| CellChange::Events(list.into())),
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::{ids::PlayerId, testing::TestGame};

    use super::*;
    use crate::engine::testing::TestSimulation;

    const HERE: PlacedItem<u8> = PlacedItem { x: 3, y: 4, item: 1 };
    const TAKEN: ItemTaken = ItemTaken { x: 3, y: 4, by: PlayerId(1) };
    const CELL: CellIndex = CellIndex(0);

    fn items(events: &CellEvents<TestGame>) -> (usize, usize) {
        (events.items_taken.len(), events.items_added.len())
    }

    #[test]
    fn item_that_came_and_went_is_not_sent() {
        let mut events = CellEvents::default();
        events.add_item(HERE);
        events.add_taken_item(TAKEN);
        assert_eq!(items(&events), (0, 0));
        events.add_taken_item(TAKEN);
        events.add_item(HERE);
        assert_eq!(items(&events), (1, 1), "one was taken, and another added on its point");
        events.add_taken_item(TAKEN);
        assert_eq!(items(&events), (1, 0));
    }

    #[test]
    fn merged_ticks_list_what_a_viewer_has_missed() {
        let sim = TestSimulation::new(0);
        let (mut sum, mut tick) = (CellEvents::default(), CellEvents::default());
        tick.add(7);
        tick.add_item(HERE);
        sum.merge(&tick, CELL, &sim);
        tick.clear();
        tick.add(8);
        tick.add_taken_item(TAKEN);
        sum.merge(&tick, CELL, &sim);
        assert_eq!(sum.events, [7, 8]);
        assert_eq!(items(&sum), (0, 0));
    }
}
