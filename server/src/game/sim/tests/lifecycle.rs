//! How ships spawn, and how idle players leave the arena and come back.

use super::*;

/// No ship spawns nearer to a wall than this.
const EDGE_UNITS: f32 = 500.0;

#[test]
fn respawn_needs_a_request_and_the_delay() {
    let mut sim = bare();
    sim.step(&[join(1)]);
    sim.step(&[]);
    sim.ship(1).health = -1.0;
    sim.step(&[]);
    let wait = sim.timing().respawn;
    let flying = |sim: &mut Simulation, ticks, command: fn() -> Vec<Command>| {
        (0..ticks).for_each(|_| sim.step(&command()));
        sim.world().flying().count()
    };
    assert_eq!(flying(&mut sim, wait - 1, || vec![ask(1)]), 0, "too soon");
    // Held buttons are repeated for less than the delay.
    assert_eq!(
        flying(&mut sim, 3000, || vec![input(1, Buttons::default(), Angle(0))]),
        0,
        "it reads its death card"
    );
    assert_eq!(flying(&mut sim, 2, || vec![ask(1)]), 1);
    let still = sim.ship(1).flight.motion.velocity;
    assert_eq!(still, Vec2::ZERO, "the request moves nothing");
}

#[test]
fn ships_spawn_away_from_the_walls() {
    for seed in 0..40 {
        let mut sim = simulation(0, seed);
        sim.step(&[join(1)]);
        let (place, size) = (sim.ship(1).flight.motion.position, sim.terrain().arena().size);
        let to_wall = place.min(size - place).min_element();
        assert!(to_wall > EDGE_UNITS, "{place} is {to_wall} from a wall");
    }
}

/// Client 1 is idle for some ticks.
fn idle(sim: &mut Simulation, ticks: u32) {
    sim.step(&[Command::Idle { session: SessionId(1) }]);
    (1..ticks).for_each(|_| sim.step(&[]));
}

#[test]
fn idle_ship_leaves_the_arena_and_comes_back_with_its_embers() {
    let mut sim = bare();
    sim.face_to_face(600.0);
    // Until it is out of combat.
    (0..120).for_each(|_| sim.step(&[]));
    let ship = sim.ship(1);
    (ship.flight.embers, ship.flight.motion.velocity) = (33, Vec2::new(0.0, 300.0));
    idle(&mut sim, 30);
    let now = sim.world().tick;
    let ship = sim.ship(1).clone();
    assert!(ship.shielded(now) && ship.flight.motion.velocity.length() < 150.0);
    (0..50).for_each(|_| sim.step(&[]));
    let id = sim.pilot_of(SessionId(1)).expect("it stays");
    assert!(matches!(sim.world().pilot(id).map(|pilot| &pilot.state), Some(Life::Idle(_))));
    assert_eq!(sim.world().flying().count(), 1);
    (0..10_000).for_each(|_| sim.step(&[]));
    sim.step(&[Command::Active { session: SessionId(1) }]);
    let now = sim.world().tick;
    let back = sim.ship(1).clone();
    assert_eq!(back.flight.embers, 33);
    assert!(back.shielded(now) && back.flight.motion.position.distance(ship.flight.motion.position) < 200.0);
}

#[test]
fn going_idle_in_combat_gives_no_shield() {
    let mut sim = bare();
    sim.face_to_face(300.0);
    (0..60).for_each(|_| sim.step(&[]));
    let fire = |sim: &mut Simulation| sim.step(&[input(2, Buttons::FIRE, Angle(32_768))]);
    while sim.events().hits.is_empty() {
        fire(&mut sim);
    }
    idle(&mut sim, 1);
    let now = sim.world().tick;
    assert!(!sim.ship(1).shielded(now));
    for _ in 0..150 {
        fire(&mut sim);
        if !sim.events().deaths.is_empty() {
            // It gets no new ship while its player is idle.
            (0..600).for_each(|_| sim.step(&[]));
            assert_eq!(sim.world().flying().count(), 1);
            sim.step(&[Command::Active { session: SessionId(1) }, ask(1)]);
            sim.step(&[]);
            assert_eq!(sim.world().flying().count(), 2);
            return;
        }
    }
    panic!("it got away");
}

#[test]
fn going_idle_repeatedly_gives_no_shield() {
    let mut sim = bare();
    sim.face_to_face(600.0);
    (0..120).for_each(|_| sim.step(&[]));
    let client = SessionId(1);
    let mut shielded = 0;
    for _ in 0..300 {
        sim.step(&[Command::Idle { session: client }, Command::Active { session: client }]);
        let now = sim.world().tick;
        shielded += u32::from(sim.ship(1).shielded(now));
    }
    assert_eq!(shielded, 0);
    // Out of the arena and back again: a quarter of the time, at most.
    idle(&mut sim, 100);
    sim.step(&[Command::Active { session: client }]);
    let until = sim.ship(1).shielded_until;
    assert!(until.since(sim.world().tick) <= 25);
}

/// They spawn, stay out of walls and rocks, and collect embers.
#[test]
fn drones_play_in_every_built_in_arena() {
    const SECONDS: u16 = 40;
    // How far a hull may overlap a wall or rock, in units: after a wall the collision does not check rocks again.
    const OVERLAP: f32 = 2.0;
    for (name, _) in arena_file::built_in() {
        let arena = arena_file::load(&name).unwrap_or_else(|error| panic!("{error}"));
        if !arena.mode.has_drones() {
            continue;
        }
        let terrain = Terrain::new(arena);
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

#[test]
fn life_of_a_player_ends_with_a_death_or_by_leaving() {
    let mut sim = bare();
    sim.step(&[join(1), join(2)]);
    sim.step(&[]);
    assert!(sim.events().lives.is_empty());
    (0..30).for_each(|_| sim.step(&[]));
    let ship = sim.ship(1);
    (ship.flight.embers, ship.streak, ship.health) = (7, 3, -1.0);
    sim.ship(2).flight.embers = 9;
    sim.step(&[]);
    let [life] = sim.events().lives[..] else { panic!("{:?}", sim.events().lives) };
    assert_eq!((life.session, life.embers, life.kills), (SessionId(1), 7, 3));
    assert!((30..=33).contains(&life.ticks), "{}", life.ticks);
    // A player without a ship has no life to end.
    sim.step(&[Command::Leave { session: SessionId(1) }, Command::Leave { session: SessionId(2) }]);
    let [life] = sim.events().lives[..] else { panic!("{:?}", sim.events().lives) };
    assert_eq!((life.session, life.embers, life.kills), (SessionId(2), 9, 0));
}

#[test]
fn life_of_a_drone_is_nothing_to_record() {
    let mut sim = simulation(2, 1);
    (0..30).for_each(|_| sim.step(&[]));
    let ids: Vec<_> = sim.world().flying().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 2);
    for id in ids {
        sim.world.ship_mut(id).expect("it flies").health = -1.0;
    }
    sim.step(&[]);
    assert_eq!((sim.events().deaths.len(), sim.events().lives.len()), (2, 0));
}
