//! Where and how ships come into the arena.

use std::mem;

use rand::RngExt;
use shared::{
    Vec2,
    engine::{
        body::Motion,
        ids::{PlayerId, Tick},
        input::Angle,
        roster::PlayerKind,
    },
    game::{
        arena::SPAWN_CLEARANCE,
        flight::Flight,
        mode::{Mode, Team},
    },
};

use super::{
    parties,
    pilot::{Life, Ship},
    teams,
    world::Step,
};

/// Random places that are compared for a spawn. The one farthest from other ships is taken.
const CANDIDATES: usize = 8;
/// Places that are compared if every one so far has a ship in sight.
const CANDIDATES_IN_SIGHT: usize = 64;
/// Most places that are tried while none of them is free.
const CANDIDATES_MAX: usize = 256;
/// Most places that are tried on a team's side.
const HOME_TRIES_MAX: usize = 192;
/// Ships farther away than this are out of sight and count as equally far, in units.
const FAR: f32 = 1100.0;
/// Width of the edge in which no ship spawns, as a share of the arena: at a wall half of the view is empty, and there is
/// only half of the field to escape to.
const EDGE: f32 = 0.12;

/// Gives a ship to every pilot that wants one and has waited for long enough. Keeps clear of the ships that were there before
/// this tick.
pub(super) fn respawn(step: &mut Step<'_>) {
    let mut is_indexed = false;
    let is_duel = matches!(step.terrain.arena().mode, Mode::Duel { .. });
    for id in (0..step.world.pilots.places()).map(|place| PlayerId(place as u16)) {
        let Some(pilot) = step.world.pilots.get(id) else { continue };
        let is_due =
            matches!(pilot.state, Life::Waiting { until, wants_ship: true, .. } if step.world.tick >= until);
        // An idle player's ship would be shot before it is back.
        if !is_due || pilot.idle_since.is_some() || (is_duel && !step.world.duel.is_warming_up(id)) {
            continue;
        }
        let colour = pilot.colour;
        if !mem::replace(&mut is_indexed, true) {
            step.index_ships();
        }
        let beside = parties::find_place(step, id);
        let home = teams::home(step.terrain.arena().mode, colour);
        let position = beside.unwrap_or_else(|| find_place(step, colour, home));
        let shield = step.timing.shield;
        add_ship(step, id, position, shield);
    }
}

/// Gives a pilot a new ship, which is shielded for this many ticks.
pub(super) fn add_ship(step: &mut Step<'_>, id: PlayerId, position: Vec2, shield: u32) {
    let Step { world, terrain, timing, .. } = step;
    let rules = &terrain.arena().rules;
    let credit = world.ember_credit(&rules.embers);
    let embers = world.embers.take_from_reserve(rules.embers.at_spawn, credit);
    let Some(pilot) = world.pilots.get_mut(id) else { return };
    let is_first = pilot.kind == PlayerKind::Human && pilot.is_new();
    pilot.state = Life::Flying(Ship {
        flight: Flight { motion: Motion { position, velocity: Vec2::ZERO }, embers, ..Flight::default() },
        aim: Angle::of(terrain.arena().size / 2.0 - position),
        health: rules.hull(embers).health,
        last_fight: Tick(0),
        shielded_until: world.tick.after(shield),
        boosting: false,
        hit_by: None,
        streak: 0,
        spawned_at: world.tick,
        most_embers: embers,
        is_first,
        spared_until: if is_first { world.tick.after(timing.newcomer) } else { world.tick },
    });
}

/// The place that is farthest from other ships, of some random ones. A member of a team begins on its team's side, far from the other
/// teams' ships.
pub(super) fn find_place(step: &mut Step<'_>, colour: u8, home: Option<(Team, u8)>) -> Vec2 {
    let Step { world, ships, terrain, .. } = step;
    let mode = terrain.arena().mode;
    let mut best = (f32::NEG_INFINITY, terrain.arena().size / 2.0);
    for tried in 0..CANDIDATES_MAX {
        let enough = if best.0 < FAR { CANDIDATES_IN_SIGHT } else { CANDIDATES };
        if tried >= enough && best.0 >= 0.0 {
            break;
        }
        let share = Vec2::new(world.rng.random(), world.rng.random());
        let share = EDGE + share * (1.0 - 2.0 * EDGE);
        // A team whose side is nearly all rock begins elsewhere.
        if tried < HOME_TRIES_MAX && home.is_some_and(|(team, count)| !teams::is_home(team, count, share)) {
            continue;
        }
        let place = share * terrain.arena().size;
        if !terrain.is_free(place, SPAWN_CLEARANCE) {
            continue;
        }
        let is_foe = |id| world.pilot(id).is_none_or(|other| !mode.are_mates(colour, other.colour));
        let nearest = ships.nearest(place, FAR, is_foe).map_or(FAR, |(_, at)| at.distance(place));
        if nearest > best.0 {
            best = (nearest, place);
        }
    }
    best.1
}
