//! Pickups: how they come to lie in the arena. How they are taken is the embers' affair, among which they lie.

use rand::{RngExt, seq::IndexedRandom};
use shared::{
    Vec2,
    game::{rules::Pickup, terrain::Terrain, timing::Timing},
};

use super::{events::Events, world::World};

/// Free way around one, in units: a ship must be able to touch it.
const CLEARANCE: f32 = 40.0;
/// Places that are looked at for one.
const TRIES: u32 = 8;

/// Lays one now and then, while fewer lie than the rules want.
pub(super) fn lay(world: &mut World, events: &mut Events, terrain: &Terrain, timing: &Timing) {
    let rules = &terrain.arena().rules.pickups;
    let every = (rules.every_seconds * f32::from(timing.tick_rate) + 0.5).max(1.0) as u32;
    if !world.tick.0.is_multiple_of(every) || world.embers.pickups() >= rules.max {
        return;
    }
    let Some(pickup) = Pickup::ALL.choose(&mut world.rng).copied() else { return };
    for _ in 0..TRIES {
        let place = Vec2::new(world.rng.random(), world.rng.random()) * terrain.arena().size;
        if terrain.is_free(place, CLEARANCE) {
            return world.embers.offer(place, pickup, terrain, events);
        }
    }
}
