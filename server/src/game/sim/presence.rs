//! Pilots that are not at the controls: their page is hidden, or their connection is cut. The ship glides to a stop and
//! leaves the arena; when the pilot is back, so is the ship, where it was, with all it carried.
//!
//! Out of a fight one leaves under a shield. In one there is none, and the ship stays for longer: to pull the plug
//! saves nobody.

use shared::{Vec2, engine::ids::Tick, game::timing::Timing};

use super::{
    pilot::{Life, Pilot},
    world::World,
};

/// How long ago a ship must have fired or been hit last to be out of a fight, in seconds.
const PEACE_SECONDS: f32 = 3.0;
/// From leaving the controls to leaving the arena, in seconds.
const GLIDE_SECONDS: f32 = 2.5;
/// The same in a fight.
const FIGHT_GLIDE_SECONDS: f32 = 6.0;
/// The shield of one who comes back lasts this part of the time that it was away, and no longer than that of a new ship:
/// who hides again and again gains nothing.
const SHIELD_SHARE: u32 = 4;

/// Nobody is at a pilot's controls from now on.
pub(super) fn leave(pilot: &mut Pilot, now: Tick, timing: &Timing) {
    if pilot.away_since.is_some() {
        return;
    }
    pilot.away_since = Some(now);
    if let Life::Flying(ship) = &mut pilot.life
        && !is_fighting(ship.fought, now, timing)
    {
        let until = now.after(ticks(GLIDE_SECONDS, timing));
        ship.shielded_until = ship.shielded_until.max(until);
    }
}

/// Somebody is again.
pub(super) fn come_back(pilot: &mut Pilot, now: Tick, timing: &Timing) {
    let Some(since) = pilot.away_since.take() else { return };
    match &mut pilot.life {
        // Out of the arena. Who comes back needs a moment to look around.
        Life::Idle(ship) => {
            ship.shielded_until = now.after((now.since(since) / SHIELD_SHARE).min(timing.shield));
            ship.flight.motion.velocity = Vec2::ZERO;
            pilot.life = Life::Flying(ship.clone());
        }
        // The shield was for one without a hand at the controls.
        Life::Flying(ship) => ship.shielded_until = now,
        Life::Waiting { .. } => {}
    }
}

/// Takes the ships of pilots that are away long enough out of the arena.
pub(super) fn take_out(world: &mut World, timing: &Timing) {
    let World { tick, pilots, seats, .. } = world;
    for key in seats.iter().flatten() {
        let Some(pilot) = pilots.get_mut(*key) else {
            continue;
        };
        let (Some(since), Life::Flying(ship)) = (pilot.away_since, &pilot.life) else {
            continue;
        };
        let glide = if is_fighting(ship.fought, since, timing) { FIGHT_GLIDE_SECONDS } else { GLIDE_SECONDS };
        if tick.since(since) >= ticks(glide, timing) && ship.health > 0.0 {
            pilot.life = Life::Idle(ship.clone());
        }
    }
}

/// Whether a ship that fought last at `fought` was fighting at `then`, or came under fire after it.
fn is_fighting(fought: Tick, then: Tick, timing: &Timing) -> bool {
    fought.0 > 0 && then.since(fought) < ticks(PEACE_SECONDS, timing)
}

fn ticks(seconds: f32, timing: &Timing) -> u32 {
    (seconds * f32::from(timing.tick_rate)) as u32
}
