//! How pilots come, go and come back.

use super::*;

/// Where nobody begins: at a wall half of the view is of nothing.
const EDGE_UNITS: f32 = 500.0;

#[test]
fn the_next_ship_comes_when_its_pilot_asks_for_it_and_not_too_soon() {
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
    // What was held has run out by then.
    assert_eq!(
        flying(&mut sim, 3000, || vec![input(1, Buttons::default(), Angle(0))]),
        0,
        "it reads its card"
    );
    assert_eq!(flying(&mut sim, 2, || vec![ask(1)]), 1);
    let still = sim.ship(1).flight.motion.velocity;
    assert_eq!(still, Vec2::ZERO, "to ask moves nothing");
}

#[test]
fn ships_begin_away_from_the_walls() {
    for seed in 0..40 {
        let mut sim = simulation(0, seed);
        sim.step(&[join(1)]);
        let (place, size) = (sim.ship(1).flight.motion.position, sim.terrain().arena().size);
        let to_wall = place.min(size - place).min_element();
        assert!(to_wall > EDGE_UNITS, "{place} is {to_wall} from a wall");
    }
}

/// Lets go of the controls of the first ship for some ticks.
fn away(sim: &mut Simulation, ticks: u32) {
    sim.step(&[Command::Idle { client: ClientId(1) }]);
    (1..ticks).for_each(|_| sim.step(&[]));
}

#[test]
fn who_is_away_glides_out_of_the_arena_and_comes_back_with_all_it_had() {
    let mut sim = bare();
    sim.face_to_face(600.0);
    // Far from the last shot.
    (0..120).for_each(|_| sim.step(&[]));
    let ship = sim.ship(1);
    (ship.flight.embers, ship.flight.motion.velocity) = (33, Vec2::new(0.0, 300.0));
    away(&mut sim, 30);
    let now = sim.world().tick;
    let ship = sim.ship(1).clone();
    assert!(ship.shielded(now) && ship.flight.motion.velocity.length() < 150.0);
    (0..50).for_each(|_| sim.step(&[]));
    let id = sim.pilot_of(ClientId(1)).expect("it stays");
    assert!(matches!(sim.world().pilot(id).map(|pilot| &pilot.life), Some(Life::Idle(_))));
    assert_eq!(sim.world().flying().count(), 1);
    (0..10_000).for_each(|_| sim.step(&[]));
    sim.step(&[Command::Back { client: ClientId(1) }]);
    let now = sim.world().tick;
    let back = sim.ship(1).clone();
    assert_eq!(back.flight.embers, 33);
    assert!(back.shielded(now) && back.flight.motion.position.distance(ship.flight.motion.position) < 200.0);
}

#[test]
fn to_pull_the_plug_in_a_fight_saves_nobody() {
    let mut sim = bare();
    sim.face_to_face(300.0);
    (0..60).for_each(|_| sim.step(&[]));
    let fire = |sim: &mut Simulation| sim.step(&[input(2, Buttons::FIRE, Angle(32_768))]);
    while sim.events().hits.is_empty() {
        fire(&mut sim);
    }
    away(&mut sim, 1);
    let now = sim.world().tick;
    assert!(!sim.ship(1).shielded(now));
    for _ in 0..150 {
        fire(&mut sim);
        if !sim.events().deaths.is_empty() {
            // And there is no new ship while nobody is there to fly it.
            (0..600).for_each(|_| sim.step(&[]));
            assert_eq!(sim.world().flying().count(), 1);
            sim.step(&[Command::Back { client: ClientId(1) }, ask(1)]);
            sim.step(&[]);
            assert_eq!(sim.world().flying().count(), 2);
            return;
        }
    }
    panic!("it got away");
}

#[test]
fn to_look_away_again_and_again_is_no_shield() {
    let mut sim = bare();
    sim.face_to_face(600.0);
    (0..120).for_each(|_| sim.step(&[]));
    let client = ClientId(1);
    let mut shielded = 0;
    for _ in 0..300 {
        sim.step(&[Command::Idle { client }, Command::Back { client }]);
        let now = sim.world().tick;
        shielded += u32::from(sim.ship(1).shielded(now));
    }
    assert_eq!(shielded, 0);
    // Out of the arena and back again: a quarter of the time, at most.
    away(&mut sim, 100);
    sim.step(&[Command::Back { client }]);
    let until = sim.ship(1).shielded_until;
    assert!(until.since(sim.world().tick) <= 25);
}
