//! What is sent of a step, and what the engine keeps of the game: states and recordings.

mod recording;
mod saved_arena;

use shared::game::terrain::Terrain;

use super::*;
use crate::{engine::simulation::Simulation as _, game::arena_file};

/// A world whose first step has brought a ship into the arena.
fn simulation(drones: u16) -> ReplicatedSim {
    let terrain = Terrain::new(arena_file::load("drift").expect("the arena is embedded"));
    let mut sim = ReplicatedSim::of(Simulation::new(sim::Setup { terrain, tick_rate: 20, drones, seed: 1 }));
    sim.step(&[Command::Join { session: SessionId(1), name: None, colour: None }]);
    sim
}

#[test]
fn look_has_the_tier_and_health_in_sixteenths() {
    let sim = simulation(0);
    let rules = &sim.arena().rules;
    let pilot = sim.players().iter().next().expect("it has joined");
    let mut ship = pilot.ship().expect("it has a ship").clone();
    let full = look(&ship, sim.tick(), rules);
    assert_eq!((full.health, full.status.tier(), full.status.shielded()), (255, 0, true));
    ship.health = rules.hulls[0].health * 0.49;
    assert_eq!(look(&ship, sim.tick(), rules).health, 128);
    ship.flight.embers = 1_000_000;
    let late = sim.tick().after(10_000);
    let large = look(&ship, late, rules);
    assert_eq!((large.status.tier(), large.status.shielded()), (6, false));
}

#[test]
fn announced_deaths_are_told_everyone_and_others_the_killer_out_of_sight() {
    let mut sim = simulation(24);
    let (mut announced, mut local) = (0, 0);
    for _ in 0..16_000 {
        sim.step(&[]);
        let deaths = &sim.sim().events().deaths;
        let with_killer = deaths.iter().filter(|death| death.by.is_some()).count();
        assert_eq!(sim.changes().notices.len(), with_killer);
        for (audience, notice) in &sim.changes().notices {
            let Announcement::Killed { victim, kill } = notice else { panic!("there are no teams") };
            let death = deaths.iter().find(|death| death.ship == *victim).expect("it died");
            let told = sim.changes().events.iter().find_map(|(_, event)| match event {
                Event::Death(told) if told.ship == *victim => Some(*told),
                _ => None,
            });
            let in_cell = told.expect("viewers of the cell are told").by;
            if death.is_announced() {
                assert_eq!((*audience, in_cell), (Audience::Everyone, None));
                announced += 1;
            } else {
                let cell = sim.sim().terrain().grid().cell_at(death.position);
                assert_eq!((*audience, in_cell), (Audience::PlayerOutOfSight(kill.by, cell), Some(*kill)));
                local += 1;
            }
        }
        if announced > 0 && local > 0 {
            return;
        }
    }
    panic!("{announced} announced deaths and {local} others");
}
