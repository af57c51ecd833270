//! A game that goes on in another arena.

use shared::game::rules::EmberRules;

use super::*;

/// A game of some seconds, so that ships carry something and shots fly.
fn played() -> Simulation {
    let terrain = Terrain::new(arena_file::load("drift").expect("the arena is embedded"));
    let mut sim = Simulation::new(Setup { terrain, tick_rate: 30, drones: 20, seed: 5 });
    for session in 1..=4 {
        sim.step(&[Command::Join { session: SessionId(session), name: None, colour: None }]);
    }
    for _ in 0..900 {
        sim.step(&[]);
    }
    sim
}

/// What each pilot has: its id, its session, its embers and its streak.
fn belongings(sim: &Simulation) -> Vec<(PlayerId, Option<SessionId>, u32, Option<u16>)> {
    let of = |pilot: &Pilot| (pilot.id, pilot.session, pilot.embers(), pilot.ship().map(|ship| ship.streak));
    sim.world().in_order().map(of).collect()
}

#[test]
fn ships_keep_what_they_carry_and_stand_in_no_wall() {
    let mut sim = played();
    let before = belongings(&sim);
    assert!(before.iter().any(|(_, _, embers, _)| *embers > 10) && !sim.world().shots.is_empty());
    let (tick, size) = (sim.world().tick, sim.terrain().arena().size);
    let mut arena = sim.terrain().arena().clone();
    // Half as large, with a rock where a ship is.
    arena.size = size / 2.0;
    let buried =
        sim.world().flying().map(|(_, place)| place).find(|place| place.cmplt(arena.size - 200.0).all());
    let place = buried.expect("a ship in that half");
    arena.rocks = vec![Rock { centre: place, radius: 80.0 }];
    arena.rules.embers = EmberRules { supply: 100, ..arena.rules.embers };
    let terrain = Terrain::new(arena);
    sim.move_to(terrain.clone(), 20);
    assert_eq!((belongings(&sim), sim.world().tick), (before, tick));
    for (_, place) in sim.world().flying() {
        assert!(terrain.is_free(place, 4.0), "{place}");
    }
    assert!(sim.world().shots.is_empty());
    // What ships carry is not scattered a second time. The last ember may be a large one.
    let aboard: u32 = sim.world().in_order().map(Pilot::embers).sum();
    assert!(sim.world().embers.lying() <= 100_u32.saturating_sub(aboard) + 2, "{aboard} aboard");
    for _ in 0..300 {
        let aboard: u32 = sim.world().in_order().map(Pilot::embers).sum();
        let embers = &sim.world().embers;
        assert_eq!(i64::from(aboard + embers.lying()) + embers.reserve(), 100, "the new supply");
        sim.step(&[]);
    }
}

#[test]
fn same_arena_changes_nothing_that_pilots_have() {
    let mut sim = played();
    let before = belongings(&sim);
    let places: Vec<_> = sim.world().flying().collect();
    let terrain = sim.terrain().clone();
    sim.move_to(terrain, 20);
    assert_eq!(belongings(&sim), before);
    assert_eq!(sim.world().flying().collect::<Vec<_>>(), places);
}
