//! Where and how ships come into the world.

use rand::RngExt;
use shared::{
    Vec2,
    engine::{angle::Angle, ids::Tick},
    game::{flight::Flight, limits::SPAWN_CLEARANCE, movement::Motion, terrain::Terrain, timing::Timing},
};

use super::{
    grid::ShipGrid,
    pilot::{Life, Ship},
    world::World,
};

/// Places that are looked at for a spawn; the one farthest from other ships is taken.
const CANDIDATES: usize = 8;
/// Places that are looked at while none of them was free.
const CANDIDATES_MAX: usize = 256;
/// A ship farther than this is far enough, in units: out of sight.
const FAR: f32 = 1100.0;

/// The edge of an arena in which no ship begins, as a share of its size: at a wall half of the view is of nothing, and
/// there is only half of the field to get away to.
const EDGE: f32 = 0.12;

/// Gives a ship to every pilot whose wait is over and who wants one.
pub(super) fn respawn(world: &mut World, ships: &ShipGrid, terrain: &Terrain, timing: &Timing) {
    for seat in 0..world.seats.len() {
        let Some(key) = world.seats[seat] else { continue };
        let pilot = &world.pilots[key];
        let due = matches!(pilot.life, Life::Waiting { until, wants: true, .. } if world.tick >= until);
        // Who is away would be shot before coming back.
        if !due || pilot.away_since.is_some() {
            continue;
        }
        let position = find_place(world, ships, terrain);
        let rules = &terrain.arena().rules;
        let credit = world.ember_credit(&rules.embers);
        let embers = world.embers.fetch(rules.embers.at_spawn, credit);
        world.pilots[key].life = Life::Flying(Ship {
            flight: Flight { motion: Motion { position, velocity: Vec2::ZERO }, embers, ..Flight::default() },
            aim: Angle::of(terrain.arena().size / 2.0 - position),
            health: rules.hull(embers).health,
            fought: Tick(0),
            shielded_until: world.tick.after(timing.shield),
            boosting: false,
            hit_by: None,
            streak: 0,
            born: world.tick,
        });
    }
}

fn find_place(world: &mut World, ships: &ShipGrid, terrain: &Terrain) -> Vec2 {
    let mut best = (f32::NEG_INFINITY, terrain.arena().size / 2.0);
    for looked_at in 0..CANDIDATES_MAX {
        if looked_at >= CANDIDATES && best.0 >= 0.0 {
            break;
        }
        let share = Vec2::new(world.rng.random(), world.rng.random());
        let place = (EDGE + share * (1.0 - 2.0 * EDGE)) * terrain.arena().size;
        if !terrain.is_free(place, SPAWN_CLEARANCE) {
            continue;
        }
        let nearest = ships.nearest(place, FAR, |_| true).map_or(FAR, |(_, at)| at.distance(place));
        if nearest > best.0 {
            best = (nearest, place);
        }
    }
    best.1
}
