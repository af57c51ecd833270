//! Drones in every built-in arena: they spawn, stay out of walls and rocks, and collect embers.

use server::game::{
    arena_file,
    sim::{Setup, Simulation},
};
use shared::game::terrain::Terrain;

const RATE: u16 = 30;
const SECONDS: u16 = 40;
/// How far a hull may overlap a wall or rock, in units: after a wall the collision does not check rocks again.
const OVERLAP: f32 = 2.0;

#[test]
fn drones_play_in_every_built_in_arena() {
    for name in arena_file::built_in() {
        let terrain = Terrain::new(arena_file::load(&name).unwrap_or_else(|error| panic!("{error}")));
        let mut sim = Simulation::new(Setup { terrain, tick_rate: RATE, drones: 12, seed: 4 });
        let mut most = 0;
        for _ in 0..RATE * SECONDS {
            sim.step(&[]);
            let smallest = sim.terrain().arena().rules.hulls[0].radius;
            for ship in sim.world().in_order().filter_map(|pilot| pilot.ship()) {
                most = most.max(ship.flight.embers);
                let place = ship.flight.motion.position;
                assert!(sim.terrain().is_free(place, smallest - OVERLAP), "{name}: a ship at {place}");
            }
        }
        assert!(sim.world().in_order().count() == 12 && most > 20, "{name}: {most} embers at most");
    }
}
