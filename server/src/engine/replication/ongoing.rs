//! What goes on in the cells and began before this tick, such as a flight: a viewer that is new to a cell is sent it.
//! Sorted by cell when the first such viewer asks in a tick, and not at all in a tick in which none does.

use shared::engine::{game_trait::Game, ids::CellIndex};

use crate::engine::simulation::Simulation;

/// The events that go on.
#[derive(Debug)]
pub(super) struct Ongoing<G: Game> {
    /// By cell, and in a cell in the order in which the simulation lists them.
    sorted: Vec<(CellIndex, u32, G::Event)>,
    is_current: bool,
    found: Vec<G::Event>,
}

impl<G: Game> Default for Ongoing<G> {
    fn default() -> Self {
        Self { sorted: Vec::new(), is_current: false, found: Vec::new() }
    }
}

impl<G: Game> Ongoing<G> {
    /// Must be called in each tick before any look-up.
    pub(super) fn invalidate(&mut self) {
        self.is_current = false;
    }

    /// Those of a cell.
    pub(super) fn in_cell<S: Simulation<Game = G>>(&mut self, cell: CellIndex, sim: &S) -> &[G::Event] {
        let Self { sorted, is_current, found } = self;
        if !*is_current {
            *is_current = true;
            sorted.clear();
            sim.ongoing(|cell, event| sorted.push((cell, sorted.len() as u32, event)));
            sorted.sort_unstable_by_key(|(cell, order, _)| (*cell, *order));
        }
        let start = sorted.partition_point(|(at, ..)| *at < cell);
        found.clear();
        found.extend(
            sorted[start..].iter().take_while(|(at, ..)| *at == cell).map(|(.., event)| event.clone()),
        );
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::TestSimulation;

    #[test]
    fn events_are_found_in_their_cell_in_their_order_and_sorted_once_a_tick() {
        let mut sim = TestSimulation::new(0);
        sim.ongoing = vec![(CellIndex(1), 9), (CellIndex(0), 5), (CellIndex(1), 3)];
        let mut ongoing = Ongoing::default();
        assert_eq!(ongoing.in_cell(CellIndex(1), &sim), [9, 3]);
        assert_eq!(ongoing.in_cell(CellIndex(0), &sim), [5]);
        sim.ongoing.clear();
        assert_eq!(ongoing.in_cell(CellIndex(1), &sim), [9, 3], "they hold for the tick");
        ongoing.invalidate();
        assert!(ongoing.in_cell(CellIndex(1), &sim).is_empty());
    }
}
