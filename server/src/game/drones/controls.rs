//! How a drone flies what it has decided: from an intent to buttons and aim. Of other ships it knows only what the intent
//! says about them.

use shared::{
    Vec2,
    engine::{
        body::Motion,
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
    },
    game::{terrain::Terrain, timing::Timing},
};

use super::decision::{Intent, Thought};
use crate::game::sim::{Ship, View};

/// How far ahead it looks for rocks and blocks, in units.
const LOOKAHEAD: f32 = 150.0;
/// Free radius that it looks for there, in units.
const CLEARANCE: f32 = 30.0;
/// A drone with more embers than this burns them on boost, for others to collect: it is there to be hunted and not to
/// win. Each ship has its own number between these two, or they would all crowd at one place of the ranking.
const RICH: [u32; 2] = [60, 160];
/// Length of a burst of fire and of the pause after it, in seconds: time for its target to answer.
const BURST_SECONDS: f32 = 0.9;
const PAUSE_SECONDS: f32 = 0.8;
/// It fires only when its nose is off by less than this, in radians.
const TRIGGER_RADIANS: f32 = 0.3;
/// Embers that it keeps when it boosts to flee.
const FLEE_RESERVE: u32 = 4;

/// Where to fly, where to aim, and which buttons to hold besides.
struct Manoeuvre {
    /// Relative to the ship; its length does not matter.
    way: Vec2,
    aim: Vec2,
    fires: bool,
    boosts: bool,
}

/// The input by which a ship's drone carries out a thought in this tick.
pub(super) fn input(ship: &Ship, thought: &Thought, view: View<'_>) -> PlayerInput {
    let View { world, terrain, timing, .. } = view;
    let Manoeuvre { way, aim, fires, boosts } = manoeuvre(ship, thought, view);
    let wanted = Angle::of(aim).turned(thought.aim_error);
    let off = ship.aim.difference(wanted);
    let turn = terrain.arena().rules.drones.turn.to_radians() * timing.dt;
    let is_aimed = off.abs() < TRIGGER_RADIANS && is_burst(ship.spawned_at, world.tick, timing);
    PlayerInput {
        buttons: PlayerInput::towards(around_obstacles(ship.flight.motion.position, way, terrain))
            .with(Buttons::FIRE, fires && is_aimed)
            .with(Buttons::BOOST, boosts || ship.flight.embers > rich(ship.spawned_at)),
        aim: ship.aim.turned(Angle::from_radians(off.clamp(-turn, turn))),
    }
}

fn manoeuvre(ship: &Ship, thought: &Thought, view: View<'_>) -> Manoeuvre {
    let rules = &view.terrain.arena().rules;
    let range = rules.drones.range;
    let place = ship.flight.motion.position;
    let age_seconds = view.world.tick.since(thought.seen) as f32 * view.timing.dt;
    // As far as the drone knows, a ship goes on as it was seen to.
    let expected = |seen: Motion| seen.position + seen.velocity * age_seconds;
    match thought.intent {
        Intent::Idle => Manoeuvre { way: Vec2::ZERO, aim: ship.aim.unit(), fires: false, boosts: false },
        Intent::Go(there) => {
            Manoeuvre { way: there - place, aim: there - place, fires: false, boosts: false }
        }
        Intent::Hunt(seen) => {
            let to = expected(seen) - place;
            Manoeuvre {
                // Closes in, then circles at a distance.
                way: if to.length() > range * 0.6 { to } else { to.perp() - to * 0.2 },
                // Where the target will be when the shot arrives.
                aim: to + seen.velocity * (to.length() / rules.shot.speed),
                fires: to.length() < range,
                boosts: false,
            }
        }
        Intent::Flee(seen) => {
            let to = expected(seen) - place;
            Manoeuvre {
                way: -to,
                aim: to,
                fires: to.length() < range * 0.7,
                boosts: ship.flight.embers > FLEE_RESERVE,
            }
        }
    }
}

/// Above how many embers a ship that was spawned then is rich. Ships spawned one after another have unlike numbers.
fn rich(spawned_at: Tick) -> u32 {
    RICH[0] + spawned_at.0.wrapping_mul(7919) % (RICH[1] - RICH[0])
}

/// Whether a ship holds its trigger at `now`. Each ship has its own rhythm.
fn is_burst(spawned_at: Tick, now: Tick, timing: &Timing) -> bool {
    let seconds = now.since(spawned_at) as f32 * timing.dt;
    seconds % (BURST_SECONDS + PAUSE_SECONDS) < BURST_SECONDS
}

/// `way`, or the smallest turn from it that does not lead into a rock or a block.
fn around_obstacles(place: Vec2, way: Vec2, terrain: &Terrain) -> Vec2 {
    let Some(way) = way.try_normalize() else {
        return Vec2::ZERO;
    };
    const TURNS: [u16; 5] = [0, 8192, 57_344, 16_384, 49_152];
    TURNS
        .into_iter()
        .map(|turn| way.rotate(Angle(turn).unit()))
        .find(|way| terrain.is_free(place + *way * LOOKAHEAD, CLEARANCE))
        .unwrap_or(-way)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::{
        arena_file,
        sim::{Setup, ShipGrid, Simulation},
    };

    /// A drone's ship at rest in the middle of an empty arena, and what it is to do.
    struct Rig {
        sim: Simulation,
        ship: Ship,
        thought: Thought,
    }

    impl Rig {
        fn new(intent: Intent) -> Self {
            let mut arena = arena_file::load("drift").expect("the arena is embedded");
            arena.rocks.clear();
            let terrain = Terrain::new(arena);
            let mut sim = Simulation::new(Setup { terrain, tick_rate: 20, drones: 1, seed: 1 });
            sim.step(&[]);
            let mut ship = sim.world().in_order().find_map(|pilot| pilot.ship().cloned()).expect("a drone");
            ship.flight.motion = Motion { position: sim.terrain().arena().size / 2.0, velocity: Vec2::ZERO };
            ship.aim = Angle(0);
            let thought = Thought { intent, seen: sim.world().tick, aim_error: Angle(0) };
            Self { sim, ship, thought }
        }

        fn input(&self) -> PlayerInput {
            let Self { sim, ship, thought } = self;
            let ships = &ShipGrid::default();
            let view = View { world: sim.world(), ships, terrain: sim.terrain(), timing: sim.timing() };
            input(ship, thought, view)
        }

        fn place(&self) -> Vec2 {
            self.ship.flight.motion.position
        }

        /// A target at rest, so far to the right.
        fn target(&self, distance: f32) -> Motion {
            Motion { position: self.place() + Vec2::X * distance, velocity: Vec2::ZERO }
        }
    }

    #[test]
    fn drone_boosts_only_when_its_ship_is_rich() {
        let mut rig = Rig::new(Intent::Idle);
        let mut limits = Vec::new();
        for spawned_at in 1..=24 {
            rig.ship.spawned_at = Tick(spawned_at);
            let boosts = |rig: &mut Rig, embers| {
                rig.ship.flight.embers = embers;
                rig.input().buttons.has(Buttons::BOOST)
            };
            let limit = (0..1000).find(|embers| boosts(&mut rig, *embers)).expect("it boosts at some number");
            assert!((RICH[0]..=RICH[1]).contains(&limit), "{limit}");
            limits.push(limit);
        }
        limits.sort_unstable();
        limits.dedup();
        assert!(limits.len() > 20, "ships are rich at different numbers: {limits:?}");
    }

    #[test]
    fn drone_turns_no_faster_than_the_rules_allow() {
        let mut rig = Rig::new(Intent::Idle);
        rig.thought.intent = Intent::Go(rig.place() - Vec2::X * 500.0);
        let turn = rig.sim.terrain().arena().rules.drones.turn.to_radians() * rig.sim.timing().dt;
        for _ in 0..20 {
            let aim = rig.input().aim;
            assert!(rig.ship.aim.difference(aim).abs() <= turn + 1e-3);
            rig.ship.aim = aim;
        }
        assert!(rig.ship.aim.difference(Angle(1 << 15)).abs() < 1e-3, "it aims where it goes in the end");
    }

    #[test]
    fn drone_fires_in_bursts_at_a_target_in_range_that_it_aims_at() {
        let mut rig = Rig::new(Intent::Idle);
        let range = rig.sim.terrain().arena().rules.drones.range;
        let fires = |rig: &Rig| rig.input().buttons.has(Buttons::FIRE);
        rig.ship.spawned_at = rig.sim.world().tick;
        rig.thought.intent = Intent::Hunt(rig.target(range * 0.5));
        assert!(fires(&rig));
        rig.ship.aim = Angle(1 << 14);
        assert!(!fires(&rig), "it aims elsewhere");
        rig.ship.aim = Angle(0);
        rig.thought.intent = Intent::Hunt(rig.target(range * 1.1));
        assert!(!fires(&rig), "the target is out of range");
        rig.thought.intent = Intent::Hunt(rig.target(range * 0.5));
        let pause = ((BURST_SECONDS + 0.1) * f32::from(rig.sim.timing().tick_rate)) as u32;
        (0..pause).for_each(|_| rig.sim.step(&[]));
        rig.thought.seen = rig.sim.world().tick;
        assert!(!fires(&rig), "it pauses after a burst");
    }

    #[test]
    fn drone_flies_to_its_goal_from_its_enemy_and_around_rocks() {
        let mut rig = Rig::new(Intent::Idle);
        let held = |rig: &Rig| rig.input().thrust();
        assert_eq!(held(&rig), Vec2::ZERO);
        rig.thought.intent = Intent::Go(rig.place() + Vec2::X * 900.0);
        assert_eq!(held(&rig), Vec2::X);
        rig.thought.intent = Intent::Flee(rig.target(200.0));
        assert_eq!(held(&rig), Vec2::NEG_X);
        let rock = shared::game::arena::Rock { centre: rig.place() + Vec2::X * LOOKAHEAD, radius: 60.0 };
        let mut arena = rig.sim.terrain().arena().clone();
        arena.rocks.push(rock);
        let place = rig.place();
        let way = around_obstacles(place, Vec2::X, &Terrain::new(arena));
        assert!(way != Vec2::X && way.dot(Vec2::X) > 0.0, "{way}");
        assert!((place + way * LOOKAHEAD).distance(rock.centre) > rock.radius);
    }
}
