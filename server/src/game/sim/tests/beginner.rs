//! The first five minutes of a lone beginner among drones: it meets a ship soon, and fights are fair.

use super::{
    visitor::{Skill, Visitor},
    *,
};

/// The default of `--drones`.
const DRONES: u16 = 24;
const VISITORS: u64 = 40;

const MINUTES: u32 = 5;
/// A ship nearer than this is in sight, in units: about half of the view's width.
const SIGHT: f32 = 700.0;

/// What happened to it.
#[derive(Debug, Default)]
struct Story {
    met_after_seconds: Option<f32>,
    deaths: u32,
    kills: u32,
    shortest_life_seconds: f32,
    most_embers: u32,
}

fn five_minutes(seed: u64, drones: u16) -> Story {
    let mut sim = simulation(drones, seed);
    // The drones have played for a minute before it joins.
    (0..u32::from(RATE) * 60).for_each(|_| sim.step(&[]));
    let mut beginner = Visitor::new(Skill::Beginner, seed);
    let mut story = Story { shortest_life_seconds: f32::INFINITY, ..Story::default() };
    sim.step(&[join(1)]);
    let me = sim.pilot_of(SessionId(1)).expect("there is room");
    let mut spawned_at = sim.world().tick;
    for tick in 0..u32::from(RATE) * 60 * MINUTES {
        let ship = sim.world().pilot(me).and_then(|pilot| pilot.ship()).cloned();
        let wanted = ship.as_ref().map(|ship| {
            spawned_at = ship.spawned_at;
            story.most_embers = story.most_embers.max(ship.flight.embers);
            beginner.play(ship, &sim)
        });
        // It asks for the next ship at once.
        sim.step(&[wanted.map_or(ask(1), |wanted| input(1, wanted.buttons, wanted.aim))]);
        let seconds = |ticks: u32| ticks as f32 / f32::from(RATE);
        if let Some(ship) = &ship
            && story.met_after_seconds.is_none()
            && sim
                .world()
                .flying()
                .any(|(id, at)| id != me && at.distance(ship.flight.motion.position) < SIGHT)
        {
            story.met_after_seconds = Some(seconds(tick));
        }
        for death in &sim.events().deaths {
            story.kills += u32::from(death.by.is_some_and(|kill| kill.by == me));
            if death.ship == me {
                story.deaths += 1;
                let lived = seconds(sim.world().tick.since(spawned_at));
                story.shortest_life_seconds = story.shortest_life_seconds.min(lived);
            }
        }
    }
    story
}

#[test]
fn lone_beginner_meets_a_ship_soon_and_dies_but_not_too_often() {
    let stories: Vec<Story> = (0..VISITORS).map(|seed| five_minutes(seed, DRONES)).collect();
    for story in &stories {
        assert!(story.met_after_seconds.is_some_and(|seconds| seconds <= 20.0), "{story:?}");
        assert!(story.shortest_life_seconds >= 2.0, "{story:?}");
    }
    let fair = stories.iter().filter(|story| (1..=8).contains(&story.deaths)).count();
    // Luck has its part: one of twenty may have had too much of it, or too little.
    assert!(fair * 20 >= stories.len() * 19, "{stories:?}");
}
