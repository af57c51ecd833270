//! Shots in flight, hits, and what becomes of ships without health.

use rand::RngExt;
use shared::{
    Vec2,
    angle::Angle,
    collision,
    ids::PlayerId,
    protocol::Hit,
    shot::{self, Flown},
    terrain::Terrain,
};

use super::{
    events::{Events, Fallen},
    grid::ShipGrid,
    pilot::Life,
    timing::Timing,
    world::{Shot, World},
};

/// Pieces that a ship's embers fall into, at most.
const PIECES_MAX: u32 = 24;

/// Moves every shot by a tick and settles what it meets.
pub(super) fn fly_shots(
    world: &mut World,
    events: &mut Events,
    ships: &ShipGrid,
    terrain: &Terrain,
    timing: &Timing,
) {
    let rules = &terrain.arena().rules;
    let widest = rules.hulls.iter().map(|hull| hull.radius).fold(0.0, f32::max);
    let mut shots = core::mem::take(&mut world.shots);
    shots.retain_mut(|shot| {
        let way = shot::way(shot.direction, &rules.shot, timing.dt);
        let flown = shot::fly(shot.position, way, terrain);
        let (Flown::On(to) | Flown::Struck(to)) = flown;
        if let Some(ship) = first_met(world, ships, shot, to, widest, terrain) {
            let cell = terrain.grid().cell_at(shot.position);
            hit(world, ship, shot.owner, rules.shot.damage);
            events.hits.push((cell, Hit { shot: shot.id, ship }));
            return false;
        }
        shot.position = to;
        shot.ticks_left -= 1;
        let flies = matches!(flown, Flown::On(_)) && shot.ticks_left > 0;
        let cell = terrain.grid().cell_at(to);
        if flies && cell != shot.cell {
            shot.cell = cell;
            events.shots.push((cell, *shot));
        }
        flies
    });
    world.shots = shots;
}

/// The first ship on a shot's way to `to` that it can harm.
fn first_met(
    world: &World,
    ships: &ShipGrid,
    shot: &Shot,
    to: Vec2,
    widest: f32,
    terrain: &Terrain,
) -> Option<PlayerId> {
    let from = shot.position;
    let margin = Vec2::splat(widest);
    let rules = &terrain.arena().rules;
    ships
        .around(from.min(to) - margin, from.max(to) + margin)
        .filter(|(id, _)| *id != shot.owner)
        .filter_map(|(id, place)| {
            // Against the widest hull first: most ships around are not even near, and need not be looked up.
            collision::enters_circle(from, to - from, place, widest)?;
            let ship = world.pilot(id)?.ship()?;
            let radius = rules.hull(ship.embers).radius;
            Some((collision::enters_circle(from, to - from, place, radius)?, id))
        })
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, id)| id)
}

fn hit(world: &mut World, id: PlayerId, by: PlayerId, damage: f32) {
    let now = world.tick;
    let Some(ship) = world.ship_mut(id) else { return };
    // A ship that is down already stays its first killer's.
    if !ship.shielded(now) && ship.health > 0.0 {
        ship.health -= damage;
        ship.hit_by = Some(by);
    }
}

/// Takes ships without health out of flight and scatters embers where they fell: half of them, or all of the
/// leader's.
pub(super) fn bury(world: &mut World, events: &mut Events, terrain: &Terrain, timing: &Timing) {
    let leader = world.leader();
    let World { tick, pilots, seats, embers, rng, .. } = world;
    for key in seats.iter().flatten() {
        let Some(pilot) = pilots.get_mut(*key) else {
            continue;
        };
        let Life::Flying(ship) = &pilot.life else { continue };
        if ship.health > 0.0 {
            continue;
        }
        let (place, carried, by) = (ship.motion.position, ship.embers, ship.hit_by);
        let led = leader == Some(pilot.id);
        let scattered = if led { carried } else { carried / 2 };
        let pieces = scattered.min(PIECES_MAX);
        for piece in 0..pieces {
            let value = scattered / pieces + u32::from(piece < scattered % pieces);
            let away = Angle(rng.random()).unit() * rng.random_range(10.0..90.0);
            embers.drop(place + away, value.min(255) as u8, terrain, events);
        }
        events.deaths.push(Fallen { ship: pilot.id, place, by, led });
        let last = Some(ship.motion);
        pilot.life = Life::Waiting { until: tick.after(timing.respawn), by, last };
    }
}
