//! The check that data from a file is the state of a simulation that can be stepped. Must not know how it is encoded.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        body::Motion,
        ids::{PlayerId, Tick},
        limits::{COLOURS, PLAYERS_MAX},
        roster::PlayerKind,
    },
    game::{arena::Arena, terrain::Terrain, timing::Timing},
};

use super::{
    pilot::{Life, Pilot, Pilots, Ship, Shot},
    world::World,
};
use crate::{
    engine::{
        checked::{Broken, ensure},
        position_history::{PositionHistory, is_inside},
    },
    game::drones::Drones,
};

/// How far outside the arena a new shot may be, in units: its ship is inside, and it begins at the hull.
const MUZZLE_MAX: f32 = 128.0;

/// How many times as fast as the fastest ship a ship may be in a state that is read.
const SPEED_SLACK: f32 = 4.0;

/// A state that was read, and is not yet known to make sense.
#[derive(Debug, Serialize, Deserialize)]
pub struct UncheckedState {
    world: World,
    drones: Drones,
}

impl UncheckedState {
    /// The state, if it can be stepped in this arena.
    pub(super) fn check(self, terrain: &Terrain, timing: &Timing) -> Result<(World, Drones), Broken> {
        let Self { mut world, drones } = self;
        check(&world, &drones, terrain, timing)?;
        world.embers.reserve_memory();
        Ok((world, drones))
    }
}

/// What a pilot and the motion of its ship are within.
#[derive(Clone, Copy)]
struct Bounds {
    size: Vec2,
    /// One more than the highest colour of a pilot.
    colours: u8,
    /// In units a second: no ship is nearly as fast.
    speed: f32,
}

impl Bounds {
    fn new(terrain: &Terrain) -> Self {
        let Arena { size, mode, rules, .. } = terrain.arena();
        let fastest = rules.hulls.iter().map(|hull| hull.top_speed).fold(0.0, f32::max);
        let colours = if mode.teams() > 0 { mode.teams() } else { COLOURS };
        Self { size: *size, colours, speed: fastest * rules.boost.top_speed.max(1.0) * SPEED_SLACK }
    }
}

/// Checks everything that a step relies on, and that no embers appeared or were lost.
fn check(world: &World, drones: &Drones, terrain: &Terrain, timing: &Timing) -> Result<(), Broken> {
    let size = terrain.arena().size;
    let bounds = Bounds::new(terrain);
    let pilots = &world.pilots;
    pilots.check(world.tick)?;
    for pilot in pilots.iter() {
        check_pilot(pilot, world.tick, bounds)
            .map_err(|Broken(what)| Broken(format!("pilot {}: {what}", pilot.id.0)))?;
    }
    let sessions: Vec<_> = pilots.iter().filter_map(|pilot| pilot.session).collect();
    let distinct: BTreeSet<_> = sessions.iter().collect();
    ensure(distinct.len() == sessions.len(), || "two pilots have one session".to_owned())?;
    for shot in &world.shots {
        check_shot(shot, terrain, timing)?;
    }
    check_ranking(&world.ranking, pilots)?;
    world.duel.check(terrain.arena().mode, pilots)?;
    world.embers.check(terrain.grid())?;
    let aboard: u64 = pilots.iter().map(|pilot| u64::from(pilot.embers())).sum();
    let all = i128::from(aboard) + i128::from(world.embers.lying()) + i128::from(world.embers.reserve());
    let supply = terrain.arena().rules.embers.supply;
    ensure(all == i128::from(supply), || format!("there are {all} embers and not {supply}"))?;
    world.history.check(&PositionHistory::new(timing.rewind), size)?;
    drones.check()
}

fn check_pilot(pilot: &Pilot, now: Tick, bounds: Bounds) -> Result<(), Broken> {
    let Pilot { kind, session, colour, inputs, state, idle_since, .. } = pilot;
    let is_player = *kind == PlayerKind::Human;
    ensure(is_player == session.is_some(), || "a player has a session, and a drone has none".to_owned())?;
    ensure(*colour < bounds.colours, || format!("colour {colour}"))?;
    ensure(inputs.is_sorted(), || "its inputs are not in order".to_owned())?;
    ensure(idle_since.is_none_or(|since| since <= now), || "it will be idle".to_owned())?;
    match state {
        Life::Flying(ship) => check_ship(ship, now, bounds),
        Life::Idle(ship) => {
            ensure(idle_since.is_some(), || "its ship is away, but it is not idle".to_owned())?;
            check_ship(ship, now, bounds)
        }
        Life::Waiting { last_motion, killed_by, .. } => {
            check_id(killed_by.map(|killer| killer.player))?;
            last_motion.map_or(Ok(()), |motion| check_motion(&motion, bounds))
        }
    }
}

fn check_ship(ship: &Ship, now: Tick, bounds: Bounds) -> Result<(), Broken> {
    check_motion(&ship.flight.motion, bounds)?;
    check_id(ship.hit_by)?;
    ensure(ship.health.is_finite(), || format!("health {}", ship.health))?;
    ensure(ship.last_fight <= now && ship.spawned_at <= now, || "its past is later than now".to_owned())?;
    ensure(ship.flight.embers <= ship.most_embers, || "it carries more than it ever has".to_owned())
}

fn check_motion(Motion { position, velocity }: &Motion, bounds: Bounds) -> Result<(), Broken> {
    let Bounds { size, speed, .. } = bounds;
    ensure(is_inside(*position, size, 0.0), || format!("position {position} is outside the arena"))?;
    ensure(velocity.length() <= speed, || format!("velocity {velocity}"))
}

fn check_shot(shot: &Shot, terrain: &Terrain, timing: &Timing) -> Result<(), Broken> {
    let Shot { id, owner, position, ticks_left, cell, .. } = shot;
    let is_inside = is_inside(*position, terrain.arena().size, MUZZLE_MAX);
    check_id(Some(*owner))?;
    ensure(is_inside, || format!("shot {} at {position} is outside the arena", id.0))?;
    ensure(terrain.grid().contains(*cell), || format!("shot {} is in cell {}", id.0, cell.0))?;
    let has_life = (1..=timing.shot_life).contains(ticks_left);
    ensure(has_life, || format!("shot {} has {ticks_left} ticks left", id.0))
}

/// Pilots that have left may still be listed, but each once, and in a place that was taken.
fn check_ranking(ranking: &[PlayerId], pilots: &Pilots) -> Result<(), Broken> {
    let distinct: BTreeSet<_> = ranking.iter().collect();
    ensure(distinct.len() == ranking.len(), || "the ranking has a pilot twice".to_owned())?;
    let is_known = ranking.iter().all(|id| usize::from(id.0) < pilots.places());
    ensure(is_known, || "the ranking has a pilot that never was".to_owned())
}

fn check_id(id: Option<PlayerId>) -> Result<(), Broken> {
    ensure(id.is_none_or(|id| usize::from(id.0) < PLAYERS_MAX), || format!("there is no player {id:?}"))
}
