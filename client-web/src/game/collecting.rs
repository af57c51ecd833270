//! Embers and pickups in reach are collected before the server says so. What another ship was nearer to is given back.

use shared::{
    engine::ids::CellIndex,
    game::{
        Emberdrift, Map,
        ember::PlacedEmber,
        flight::{Collected, Flight, PICKUP_RADIUS},
    },
};

use crate::engine::replica::Replica;

/// Adds to the ship what it reaches, and to `taken` what is not in there already.
pub(super) fn collect(
    ship: &mut Flight,
    Map { terrain, timing }: &Map,
    replica: &Replica<Emberdrift>,
    taken: &mut Vec<(CellIndex, PlacedEmber)>,
) {
    let (grid, rules) = (terrain.grid(), &terrain.arena().rules);
    // The ship grows by what it collects, but only after it has collected all of this tick.
    let (before, mut new) = (*ship, Collected::default());
    let reach = before.reach(rules).max(rules.hull(before.embers).radius + PICKUP_RADIUS);
    for (cell, ember) in replica.items_around(before.motion.position, reach) {
        if before.takes(ember.item, ember.place(cell, grid), rules) && !taken.contains(&(cell, ember)) {
            taken.push((cell, ember));
            new.add(ember.item);
        }
    }
    ship.collect(new, timing);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::{
        Vec2,
        engine::{
            body::Motion,
            game_trait::Game as _,
            ids::Tick,
            input::{Buttons, PlayerInput},
            protocol::ViewChange,
        },
        game::{
            ember::Ember,
            protocol::{CellChange, CellChunk},
            terrain::Terrain,
        },
    };

    use super::*;
    use crate::{
        engine::prediction::{Prediction, Surroundings},
        game::{
            fixture::{self, Random},
            view_model::ViewModel,
        },
    };

    /// An arena whose cells are all in view, with or without embers.
    struct Place {
        map: Map,
        replica: Replica<Emberdrift>,
    }

    impl Place {
        fn new(terrain: &Terrain, embers: u32) -> Self {
            let map = Emberdrift::map(terrain.arena().clone(), 30);
            let grid = terrain.grid();
            let mut replica = Replica::new(grid);
            let window = grid.window(terrain.arena().size / 2.0, terrain.arena().size);
            replica.begin_frame(Some(ViewChange { window, reset: true }));
            let mut random = Random(embers.into());
            for i in 0..embers {
                let cell = CellIndex((random.next() % grid.len() as u32) as u16);
                let (y, item) = (random.next() as u8, Ember(1 + (random.next() % 9) as u8));
                let ember = PlacedEmber { x: i as u8, y, item };
                let changes = vec![CellChange::ItemsAdded(vec![ember].into())];
                replica.apply(&CellChunk { cell, changes }, |_, _| ());
            }
            Self { map, replica }
        }

        fn around(&self) -> Surroundings<'_, Emberdrift> {
            Surroundings { map: &self.map, replica: &self.replica }
        }
    }

    fn at(x: f32, y: f32) -> Flight {
        let motion = Motion { position: Vec2::new(x, y), velocity: Vec2::ZERO };
        Flight { motion, ..Flight::default() }
    }

    fn bits(flight: &Flight) -> [u32; 9] {
        let Flight { motion: Motion { position, velocity }, embers, burnt, reload, held, power_ups } =
            *flight;
        let [x, y, vx, vy] = [position.x, position.y, velocity.x, velocity.y].map(f32::to_bits);
        [x, y, vx, vy, embers, burnt.into(), reload.into(), held.into(), power_ups.rapid.into()]
    }

    proptest! {
        #[test]
        fn predicted_flight_among_rocks_is_the_servers_to_the_bit(
            seed: u64,
            embers in 0..200_u32,
            delays in proptest::collection::vec(0..12_u32, 300),
        ) {
            let place = Place::new(&fixture::rocky(), 0);
            let mut random = Random(seed);
            // Half of the runs begin with a ship that is held, as before a round of a duel.
            let held = (seed % 2) as u16 * 25;
            let start = Flight { embers, held, ..at(1500.0, 1500.0) };
            let mut prediction = Prediction::default();
            prediction.reconcile::<ViewModel>(Tick(100), Some(start), 0.0, &place.around());
            // The server's state after each tick.
            let mut server = vec![start];
            let mut acked = 0;
            for (tick, delay) in (1..).zip(&delays) {
                let input = random.input();
                let mut next = server[tick as usize - 1];
                let outcome = next.step(input, &place.map.terrain, &place.map.timing);
                server.push(next);
                let predicted =
                    prediction.predict::<ViewModel>(Tick(100 + tick), input, 0.0, &place.around());
                prop_assert_eq!(predicted.0, outcome);
                // Frames arrive with any delay, but in order.
                acked = acked.max(tick.saturating_sub(*delay));
                let state = Some(server[acked as usize]);
                let reconciled =
                    prediction.reconcile::<ViewModel>(Tick(100 + acked), state, 0.0, &place.around());
                prop_assert_eq!(reconciled.error.map(f32::to_bits), Some(0));
                prop_assert_eq!(prediction.avatar().map(bits), Some(bits(&next)));
            }
        }
    }

    #[test]
    fn collected_ember_counts_once_and_is_given_back_if_the_server_does_not_confirm_it() {
        let place = Place::new(&fixture::terrain(Vec::new()), 1500);
        let mut prediction = Prediction::default();
        let start = at(1500.0, 1500.0);
        prediction.reconcile::<ViewModel>(Tick(100), Some(start), 0.0, &place.around());
        let right = PlayerInput { buttons: Buttons::RIGHT, ..PlayerInput::default() };
        let mut collected = 0;
        for tick in 101..=130 {
            collected += prediction.predict::<ViewModel>(Tick(tick), right, 0.0, &place.around()).1;
        }
        let held = prediction.avatar().expect("it is alive").embers;
        assert!(collected > 5 && held >= collected as u32, "{collected} embers worth {held}");
        assert_eq!(prediction.taken().len(), collected);
        // The same ticks predicted again: nothing is counted twice.
        prediction.reconcile::<ViewModel>(Tick(100), Some(start), 0.0, &place.around());
        assert_eq!(prediction.avatar().expect("it is alive").embers, held);
        let far = at(200.0, 200.0);
        prediction.reconcile::<ViewModel>(Tick(130), Some(far), 0.0, &place.around());
        assert!(prediction.taken().is_empty());
    }
}
