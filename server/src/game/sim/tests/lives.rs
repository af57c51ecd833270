//! How long lives are, and how far they get, among the drones of a server that has just started: by scripts in place of people.

use super::{
    visitor::{Skill, Visitor},
    *,
};

/// The default of `--drones`.
const DRONES: u16 = 24;

/// A life that has ended, or was still going on after [`MINUTES`].
#[derive(Clone, Copy, Debug)]
struct Lived {
    seconds: f32,
    /// After how many seconds it had each hull.
    hulls: [Option<f32>; 7],
}

/// The lives of one visitor: at most this many, and within this time.
fn lives(skill: Skill, seed: u64, most: usize, minutes: u32) -> Vec<Lived> {
    let mut sim = simulation(DRONES, seed);
    (0..u32::from(RATE) * 60).for_each(|_| sim.step(&[]));
    sim.step(&[join(1)]);
    let mut visitor = Visitor::new(skill, seed);
    let (mut lives, mut present): (Vec<Lived>, Option<Lived>) = (Vec::new(), None);
    for _ in 0..u32::from(RATE) * 60 * minutes {
        let me = sim.pilot_of(SessionId(1)).and_then(|id| sim.world().pilot(id)?.ship().cloned());
        let wanted = me.as_ref().map(|ship| visitor.play(ship, &sim));
        sim.step(&[wanted.map_or(ask(1), |wanted| input(1, wanted.buttons, wanted.aim))]);
        let Some(ship) = me else {
            lives.extend(present.take());
            if lives.len() == most {
                return lives;
            }
            continue;
        };
        let seconds = sim.world().tick.since(ship.spawned_at) as f32 / f32::from(RATE);
        let life = present.get_or_insert(Lived { seconds, hulls: [None; 7] });
        life.seconds = seconds;
        life.hulls[sim.terrain().arena().rules.tier(ship.flight.embers)].get_or_insert(seconds);
    }
    lives.extend(present);
    lives
}

#[test]
fn new_ship_begins_out_of_sight_of_larger_ones() {
    let mut in_sight = 0;
    for seed in 0..60 {
        let mut sim = simulation(DRONES, seed);
        (0..u32::from(RATE) * 60).for_each(|_| sim.step(&[]));
        sim.step(&[join(1)]);
        let (me, view) = (sim.ship(1).flight.motion.position, sim.terrain().arena().rules.view);
        let sees = |at: Vec2| (at - me).abs().cmplt(view).all();
        let rules = &sim.terrain().arena().rules;
        let larger =
            sim.world().in_order().filter_map(Pilot::ship).filter(|ship| rules.tier(ship.flight.embers) > 0);
        in_sight +=
            usize::from(larger.map(|ship| ship.flight.motion.position).any(|at| at != me && sees(at)));
    }
    // All of the arena may be in another ship's sight.
    assert!(in_sight <= 3, "{in_sight} of 60");
}

#[test]
fn drones_ignore_a_newcomer_until_it_fires_near_one() {
    for (buttons, is_hunted) in [(Buttons::default(), false), (Buttons::FIRE, true)] {
        let mut sim = bare();
        sim.step(&[join(1), Command::FillWithBots { bodies: 2 }]);
        // The shield is over, and the grace of every ship: a newcomer's is longer.
        (0..RATE * 8).for_each(|_| sim.step(&[]));
        let place = sim.ship(1).flight.motion.position;
        let drone = sim.world.ship_mut(PlayerId(1)).expect("a drone that hunts");
        drone.flight.motion.position = place + Vec2::X * 250.0;
        let mut hits = 0;
        for _ in 0..RATE * 6 {
            sim.step(&[input(1, buttons, Angle(32_768))]);
            hits += sim.events().hits.iter().filter(|(_, hit)| hit.ship == PlayerId(0)).count();
        }
        assert_eq!(hits > 0, is_hunted, "{hits} hits");
    }
}

#[test]
fn no_salvo_takes_more_than_half_of_the_smallest_hulls_health() {
    for (name, _) in arena_file::built_in() {
        let rules = arena_file::load(&name).expect("it is embedded").rules;
        let salvo =
            rules.hulls.iter().map(|hull| f32::from(hull.shots)).fold(0.0, f32::max) * rules.shot.damage;
        assert!(salvo <= rules.hulls[0].health / 2.0, "{name}: {salvo}");
    }
}

fn median(mut of: Vec<f32>) -> f32 {
    of.sort_by(f32::total_cmp);
    of[of.len() / 2]
}

fn first_lives(skill: Skill) -> f32 {
    let first = (0..40).filter_map(|seed| lives(skill, seed, 1, 5).first().copied());
    median(first.map(|life| life.seconds).collect())
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures are worth reading")]
fn first_life_is_long_enough_to_learn_to_fly() {
    let (passive, beginner) = (first_lives(Skill::Passive), first_lives(Skill::Beginner));
    println!("first lives, median: passive {passive:.0} s, beginner {beginner:.0} s");
    assert!(passive >= 30.0 && beginner >= 60.0, "passive {passive} s, beginner {beginner} s");
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures are worth reading")]
fn lives_of_medium_skill_build_something() {
    let mut all: Vec<Lived> = Vec::new();
    for seed in 0.. {
        all.extend(lives(Skill::Medium, seed, 8, 8));
        if all.len() >= 200 {
            break;
        }
    }
    let typical = median(all.iter().map(|life| life.seconds).collect());
    let choice = median(all.iter().filter_map(|life| life.hulls[1]).collect());
    let fifth = all.iter().filter(|life| life.hulls[4].is_some_and(|seconds| seconds <= 360.0)).count();
    let share = fifth as f32 / all.len() as f32;
    println!(
        "{} lives: median {typical:.0} s, second hull after {choice:.0} s, fifth hull {:.0} %",
        all.len(),
        share * 100.0
    );
    assert!((60.0..=180.0).contains(&typical), "{typical} s");
    assert!(choice <= 40.0, "{choice} s");
    assert!(share >= 0.2, "{share}");
}
