//! A drone's hands: from what it wants to the keys, the trigger and the nose. It must not know more of the others than
//! what the mind has seen of them.

use shared::{
    Vec2,
    engine::{
        angle::Angle,
        ids::Tick,
        input::{Buttons, PlayerInput},
    },
    game::{movement::Motion, terrain::Terrain, timing::Timing},
};

use super::{
    super::pilot::Ship,
    mind::{Intent, Mind},
};

/// How far ahead it looks for rocks and blocks, in units.
const LOOKAHEAD: f32 = 150.0;
/// A drone with more embers than this squanders them on boost, for others to gather: it is there to be hunted, not
/// to win. The least and the most of it: each ship has its own, or they would all crowd at one place of the ranking.
const RICH: [u32; 2] = [60, 160];
/// A burst of fire and the pause after it, in seconds: room to answer.
const BURST_SECONDS: f32 = 0.9;
const PAUSE_SECONDS: f32 = 0.8;
/// It fires only when its nose is no farther off than this, in radians.
const TRIGGER_RADIANS: f32 = 0.3;

/// What its pilot wants of a ship in this tick.
pub(super) fn act(ship: &Ship, mind: &Mind, now: Tick, terrain: &Terrain, timing: &Timing) -> PlayerInput {
    let rules = &terrain.arena().rules;
    let thought = mind.acting();
    let place = ship.flight.motion.position;
    let ago_seconds = now.since(thought.seen) as f32 * timing.dt;
    // It goes on as it was seen to go, for all the drone knows.
    let expected = |seen: Motion| seen.position + seen.velocity * ago_seconds;
    let (way, aim, fires, boosts) = match thought.intent {
        Intent::Idle => (Vec2::ZERO, ship.aim.unit(), false, false),
        Intent::Go(there) => (there - place, there - place, false, false),
        Intent::Hunt(seen) => {
            let to = expected(seen) - place;
            // Where it will be when the shot arrives.
            let lead = to + seen.velocity * (to.length() / rules.shot.speed);
            // Closing in, then circling at a distance.
            let way = if to.length() > rules.drones.range * 0.6 { to } else { to.perp() - to * 0.2 };
            (way, lead, to.length() < rules.drones.range, false)
        }
        Intent::Flee(seen) => {
            let to = expected(seen) - place;
            (-to, to, to.length() < rules.drones.range * 0.7, ship.flight.embers > 4)
        }
    };
    let wanted = Angle::of(aim).turned(thought.aim_error);
    let off = ship.aim.difference(wanted);
    let turn = rules.drones.turn.to_radians() * timing.dt;
    PlayerInput {
        buttons: PlayerInput::towards(around_rocks(place, way, terrain))
            .with(Buttons::FIRE, fires && off.abs() < TRIGGER_RADIANS && is_burst(ship.born, now, timing))
            .with(Buttons::BOOST, boosts || ship.flight.embers > rich(ship.born)),
        aim: ship.aim.turned(Angle::from_radians(off.clamp(-turn, turn))),
    }
}

/// When the ship that was born then is rich.
fn rich(born: Tick) -> u32 {
    // Neighbours in time are not neighbours in this.
    RICH[0] + born.0.wrapping_mul(7919) % (RICH[1] - RICH[0])
}

/// Whether it has its finger on the trigger; each ship has its own beat.
fn is_burst(born: Tick, now: Tick, timing: &Timing) -> bool {
    let seconds = now.since(born) as f32 * timing.dt;
    seconds % (BURST_SECONDS + PAUSE_SECONDS) < BURST_SECONDS
}

/// `way`, or the least turn from it that does not lead into a rock or a block.
fn around_rocks(place: Vec2, way: Vec2, terrain: &Terrain) -> Vec2 {
    let Some(way) = way.try_normalize() else {
        return Vec2::ZERO;
    };
    const TURNS: [u16; 5] = [0, 8192, 57_344, 16_384, 49_152];
    TURNS
        .into_iter()
        .map(|turn| way.rotate(Angle(turn).unit()))
        .find(|way| terrain.is_free(place + *way * LOOKAHEAD, 30.0))
        .unwrap_or(-way)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drones_are_rich_at_numbers_of_their_own() {
        let mut all: Vec<u32> = (1..=24).map(|born| rich(Tick(born))).collect();
        assert!(all.iter().all(|embers| (RICH[0]..RICH[1]).contains(embers)));
        all.sort_unstable();
        all.dedup();
        assert!(all.len() > 20, "{all:?}");
    }
}
