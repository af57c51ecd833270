//! Tests of whole simulations: determinism, and the rules as a player notices them.

mod another_arena;
mod beginner;
mod checksum;
mod duel;
mod economy;
mod ids;
mod lifecycle;
mod lives;
mod parties;
mod teams;
mod visitor;

use proptest::prelude::*;
use shared::{
    Vec2,
    engine::{
        input::{Angle, Buttons, PlayerInput},
        roster::PlayerKind,
    },
    game::{arena::Rock, mode::Mode},
};

use super::*;
use crate::game::arena_file;

const RATE: u16 = 30;

fn simulation(drones: u16, seed: u64) -> Simulation {
    let arena = arena_file::load("drift").expect("the arena is embedded");
    Simulation::new(Setup { terrain: Terrain::new(arena), tick_rate: RATE, drones, seed })
}

/// An empty arena: no embers, pickups or rocks.
fn bare() -> Simulation {
    let mut arena = arena_file::load("drift").expect("the arena is embedded");
    arena.rocks.clear();
    arena.rules.embers.supply = 0;
    arena.rules.pickups.max = 0;
    Simulation::new(Setup { terrain: Terrain::new(arena), tick_rate: RATE, drones: 0, seed: 1 })
}

/// The same with teams.
fn bare_with_teams(count: u8) -> Simulation {
    let mut arena = bare().terrain().arena().clone();
    arena.mode = Mode::Teams { count };
    Simulation::new(Setup { terrain: Terrain::new(arena), tick_rate: RATE, drones: 0, seed: 1 })
}

fn join(client: u64) -> Command {
    Command::Join { session: SessionId(client), name: None, colour: None }
}

fn input(client: u64, buttons: Buttons, aim: Angle) -> Command {
    timed(client, 0, 0, buttons, aim)
}

/// Asks for the next ship. Any button would do; this one does nothing else.
fn ask(client: u64) -> Command {
    input(client, Buttons::RESPAWN, Angle(0))
}

fn timed(client: u64, tick: u32, rewind: u16, buttons: Buttons, aim: Angle) -> Command {
    let input = TimedInput { tick: Tick(tick), input: PlayerInput { buttons, aim }, rewind };
    Command::Input { session: SessionId(client), input }
}

impl Simulation {
    fn ship(&mut self, client: u64) -> &mut Ship {
        let id = self.pilot_of(SessionId(client)).expect("it has joined");
        self.world.ship_mut(id).expect("it flies")
    }

    /// Puts two ships without shields face to face. The first looks along +x at the second.
    fn face_to_face(&mut self, apart: f32) {
        self.step(&[join(1), join(2)]);
        for (client, x) in [(1, 1000.0), (2, 1000.0 + apart)] {
            let ship = self.ship(client);
            ship.flight.motion =
                shared::engine::body::Motion { position: Vec2::new(x, 1000.0), velocity: Vec2::ZERO };
            ship.shielded_until = Default::default();
        }
    }
}

/// Arbitrary commands of one tick.
fn commands() -> impl Strategy<Value = Vec<Command>> {
    let command = (0..6_u64, 0..12_u8, 0..140_u32, any::<(u8, u16, u16)>()).prop_map(
        |(client, what, tick, (buttons, aim, rewind))| match what {
            0 => join(client),
            1 => Command::Leave { session: SessionId(client) },
            2 => Command::Idle { session: SessionId(client) },
            3 => Command::Active { session: SessionId(client) },
            _ => timed(client, tick, rewind, Buttons(buttons), Angle(aim)),
        },
    );
    proptest::collection::vec(command, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn same_seed_and_commands_give_the_same_state(
        seed: u64,
        ticks in proptest::collection::vec(commands(), 1..80),
    ) {
        let (mut one, mut two) = (simulation(8, seed), simulation(8, seed));
        for commands in &ticks {
            one.step(commands);
            two.step(commands);
            prop_assert_eq!(one.checksum(), two.checksum());
        }
    }

    #[test]
    fn ships_stay_in_the_arena_and_out_of_rocks(ticks in proptest::collection::vec(commands(), 1..120)) {
        let mut sim = simulation(4, 9);
        for commands in &ticks {
            sim.step(commands);
            for pilot in sim.world().in_order() {
                if let Some(ship) = pilot.ship() {
                    let place = ship.flight.motion.position;
                    prop_assert!(place.is_finite() && sim.terrain().is_free(place, 10.0), "{}", place);
                }
            }
        }
    }
}

#[test]
fn other_seed_gives_another_state() {
    let (mut one, mut two) = (simulation(8, 1), simulation(8, 2));
    one.step(&[]);
    two.step(&[]);
    assert_ne!(one.checksum(), two.checksum());
}

#[test]
fn ship_under_fire_dies_and_scatters_half_of_its_embers() {
    let mut sim = bare();
    sim.face_to_face(200.0);
    let mut killed_at = None;
    for tick in 1..300 {
        sim.step(&[input(1, Buttons::FIRE, Angle(0))]);
        if let Some(Death { ship: victim, by: Some(by), .. }) = sim.events().deaths.first() {
            assert_eq!(Some(*victim), sim.pilot_of(SessionId(2)));
            assert_eq!(by.streak, 1);
            assert_eq!(Some(by.by), sim.pilot_of(SessionId(1)));
            killed_at = Some(tick);
            break;
        }
    }
    let killed_at = killed_at.expect("a ship that is fired at dies");
    // Five hits of 12 take 60 health, a salvo every 0.24 s.
    assert!(killed_at >= 4 * u32::from(sim.timing().reload), "after {killed_at} ticks");
    let victim = sim.pilot_of(SessionId(2)).expect("it stays");
    assert!(sim.world().pilot(victim).is_some_and(|pilot| pilot.ship().is_none()));
    assert!(sim.world().embers.lying() > 0, "half of its embers lie where it died");
    for _ in 0..=sim.timing().respawn {
        sim.step(&[ask(2)]);
    }
    let ship = sim.ship(2).clone();
    assert_eq!(ship.flight.embers, sim.terrain().arena().rules.embers.at_spawn);
    assert!(ship.shielded(sim.world().tick));
}

#[test]
fn shield_stops_shots_until_its_owner_fires() {
    let mut sim = bare();
    sim.face_to_face(100.0);
    let forever = sim.world().tick.after(10_000);
    sim.ship(2).shielded_until = forever;
    for _ in 1..60 {
        sim.step(&[input(1, Buttons::FIRE, Angle(0))]);
    }
    let full = sim.terrain().arena().rules.hull(0).health;
    assert_eq!(sim.ship(2).health, full);
    sim.step(&[input(2, Buttons::FIRE, Angle(0))]);
    let now = sim.world().tick;
    assert!(!sim.ship(2).shielded(now));
}

#[test]
fn embers_in_reach_are_collected_and_make_the_ship_grow() {
    let mut sim = bare();
    sim.face_to_face(2000.0);
    let terrain = sim.terrain.clone();
    for i in 0..30 {
        let place = Vec2::new(960.0 + 2.0 * i as f32, 1030.0);
        sim.world.embers.drop(place, 1, &terrain, &mut Events::default());
    }
    let before = sim.ship(1).flight.embers;
    let health = sim.ship(1).health;
    sim.step(&[]);
    assert_eq!(sim.ship(1).flight.embers, before + 30);
    assert_eq!(sim.events().embers_taken.len(), 30);
    assert!(sim.ship(1).health > health, "a larger hull comes with more health");
    assert_eq!(sim.world().embers.lying(), 0);
}

#[test]
fn boost_burns_embers_and_leaves_them_behind() {
    let mut sim = bare();
    sim.face_to_face(3000.0);
    sim.ship(1).flight.embers = 20;
    let both = Buttons::RIGHT.with(Buttons::BOOST, true);
    let mut top: f32 = 0.0;
    for _ in 1..=60 {
        sim.step(&[input(1, both, Angle(0))]);
        top = top.max(sim.ship(1).flight.motion.velocity.length());
    }
    let hull_top = sim.terrain().arena().rules.hulls[0].top_speed;
    assert!(top > hull_top * 1.2, "{top}");
    let burnt = 20 - sim.ship(1).flight.embers;
    // Two seconds at four a second, to rounding.
    assert!((7..=8).contains(&burnt), "{burnt}");
    assert_eq!(sim.world().embers.lying(), burnt);
}

#[test]
fn requested_colour_is_used_and_others_follow_from_the_id() {
    let mut sim = bare();
    let join = |client, colour| Command::Join { session: SessionId(client), name: None, colour };
    sim.step(&[join(1, Some(6)), join(2, None), join(3, Some(250))]);
    let colours: Vec<u8> = sim.world().in_order().map(|pilot| pilot.colour).collect();
    assert_eq!(colours, [6, 1, 250 % shared::engine::limits::COLOURS]);
}

#[test]
fn drones_give_way_to_players_and_come_back() {
    let mut sim = simulation(6, 3);
    let drones =
        |sim: &Simulation| sim.world().in_order().filter(|pilot| pilot.kind == PlayerKind::Bot).count();
    for _ in 0..10 {
        sim.step(&[]);
    }
    assert_eq!(drones(&sim), 6);
    sim.step(&[join(1), join(2)]);
    for _ in 0..10 {
        sim.step(&[]);
    }
    assert_eq!(drones(&sim), 4);
    sim.step(&[Command::Leave { session: SessionId(1) }, Command::Leave { session: SessionId(2) }]);
    for _ in 0..10 {
        sim.step(&[]);
    }
    assert_eq!(drones(&sim), 6);
}

#[test]
fn drones_alone_collect_and_fight() {
    let mut sim = simulation(24, 5);
    let (mut collected, mut kills) = (0, 0);
    for _ in 0..u32::from(RATE) * 60 {
        sim.step(&[]);
        collected += sim.events().embers_taken.len();
        kills += sim.events().deaths.iter().filter(|death| death.by.is_some()).count();
    }
    assert!(collected > 300, "{collected} embers collected in a minute");
    assert!((2..100).contains(&kills), "{kills} kills in a minute");
}

#[test]
fn large_drone_ignores_a_small_ship_until_it_fires() {
    for (buttons, is_hunted) in [(Buttons::default(), false), (Buttons::FIRE, true)] {
        let mut sim = bare();
        sim.step(&[join(1), Command::FillWithBots { bodies: 2 }]);
        // Until its grace period is over.
        (0..RATE * 10).for_each(|_| sim.step(&[]));
        let place = sim.ship(1).flight.motion.position;
        let hunter = sim.world.ship_mut(PlayerId(1)).expect("a drone that hunts");
        hunter.flight.embers = 220;
        hunter.flight.motion.position = place + Vec2::X * 250.0;
        let mut hits = 0;
        for _ in 0..RATE * 5 {
            sim.step(&[input(1, buttons, Angle(1 << 14))]);
            hits += sim.events().hits.len();
        }
        assert_eq!(hits > 0, is_hunted, "{hits} hits");
    }
}

#[test]
fn rocks_stop_shots() {
    let mut sim = bare();
    let mut arena = sim.terrain().arena().clone();
    arena.rocks.push(Rock { centre: Vec2::new(1150.0, 1000.0), radius: 60.0 });
    sim.terrain = Terrain::new(arena);
    sim.face_to_face(300.0);
    for _ in 1..90 {
        sim.step(&[input(1, Buttons::FIRE, Angle(0))]);
        assert!(sim.events().hits.is_empty());
    }
}

/// Whether the first ship hits the second, which flies across in front of it. The first aims at where the second was
/// `aim_ticks_ago` ticks ago, and states `rewind`.
fn crossing(rewind: u16, aim_ticks_ago: f32, rocks: &[Rock]) -> bool {
    let mut sim = bare();
    let mut arena = sim.terrain().arena().clone();
    arena.rocks.extend_from_slice(rocks);
    sim.terrain = Terrain::new(arena);
    sim.face_to_face(300.0);
    let far = sim.ship(2);
    far.flight.motion.position.y = 750.0;
    let up = |sim: &mut Simulation| sim.ship(2).flight.motion.velocity = Vec2::new(0.0, 390.0);
    for _ in 0..20 {
        up(&mut sim);
        sim.step(&[]);
    }
    // Where it is after the next tick, and where it was when the pilot saw it. The shot takes time to arrive.
    let dt = sim.timing().dt;
    let (shot, muzzle) = (sim.terrain().arena().rules.shot.speed, sim.ship(1).flight.motion.position);
    let target = sim.ship(2).flight.motion;
    let seen = target.position + target.velocity * dt * (1.0 - aim_ticks_ago);
    let mut meets = seen;
    for _ in 0..5 {
        meets = seen + target.velocity * ((meets.distance(muzzle) - 18.0) / shot);
    }
    let aim = Angle::of(meets - muzzle);
    up(&mut sim);
    sim.step(&[timed(1, 0, rewind, Buttons::FIRE, aim)]);
    for _ in 0..30 {
        if !sim.events().hits.is_empty() {
            return true;
        }
        up(&mut sim);
        sim.step(&[]);
    }
    false
}

#[test]
fn targets_are_rewound_by_up_to_a_quarter_of_a_second() {
    let ticks = |ticks: f32| (ticks * f32::from(shared::engine::limits::REWIND_PARTS)) as u16;
    assert!(crossing(0, 0.0, &[]), "what is seen at once is hit");
    for ago in [1.0, 2.5, 5.0, 7.5] {
        assert!(crossing(ticks(ago), ago, &[]), "{ago} ticks ago");
        assert!(!crossing(0, ago + 2.0, &[]), "without a rewind {ago} ticks are too long ago");
    }
    // Half a second is more than a victim must accept.
    assert!(!crossing(ticks(15.0), 15.0, &[]));
    assert!(!crossing(u16::MAX, 15.0, &[]));
}

#[test]
fn lag_compensated_shot_stops_at_rocks() {
    let rock = Rock { centre: Vec2::new(1120.0, 1080.0), radius: 70.0 };
    assert!(!crossing(80, 5.0, &[rock]));
}
