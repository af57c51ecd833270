//! What a drone wants: it looks around, and by its character makes up its mind. It must not know how it is done.

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        angle::Angle,
        grid::Grid,
        ids::{PlayerId, Tick},
    },
    game::{movement::Motion, terrain::Terrain, timing::Timing},
};

use super::{
    super::{grid::ShipGrid, pilot::Ship, world::World},
    Character,
};

/// Who comes nearer than this to a gatherer is fought, in units; and who comes so near to a coward is fled from.
const PERSONAL_SPACE: f32 = 330.0;
/// How far a drone looks for embers, in units.
const EMBER_SIGHT: f32 = 380.0;

/// What a drone has in mind until it looks around again. What it sees it acts on with its next look: that is its time
/// of reaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Mind {
    acting: Thought,
    forming: Thought,
}

/// An intent, and what belongs to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Thought {
    pub(super) intent: Intent,
    /// When it was seen.
    pub(super) seen: Tick,
    /// The aim is off by this.
    pub(super) aim_error: Angle,
}

/// What to do, about what was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Intent {
    /// Nothing to do but drift.
    #[default]
    Idle,
    /// Fly there.
    Go(Vec2),
    /// Fight the ship that was seen to fly so.
    Hunt(Motion),
    /// Get away from it.
    Flee(Motion),
}

impl Mind {
    /// What it acts on.
    pub(super) fn acting(&self) -> &Thought {
        &self.acting
    }

    /// It has looked around: what it saw before it does now.
    pub(super) fn turn_to(&mut self, intent: Intent, aim_error: Angle, seen: Tick) {
        self.acting = core::mem::replace(&mut self.forming, Thought { intent, seen, aim_error });
    }
}

/// What a drone wants, by what it sees.
pub(super) fn look_around(
    me: PlayerId,
    ship: &Ship,
    world: &World,
    ships: &ShipGrid,
    terrain: &Terrain,
    timing: &Timing,
) -> Intent {
    let rules = &terrain.arena().rules;
    let place = ship.flight.motion.position;
    let grace = (rules.drones.grace_seconds / timing.dt) as u32;
    let other = |id| world.pilot(id).and_then(|pilot| pilot.ship());
    let health = ship.health / rules.hull(ship.flight.embers).health;
    let is_prey =
        |id| other(id).is_some_and(|ship| !ship.shielded(world.tick) && world.tick.since(ship.born) >= grace);
    // A large ship lets a small one be that has not fired of late nor been fired at: it is not worth a shot.
    let is_game = |id| {
        let tier = |ship: &Ship| rules.tier(ship.flight.embers);
        let is_peaceful = |seen: &Ship| {
            seen.fought.0 == 0 || world.tick.since(seen.fought) > u32::from(timing.tick_rate) * 3
        };
        other(id).is_some_and(|seen| tier(seen) + 2 > tier(ship) || !is_peaceful(seen))
    };
    // The first of all is worth more than a fair fight.
    let bounty =
        world.leader().filter(|id| *id != me && Character::of(me) != Character::Coward && is_prey(*id));
    let bounty = bounty
        .and_then(|id| Some(other(id)?.flight.motion))
        .filter(|seen| seen.position.distance(place) < rules.drones.sight);
    if let (Some(seen), true) = (bounty, health > 0.5) {
        return Intent::Hunt(seen);
    }
    let near = ships.nearest(place, rules.drones.sight, |id| id != me && is_prey(id) && is_game(id));
    if let Some(seen) = near.and_then(|(id, _)| other(id)) {
        let motion = seen.flight.motion;
        let strength = |ship: &Ship| ship.health * f32::from(rules.hull(ship.flight.embers).shots);
        let (mine, theirs) = (strength(ship), strength(seen));
        let far = motion.position.distance(place);
        // Every drone has its own courage, so that a crowd of them does not act as one.
        let courage = 0.8 + 0.1 * f32::from((me.0 % 4) as u8);
        let is_bold = mine * courage >= theirs * 0.8 && health > 0.4;
        let is_fighting =
            ship.hit_by.is_some() && world.tick.since(ship.fought) < u32::from(timing.tick_rate) * 2;
        let intent = match Character::of(me) {
            Character::Hunter if is_bold => Some(Intent::Hunt(motion)),
            Character::Gatherer if far < PERSONAL_SPACE && is_bold => Some(Intent::Hunt(motion)),
            Character::Coward if far < PERSONAL_SPACE => Some(Intent::Flee(motion)),
            // Who has been hit and is in a fight does not go on gathering.
            _ if is_fighting && is_bold => Some(Intent::Hunt(motion)),
            _ if (is_fighting || far < PERSONAL_SPACE) && mine < theirs * 0.5 => Some(Intent::Flee(motion)),
            _ => None,
        };
        if let Some(intent) = intent {
            return intent;
        }
    }
    let ember = nearest_ember(place, world, terrain.grid());
    Intent::Go(ember.unwrap_or_else(|| wander(me, world, terrain)))
}

fn nearest_ember(from: Vec2, world: &World, grid: Grid) -> Option<Vec2> {
    grid.cells(grid.window(from, Vec2::splat(EMBER_SIGHT)))
        .flat_map(|cell| world.embers.in_cell(cell).iter().map(move |ember| (cell, *ember)))
        .map(|(cell, ember)| (ember.place(cell, grid), ember.value))
        // A big ember is worth a longer way, and a pickup is a big one.
        .min_by(|(a, worth_a), (b, worth_b)| {
            let cost = |at: &Vec2, worth: &u8| at.distance(from) - 40.0 * f32::from(*worth).min(5.0);
            cost(a, worth_a).total_cmp(&cost(b, worth_b))
        })
        .map(|(at, _)| at)
}

/// A place somewhere in the arena, another for each drone and every few seconds.
fn wander(me: PlayerId, world: &World, terrain: &Terrain) -> Vec2 {
    let turn = Angle((u32::from(me.0) * 9973 + world.tick.0 / 256 * 7919) as u16).unit();
    terrain.arena().size * (Vec2::splat(0.5) + turn * 0.38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_done_with_the_next_look() {
        let mut mind = Mind::default();
        let (one, two) = (Intent::Go(Vec2::ONE), Intent::Go(Vec2::ZERO));
        mind.turn_to(one, Angle(5), Tick(10));
        assert_eq!(mind.acting().intent, Intent::Idle);
        mind.turn_to(two, Angle(6), Tick(20));
        assert_eq!(*mind.acting(), Thought { intent: one, seen: Tick(10), aim_error: Angle(5) });
    }
}
