//! What a drone decides to do, by its character and what it sees. How that is flown is in `controls`.

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        body::Motion,
        grid::Grid,
        ids::{PlayerId, Tick},
        input::Angle,
    },
    game::{rules::Character, terrain::Terrain},
};

use crate::game::sim::{Ship, View, World};

/// A gatherer fights ships that come nearer than this, in units, and a coward flees from them.
const PERSONAL_SPACE: f32 = 330.0;
/// How far a drone looks for embers, in units.
const EMBER_SIGHT: f32 = 380.0;
/// A ship counts as peaceful when it has not fired and not been hit for this long, in seconds.
const PEACE_SECONDS: u32 = 3;
/// A drone counts as fighting for this long after it has fired or been hit, in seconds.
const FIGHT_SECONDS: u32 = 2;

/// What a drone has in mind until it looks around again. It acts on what it saw with the look before: that is its
/// reaction time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Mind {
    acting: Thought,
    forming: Thought,
}

/// An intent, and how precisely it is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Thought {
    pub(super) intent: Intent,
    /// When the drone saw what the intent is about.
    pub(super) seen: Tick,
    /// Added to where it aims.
    pub(super) aim_error: Angle,
}

/// What to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Intent {
    /// Nothing: drift.
    #[default]
    Idle,
    /// Fly to a place.
    Go(Vec2),
    /// Fight a ship that was seen to move like this.
    Hunt(Motion),
    /// Get away from it.
    Flee(Motion),
}

impl Mind {
    /// Whether all numbers of what it has in mind are.
    pub(super) fn is_finite(&self) -> bool {
        [&self.acting, &self.forming].into_iter().all(|thought| match thought.intent {
            Intent::Idle => true,
            Intent::Go(place) => place.is_finite(),
            Intent::Hunt(motion) | Intent::Flee(motion) => {
                motion.position.is_finite() && motion.velocity.is_finite()
            }
        })
    }

    /// What it acts on.
    pub(super) fn acting(&self) -> &Thought {
        &self.acting
    }

    /// Stores a new intent, and starts to act on the one before.
    pub(super) fn turn_to(&mut self, intent: Intent, aim_error: Angle, seen: Tick) {
        self.acting = core::mem::replace(&mut self.forming, Thought { intent, seen, aim_error });
    }
}

/// What a drone wants, by what it sees.
pub(super) fn look_around(me: PlayerId, ship: &Ship, view: View<'_>) -> Intent {
    let View { world, ships, terrain, timing } = view;
    let rules = &terrain.arena().rules;
    let place = ship.flight.motion.position;
    let seconds = |seconds: u32| u32::from(timing.tick_rate) * seconds;
    let grace = (rules.drones.grace_seconds / timing.dt) as u32;
    let other = |id| world.pilot(id).and_then(|pilot| pilot.ship());
    let health = ship.health / rules.hull(ship.flight.embers).health;
    let mode = terrain.arena().mode;
    let tier = |ship: &Ship| rules.tier(ship.flight.embers);
    let is_spared = |seen: &Ship| {
        world.tick < seen.spared_until
            || world.tick.since(seen.spawned_at) < grace
            || (seen.is_first && tier(ship) >= tier(seen) + 2)
    };
    let is_target = |id| {
        other(id).is_some_and(|seen| !seen.shielded(world.tick) && !is_spared(seen))
            && world.are_foes(mode, me, id)
    };
    // A large ship ignores a small one that is peaceful: it is not worth a shot.
    let is_worth_it = |id| {
        let is_peaceful = |seen: &Ship| {
            seen.last_fight.0 == 0 || world.tick.since(seen.last_fight) > seconds(PEACE_SECONDS)
        };
        other(id).is_some_and(|seen| tier(seen) + 2 > tier(ship) || !is_peaceful(seen))
    };
    // The leader is worth more than a fair fight.
    let leader =
        world.leader().filter(|id| *id != me && Character::of(me) != Character::Coward && is_target(*id));
    let leader = leader
        .and_then(|id| Some(other(id)?.flight.motion))
        .filter(|seen| seen.position.distance(place) < rules.drones.sight);
    if let (Some(seen), true) = (leader, health > 0.5) {
        return Intent::Hunt(seen);
    }
    let near = ships.nearest(place, rules.drones.sight, |id| id != me && is_target(id) && is_worth_it(id));
    if let Some(seen) = near.and_then(|(id, _)| other(id)) {
        let motion = seen.flight.motion;
        let strength = |ship: &Ship| ship.health * f32::from(rules.hull(ship.flight.embers).shots);
        let (mine, theirs) = (strength(ship), strength(seen));
        let distance = motion.position.distance(place);
        // Courage differs, so that a crowd of drones does not act as one.
        let courage = 0.8 + 0.1 * f32::from((me.0 % 4) as u8);
        let is_bold = mine * courage >= theirs * 0.8 && health > 0.4;
        let is_fighting = ship.hit_by.is_some() && world.tick.since(ship.last_fight) < seconds(FIGHT_SECONDS);
        let intent = match Character::of(me) {
            Character::Hunter if is_bold => Some(Intent::Hunt(motion)),
            Character::Gatherer if distance < PERSONAL_SPACE && is_bold => Some(Intent::Hunt(motion)),
            Character::Coward if distance < PERSONAL_SPACE => Some(Intent::Flee(motion)),
            // A ship in a fight does not go on collecting.
            _ if is_fighting && is_bold => Some(Intent::Hunt(motion)),
            _ if (is_fighting || distance < PERSONAL_SPACE) && mine < theirs * 0.5 => {
                Some(Intent::Flee(motion))
            }
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
        .map(|(cell, ember)| (ember.place(cell, grid), ember.item.0))
        // A large ember is worth a detour, and a pickup counts as a large one.
        .min_by(|(a, worth_a), (b, worth_b)| {
            let cost = |at: &Vec2, worth: &u8| at.distance(from) - 40.0 * f32::from(*worth).min(5.0);
            cost(a, worth_a).total_cmp(&cost(b, worth_b))
        })
        .map(|(at, _)| at)
}

/// A place that differs from drone to drone and changes every 256 ticks.
fn wander(me: PlayerId, world: &World, terrain: &Terrain) -> Vec2 {
    let direction = Angle((u32::from(me.0) * 9973 + world.tick.0 / 256 * 7919) as u16).unit();
    terrain.arena().size * (Vec2::splat(0.5) + direction * 0.38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drone_acts_on_what_it_saw_a_look_ago() {
        let mut mind = Mind::default();
        let (one, two) = (Intent::Go(Vec2::ONE), Intent::Go(Vec2::ZERO));
        mind.turn_to(one, Angle(5), Tick(10));
        assert_eq!(mind.acting().intent, Intent::Idle);
        mind.turn_to(two, Angle(6), Tick(20));
        assert_eq!(*mind.acting(), Thought { intent: one, seen: Tick(10), aim_error: Angle(5) });
    }
}
