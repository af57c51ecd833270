//! How a drone flies what it has decided: from an intent to buttons and aim. Of other ships it knows only what the intent
//! says about them.

use shared::{
    Vec2,
    engine::{
        angle::Angle,
        ids::Tick,
        input::{Buttons, PlayerInput},
    },
    game::{movement::Motion, terrain::Terrain, timing::Timing},
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

    #[test]
    fn drones_are_rich_at_numbers_of_their_own() {
        let mut all: Vec<u32> = (1..=24).map(|spawned_at| rich(Tick(spawned_at))).collect();
        assert!(all.iter().all(|embers| (RICH[0]..RICH[1]).contains(embers)));
        all.sort_unstable();
        all.dedup();
        assert!(all.len() > 20, "{all:?}");
    }
}
