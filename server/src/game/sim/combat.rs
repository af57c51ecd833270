//! Shots in flight, hits, and what becomes of ships without health.

use rand::RngExt;
use shared::{
    Vec2,
    engine::{
        angle::Angle,
        ids::{CellIndex, PlayerId, Tick},
        limits::REWIND_PARTS,
    },
    game::{
        collision,
        ember::EMBER_WORTH_MAX,
        pilot::{Kill, PilotKind},
        rules::Hull,
        shot::{self, Hit, ShotStep},
        terrain::Terrain,
        timing::Timing,
    },
};

use super::{
    events::{Events, Fallen},
    grid::ShipGrid,
    pilot::{Fired, Life},
    world::{Shot, World},
};

/// Pieces that a ship's embers fall into, at most.
const PIECES_MAX: u32 = 24;

/// What a shot may meet.
struct Field<'a> {
    world: &'a World,
    /// By where the ships were a tick ago.
    ships: &'a ShipGrid,
    terrain: &'a Terrain,
    timing: &'a Timing,
    bounds: Bounds,
}

/// What no ship exceeds.
#[derive(Clone, Copy)]
struct Bounds {
    /// Radius of the largest hull.
    widest: f32,
    /// Speed of the fastest ship: where it was is not far from where it is.
    fastest: f32,
}

impl Bounds {
    fn new(terrain: &Terrain) -> Self {
        let rules = &terrain.arena().rules;
        let most = |of: fn(&Hull) -> f32| rules.hulls.iter().map(of).fold(0.0, f32::max);
        Self {
            widest: most(|hull| hull.radius),
            fastest: most(|hull| hull.top_speed) * rules.boost.top_speed,
        }
    }
}

/// Some time between two ticks.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// The tick before it.
    from: Tick,
    /// The part of the time to the next tick that has passed at its begin, and at its end: 0 to 1.
    begins: f32,
    ends: f32,
}

/// What became of a shot in a stretch of time.
enum Met {
    Nothing,
    Ship(PlayerId),
    /// Rock or wall.
    End,
}

/// Moves every shot by a tick, from where it and the ships were to where they are now, and settles what it meets.
pub(super) fn fly_shots(
    world: &mut World,
    events: &mut Events,
    ships: &ShipGrid,
    terrain: &Terrain,
    timing: &Timing,
) {
    let bounds = Bounds::new(terrain);
    let mut shots = core::mem::take(&mut world.shots);
    shots.retain_mut(|shot| {
        let stretch = Stretch { from: Tick(world.tick.0 - 1), begins: 0.0, ends: 1.0 };
        let field = Field { world, ships, terrain, timing, bounds };
        match field.fly(shot, stretch, true) {
            Met::Ship(ship) => {
                let cell = terrain.grid().cell_at(shot.position);
                strike(world, events, shot, ship, cell, terrain);
                return false;
            }
            Met::End => return false,
            Met::Nothing => {}
        }
        shot.ticks_left -= 1;
        let cell = terrain.grid().cell_at(shot.position);
        if shot.ticks_left > 0 && cell != shot.cell {
            shot.cell = cell;
            events.shots.push((cell, *shot));
        }
        shot.ticks_left > 0
    });
    world.shots = shots;
}

/// Carries new shots from the moment that their pilots saw to the present, past where the ships were meanwhile: as far
/// back as targets are rewound, and before that past rocks alone. From there on they fly like any other: what their
/// pilots had not seen yet is not held against anyone.
pub(super) fn carry_forward(
    world: &mut World,
    events: &mut Events,
    fired: &[Fired],
    ships: &ShipGrid,
    terrain: &Terrain,
    timing: &Timing,
) {
    const PARTS: u32 = REWIND_PARTS as u32;
    let bounds = Bounds::new(terrain);
    for Fired { shot, rewind } in fired {
        let mut shot = *shot;
        // One that is carried to its very end is still to be told of, and fades with the next tick.
        let life = u32::from(timing.shot_life - 1) * PARTS;
        let carried = u32::from((*rewind).min(timing.carry)).min(world.tick.0 * PARTS).min(life);
        let mut met = Met::Nothing;
        let mut left = carried;
        while left > 0 && matches!(met, Met::Nothing) {
            // To the end of the tick that the shot is in, or to where the rewind begins.
            let ticks_back = left.div_ceil(PARTS);
            let until = ((ticks_back - 1) * PARTS).max(if left > timing.rewind.into() {
                timing.rewind.into()
            } else {
                0
            });
            let part = |left: u32| (ticks_back * PARTS - left) as f32 / PARTS as f32;
            let from = Tick(world.tick.0 - ticks_back);
            let stretch = Stretch { from, begins: part(left), ends: part(until) };
            let has_targets = left <= timing.rewind.into();
            met = Field { world, ships, terrain, timing, bounds }.fly(&mut shot, stretch, has_targets);
            left = until;
        }
        shot.ticks_left = shot.ticks_left.saturating_sub(carried.div_ceil(PARTS) as u8).max(1);
        shot.cell = terrain.grid().cell_at(shot.position);
        // Even one that has met something already was fired, which all should see.
        events.shots.push((shot.cell, shot));
        match met {
            Met::Nothing => world.shots.push(shot),
            Met::Ship(ship) => strike(world, events, &shot, ship, shot.cell, terrain),
            Met::End => {}
        }
    }
}

impl Field<'_> {
    /// Flies a shot through a stretch of time, past the ships that there are then if `has_targets`.
    fn fly(&self, shot: &mut Shot, stretch: Stretch, has_targets: bool) -> Met {
        let whole = shot::way(shot.direction, &self.terrain.arena().rules.shot, self.timing.dt);
        let flown = shot::fly(shot.position, whole * (stretch.ends - stretch.begins), self.terrain);
        let (ShotStep::Flying(to) | ShotStep::Struck(to)) = flown;
        if has_targets && let Some((ship, share)) = self.first_met(shot, to, stretch) {
            shot.position += (to - shot.position) * share;
            return Met::Ship(ship);
        }
        shot.position = to;
        if matches!(flown, ShotStep::Flying(_)) { Met::Nothing } else { Met::End }
    }

    /// The first ship on a shot's way to `to` that it can harm, and the share of the way until there. The ships move
    /// while the shot does.
    fn first_met(&self, shot: &Shot, to: Vec2, stretch: Stretch) -> Option<(PlayerId, f32)> {
        let Self { world, ships, terrain, timing, bounds: Bounds { widest, fastest } } = *self;
        let Stretch { from, begins, ends } = stretch;
        let rules = &terrain.arena().rules;
        let (places, next) = (world.history.after(from), world.history.after(from.after(1)));
        // The grid is of a tick ago: so much less far from then, and a tick from now.
        let ago = world.tick.since(from).saturating_sub(1).max(1) as f32 * timing.dt;
        let margin = Vec2::splat(widest + fastest * ago);
        let (start, way) = (shot.position, to - shot.position);
        ships
            .around(start.min(to) - margin, start.max(to) + margin)
            .filter(|(id, _)| *id != shot.owner)
            .filter_map(|(id, _)| {
                let seat = usize::from(id.0);
                let (before, after) = (*places.get(seat)?, *next.get(seat)?);
                let moves = after - before;
                // As the ship sees it: so it stands still and only the shot moves.
                let (start, way) = (start - (before + moves * begins), way - moves * (ends - begins));
                // Against the widest hull first: most ships around are not even near, and need not be looked up.
                collision::enters_circle(start, way, Vec2::ZERO, widest)?;
                let radius = rules.hull(world.pilot(id)?.ship()?.flight.embers).radius;
                Some((collision::enters_circle(start, way, Vec2::ZERO, radius)?, id))
            })
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(share, id)| (id, share))
    }
}

/// A shot meets a ship.
fn strike(
    world: &mut World,
    events: &mut Events,
    shot: &Shot,
    ship: PlayerId,
    cell: CellIndex,
    terrain: &Terrain,
) {
    hit(world, ship, shot.owner, terrain.arena().rules.shot.damage);
    events.hits.push((cell, Hit { shot: shot.id, ship }));
}

fn hit(world: &mut World, id: PlayerId, by: PlayerId, damage: f32) {
    let now = world.tick;
    let Some(ship) = world.ship_mut(id) else { return };
    // A ship that is down already stays its first killer's.
    if !ship.shielded(now) && ship.health > 0.0 {
        ship.health -= damage;
        ship.hit_by = Some(by);
        ship.fought = now;
    }
}

/// Takes ships without health out of flight and scatters embers where they fell: half of them, or all of the
/// leader's.
pub(super) fn bury(world: &mut World, events: &mut Events, terrain: &Terrain, timing: &Timing) {
    let leader = world.leader();
    let World { tick, pilots, seats, embers, rng, history, .. } = world;
    for key in seats.iter().flatten() {
        let Some(pilot) = pilots.get_mut(*key) else {
            continue;
        };
        let Life::Flying(ship) = &pilot.life else { continue };
        if ship.health > 0.0 {
            continue;
        }
        let (place, carried, by) = (ship.flight.motion.position, ship.flight.embers, ship.hit_by);
        let led = leader == Some(pilot.id);
        let scattered = if led { carried } else { carried / 2 };
        let pieces = scattered.min(PIECES_MAX);
        embers.sink(carried - scattered);
        for piece in 0..pieces {
            let value = scattered / pieces + u32::from(piece < scattered % pieces);
            let away = Angle(rng.random()).unit() * rng.random_range(10.0..90.0);
            let worth = value.min(EMBER_WORTH_MAX.into());
            embers.sink(value - worth);
            embers.drop(place + away, worth as u8, terrain, events);
        }
        let kill = by.map(|by| Kill { by, streak: 0, ended: ship.streak.min(255) as u8 });
        events.deaths.push(Fallen { ship: pilot.id, place, by: kill, led });
        history.forget(usize::from(pilot.id.0));
        let last = Some(ship.flight.motion);
        let wants = pilot.kind == PilotKind::Drone;
        pilot.life = Life::Waiting { until: tick.after(timing.respawn), wants, by, last };
    }
    // Only now: of two that shot each other down neither has a ship to be proud of.
    for fallen in &mut events.deaths {
        let Some(kill) = &mut fallen.by else { continue };
        if let Some(ship) = world.ship_mut(kill.by) {
            ship.streak = ship.streak.saturating_add(1);
            kill.streak = ship.streak.min(255) as u8;
        }
    }
}
