//! How embers and pickups come into the arena, and how ships collect them.

use rand::{RngExt, seq::IndexedRandom};
use shared::{
    Vec2,
    game::{
        ember::Pickup,
        flight::{Collected, PICKUP_RADIUS},
        terrain::Terrain,
    },
};

use super::{
    events::Events,
    pilot::Life,
    world::{Step, World},
};

/// Share of emitted embers that are large, and what those are worth.
const LARGE_SHARE: f64 = 0.08;
const LARGE_WORTH: u8 = 3;
/// Most embers that can be due, so that a pause is not made up for at once.
const DUE_MAX: f32 = 100.0;
/// Free radius around a pickup, in units: a ship must be able to touch it.
const PICKUP_CLEARANCE: f32 = 40.0;
/// Random places that are tried for one pickup.
const PICKUP_TRIES: u32 = 8;
/// Random places that are tried for each ember before the first tick. Some are on rock, and an arena that is nearly all
/// rock must not hold up the start.
const SCATTER_TRIES: u32 = 20;

/// Scatters the reserve over the field: before the first tick, the arena's whole supply.
pub(super) fn scatter(world: &mut World, terrain: &Terrain) {
    let supply = terrain.arena().rules.embers.supply;
    let events = &mut Events::default();
    for _ in 0..supply * SCATTER_TRIES {
        if world.embers.reserve() <= 0 {
            return;
        }
        emit_one(world, events, terrain);
    }
}

/// Emits new embers at the rate of the rules, while fewer are on the field than the supply and the reserve has some.
pub(super) fn emit(step: &mut Step<'_>) {
    let Step { world, events, terrain, timing, .. } = step;
    let rules = &terrain.arena().rules.embers;
    let credit = world.ember_credit(rules);
    world.embers.due = (world.embers.due + rules.emit_per_second * timing.dt).min(DUE_MAX);
    while world.embers.due >= 1.0 {
        world.embers.due -= 1.0;
        if world.embers.lying() < rules.supply && world.embers.reserve() + credit > 0 {
            emit_one(world, events, terrain);
        }
    }
}

fn emit_one(world: &mut World, events: &mut Events, terrain: &Terrain) {
    let place = Vec2::new(world.rng.random(), world.rng.random()) * terrain.arena().size;
    let worth = if world.rng.random_bool(LARGE_SHARE) { LARGE_WORTH } else { 1 };
    world.embers.drop_from_reserve(place, worth, terrain, events);
}

/// Drops a pickup at the interval of the rules, while fewer are on the field than they allow.
pub(super) fn drop_pickup(step: &mut Step<'_>) {
    let Step { world, events, terrain, timing, .. } = step;
    let rules = &terrain.arena().rules.pickups;
    let interval = (rules.every_seconds * f32::from(timing.tick_rate) + 0.5).max(1.0) as u32;
    if !world.tick.0.is_multiple_of(interval) || world.embers.pickups() >= rules.max {
        return;
    }
    let Some(pickup) = Pickup::ALL.choose(&mut world.rng).copied() else { return };
    for _ in 0..PICKUP_TRIES {
        let place = Vec2::new(world.rng.random(), world.rng.random()) * terrain.arena().size;
        if terrain.is_free(place, PICKUP_CLEARANCE) {
            return world.embers.drop_pickup(place, pickup, terrain, events);
        }
    }
}

/// Every ship collects what is in its reach. What two ships reach goes to the lower id.
pub(super) fn collect(step: &mut Step<'_>) {
    let Step { world, events, terrain, timing, .. } = step;
    let (grid, rules) = (terrain.grid(), &terrain.arena().rules);
    let World { pilots, embers: field, .. } = &mut **world;
    for pilot in pilots.iter_mut() {
        let Life::Flying(ship) = &mut pilot.state else {
            continue;
        };
        if ship.health <= 0.0 {
            continue;
        }
        let (flight, mut collected) = (ship.flight, Collected::default());
        let reach = flight.reach(rules).max(rules.hull(flight.embers).radius + PICKUP_RADIUS);
        for cell in grid.cells(grid.window(flight.motion.position, Vec2::splat(reach))) {
            field.take(cell, pilot.id, events, |ember| {
                let is_in_reach = flight.takes(ember.item, ember.place(cell, grid), rules);
                if is_in_reach {
                    collected.add(ember.item);
                }
                is_in_reach
            });
        }
        if !collected.is_empty() {
            ship.collect(collected, rules, timing);
        }
    }
}
