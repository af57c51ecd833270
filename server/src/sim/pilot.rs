//! Pilots and their ships: what they are, and how their inputs move them and fire their guns.

use serde::{Deserialize, Serialize};
use shared::{
    angle::Angle,
    checksum::Checksum,
    ids::{PlayerId, ShotId, Tick},
    input::PlayerInput,
    movement::{self, Motion},
    name::PilotName,
    protocol::PilotKind,
    rules::Rules,
    shot,
    terrain::Terrain,
};

use super::{
    drone::Mind,
    events::Events,
    input_queue::InputQueue,
    timing::Timing,
    world::{Shot, World},
};

slotmap::new_key_type! {
    /// Names a pilot inside the server; on the wire it is its number.
    pub struct PilotKey;
}

/// Somebody who flies, or waits for a ship.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pilot {
    /// Its number, and its ship's.
    pub id: PlayerId,
    /// Its name.
    pub name: PilotName,
    /// What it is.
    pub kind: PilotKind,
    /// Its wishes.
    pub inputs: InputQueue,
    /// Whether it flies.
    pub life: Life,
    /// What a drone has in mind; unused by players.
    pub mind: Mind,
}

/// Whether a pilot flies.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Life {
    /// It does.
    Flying(Ship),
    /// Not now.
    Waiting {
        /// The tick of its next ship.
        until: Tick,
        /// Who shot it down.
        by: Option<PlayerId>,
        /// Where its last ship was, if it had one.
        last: Option<Motion>,
    },
}

/// A ship in flight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ship {
    /// Where and how fast.
    pub motion: Motion,
    /// Where the nose points.
    pub aim: Angle,
    /// Embers aboard: score, size and fuel.
    pub embers: u32,
    /// Zero or less: dies at the end of the tick.
    pub health: f32,
    /// The tick from which on it can fire.
    pub reloaded: Tick,
    /// The tick until which nothing harms it.
    pub shielded_until: Tick,
    /// Whether it burns embers in this tick.
    pub boosting: bool,
    /// The part of an ember burnt already.
    pub burnt: f32,
    /// Whose shot took the last health.
    pub hit_by: Option<PlayerId>,
}

impl Pilot {
    pub(super) fn new(id: PlayerId, name: PilotName, kind: PilotKind, now: Tick) -> Self {
        let life = Life::Waiting { until: now, by: None, last: None };
        Self { id, name, kind, inputs: InputQueue::default(), life, mind: Mind::default() }
    }

    /// Its ship, if it flies.
    pub fn ship(&self) -> Option<&Ship> {
        match &self.life {
            Life::Flying(ship) => Some(ship),
            Life::Waiting { .. } => None,
        }
    }

    pub(super) fn hash(&self, sum: &mut Checksum) {
        sum.word(u32::from(self.id.0));
        sum.word(self.inputs.applied().0);
        sum.bytes(self.name.as_str().as_bytes());
        match &self.life {
            Life::Waiting { until, .. } => sum.word(until.0),
            Life::Flying(ship) => {
                for value in [
                    ship.motion.position.x,
                    ship.motion.position.y,
                    ship.motion.velocity.x,
                    ship.motion.velocity.y,
                    ship.health,
                    ship.burnt,
                ] {
                    sum.float(value);
                }
                for word in [u32::from(ship.aim.0), ship.embers, ship.reloaded.0, ship.shielded_until.0] {
                    sum.word(word);
                }
            }
        }
    }
}

impl Ship {
    /// Whether nothing harms it at `now`.
    pub fn shielded(&self, now: Tick) -> bool {
        now < self.shielded_until
    }

    /// Takes embers aboard. A larger hull comes with the health it has more.
    pub(super) fn load(&mut self, embers: u32, rules: &Rules) {
        let before = rules.hull(self.embers).health;
        self.embers = self.embers.saturating_add(embers);
        self.health += (rules.hull(self.embers).health - before).max(0.0);
    }
}

/// Applies one input to every ship: motion, boost, fire, mending.
pub(super) fn fly(world: &mut World, events: &mut Events, terrain: &Terrain, timing: &Timing) {
    let rules = &terrain.arena().rules;
    let World { tick, pilots, seats, shots, embers, next_shot, .. } = world;
    for key in seats.iter().flatten() {
        let Some(pilot) = pilots.get_mut(*key) else {
            continue;
        };
        // Taken even while waiting, so that the queue drains and the acknowledgement goes on.
        let input = pilot.inputs.take(timing.repeat_input);
        let Life::Flying(ship) = &mut pilot.life else {
            continue;
        };
        ship.aim = input.aim;
        ship.boosting = input.boosts() && ship.embers > 0;
        let hull = rules.hull(ship.embers);
        movement::step(&mut ship.motion, input, hull, ship.boosting, terrain, timing.dt);
        ship.health = (ship.health + rules.mend_per_second * timing.dt).min(hull.health);
        if ship.boosting {
            ship.burnt += rules.boost.embers_per_second * timing.dt;
            while ship.burnt >= 1.0 && ship.embers > 0 {
                ship.burnt -= 1.0;
                ship.embers -= 1;
                // Out of the ship's own reach, or it would gather what it has just burnt.
                let behind = -ship.motion.velocity.normalize_or(ship.aim.unit());
                embers.drop(ship.motion.position + behind * (hull.reach + 24.0), 1, terrain, events);
            }
        }
        if input.fires() && *tick >= ship.reloaded {
            ship.reloaded = tick.after(timing.reload);
            ship.shielded_until = *tick;
            fire(pilot.id, ship, rules, timing, terrain, next_shot, |shot| {
                shots.push(shot);
                events.shots.push((shot.cell, shot));
            });
        }
    }
}

fn fire(
    owner: PlayerId,
    ship: &Ship,
    rules: &Rules,
    timing: &Timing,
    terrain: &Terrain,
    next: &mut ShotId,
    mut fired: impl FnMut(Shot),
) {
    let hull = rules.hull(ship.embers);
    for direction in shot::salvo(ship.aim, hull.shots, &rules.shot) {
        let position = ship.motion.position + direction.unit() * hull.radius;
        let cell = terrain.grid().cell_at(position);
        fired(Shot { id: *next, owner, position, direction, ticks_left: timing.shot_life, cell });
        *next = ShotId(next.0.wrapping_add(1));
    }
}

/// A pilot's hands: what a drone wants goes the way a player's wishes go.
pub(super) fn steer(pilot: &mut Pilot, input: PlayerInput) {
    let seq = pilot.inputs.applied().next();
    pilot.inputs.push(seq, input);
}
