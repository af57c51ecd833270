//! Idle players: their page is hidden, or their connection is cut. An idle ship glides to a stop and is taken out of the
//! arena. When the player is back, so is the ship, where it was and with all it carried.
//!
//! A ship that is out of combat gets a shield while it glides. One in combat gets none and glides for longer, so that
//! disconnecting does not save it.

use shared::{Vec2, engine::ids::Tick, game::timing::Timing};

use super::{
    pilot::{Life, Pilot},
    world::{Step, World},
};

/// A ship is out of combat when it has not fired and not been hit for this long, in seconds.
const COMBAT_SECONDS: f32 = 3.0;
/// From leaving the controls to leaving the arena, in seconds.
const GLIDE_SECONDS: f32 = 2.5;
/// The same in combat.
const COMBAT_GLIDE_SECONDS: f32 = 6.0;
/// The shield of a player that is back lasts for the time it was idle, divided by this, and at most as long as a new
/// ship's. So going idle again and again gains nothing.
const SHIELD_DIVISOR: u32 = 4;

/// A player has left the controls.
pub(super) fn begin(pilot: &mut Pilot, now: Tick, timing: &Timing) {
    if pilot.idle_since.is_some() {
        return;
    }
    pilot.idle_since = Some(now);
    if let Life::Flying(ship) = &mut pilot.state
        && !is_in_combat(ship.last_fight, now, timing)
    {
        let until = now.after(ticks(GLIDE_SECONDS, timing));
        ship.shielded_until = ship.shielded_until.max(until);
    }
}

/// A player is back at the controls.
pub(super) fn end(pilot: &mut Pilot, now: Tick, timing: &Timing) {
    let Some(since) = pilot.idle_since.take() else { return };
    match &mut pilot.state {
        // Its player needs a moment to look around.
        Life::Idle(ship) => {
            ship.shielded_until = now.after((now.since(since) / SHIELD_DIVISOR).min(timing.shield));
            ship.flight.motion.velocity = Vec2::ZERO;
            pilot.state = Life::Flying(ship.clone());
        }
        // The shield was for a ship without a player at the controls.
        Life::Flying(ship) => ship.shielded_until = now,
        Life::Waiting { .. } => {}
    }
}

/// Takes the ships of players that have been idle for long enough out of the arena, but not out of a duel.
pub(super) fn remove_idle_ships(step: &mut Step<'_>) {
    if step.world.duel.is_on() {
        return;
    }
    let timing = step.timing;
    let World { tick, pilots, .. } = &mut *step.world;
    for pilot in pilots.iter_mut() {
        let (Some(since), Life::Flying(ship)) = (pilot.idle_since, &pilot.state) else {
            continue;
        };
        let is_in_combat = is_in_combat(ship.last_fight, since, timing);
        let glide = if is_in_combat { COMBAT_GLIDE_SECONDS } else { GLIDE_SECONDS };
        if tick.since(since) >= ticks(glide, timing) && ship.health > 0.0 {
            pilot.state = Life::Idle(ship.clone());
        }
    }
}

/// Whether a ship that fought last at `last_fight` was in combat at `then`, or has been since.
fn is_in_combat(last_fight: Tick, then: Tick, timing: &Timing) -> bool {
    last_fight.0 > 0 && then.since(last_fight) < ticks(COMBAT_SECONDS, timing)
}

fn ticks(seconds: f32, timing: &Timing) -> u32 {
    (seconds * f32::from(timing.tick_rate)) as u32
}
