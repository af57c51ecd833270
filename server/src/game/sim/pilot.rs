//! Pilots and their ships: what they are, and how their inputs move them and fire their guns.

use serde::{Deserialize, Serialize};
use shared::{
    engine::{
        angle::Angle,
        checksum::Checksum,
        ids::{PlayerId, Tick},
        input::PlayerInput,
        name::PlayerName,
    },
    game::{
        flight::{Collected, Flight},
        movement::Motion,
        pilot::PilotKind,
        rules::Rules,
        shot::ShotId,
        terrain::Terrain,
        timing::Timing,
    },
};

use super::{
    drone::Mind,
    events::Events,
    input_queue::{InputQueue, TimedInput},
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
    pub name: PlayerName,
    /// What it is.
    pub kind: PilotKind,
    /// The colour of its ships, below [`shared::engine::limits::COLOURS`].
    pub colour: u8,
    /// Its wishes.
    pub inputs: InputQueue,
    /// Whether it flies.
    pub life: Life,
    /// Since when nobody is at the controls, if that is so.
    pub away_since: Option<Tick>,
    /// What a drone has in mind; unused by players.
    pub(super) mind: Mind,
}

/// Whether a pilot flies.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Life {
    /// It does.
    Flying(Ship),
    /// Not now.
    Waiting {
        /// The tick from which on it may have its next ship.
        until: Tick,
        /// A player wants it: one who reads how it went, or has gone for a cup of tea, does not. Drones always do, and
        /// so does who was just seated.
        wants: bool,
        /// Who shot it down.
        by: Option<PlayerId>,
        /// Where its last ship was, if it had one.
        last: Option<Motion>,
    },
    /// Nobody is at its controls, and its ship is out of the arena until somebody is.
    Idle(Ship),
}

/// A ship in flight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ship {
    /// Where and how fast, what it carries, when it can fire: what its pilot decides on.
    pub flight: Flight,
    /// Where the nose points.
    pub aim: Angle,
    /// Zero or less: dies at the end of the tick.
    pub health: f32,
    /// The tick in which it last fired or was hit.
    pub fought: Tick,
    /// The tick until which nothing harms it.
    pub shielded_until: Tick,
    /// Whether it burns embers in this tick.
    pub boosting: bool,
    /// Whose shot took the last health.
    pub hit_by: Option<PlayerId>,
    /// Ships that it shot down.
    pub streak: u16,
    /// The tick in which it came into the arena.
    pub born: Tick,
}

impl Pilot {
    pub(super) fn new(id: PlayerId, name: PlayerName, kind: PilotKind, colour: u8, now: Tick) -> Self {
        let life = Life::Waiting { until: now, wants: true, by: None, last: None };
        let inputs = InputQueue::default();
        Self { id, name, kind, colour, inputs, life, away_since: None, mind: Mind::default() }
    }

    /// Its ship, if it flies.
    pub fn ship(&self) -> Option<&Ship> {
        match &self.life {
            Life::Flying(ship) => Some(ship),
            Life::Waiting { .. } | Life::Idle(_) => None,
        }
    }

    /// Embers aboard of its ship, if it has one.
    pub fn embers(&self) -> u32 {
        match &self.life {
            Life::Flying(ship) | Life::Idle(ship) => ship.flight.embers,
            Life::Waiting { .. } => 0,
        }
    }

    /// Whether its ship is out of the arena because nobody is at its controls.
    pub fn is_out(&self) -> bool {
        self.away_since.is_some() && !matches!(self.life, Life::Flying(_))
    }

    pub(super) fn hash(&self, sum: &mut Checksum) {
        sum.word(u32::from(self.id.0));
        sum.bytes(self.name.as_str().as_bytes());
        sum.word(
            self.away_since.map_or(0, |since| since.0) << 1 | u32::from(matches!(self.life, Life::Idle(_))),
        );
        match &self.life {
            Life::Waiting { until, wants, .. } => sum.word(until.0 << 1 | u32::from(*wants)),
            Life::Flying(ship) | Life::Idle(ship) => {
                let Flight { motion, embers, burnt, reload, power_ups } = ship.flight;
                let Motion { position, velocity } = motion;
                for value in [position.x, position.y, velocity.x, velocity.y, ship.health] {
                    sum.float(value);
                }
                let small = u32::from(ship.aim.0) | u32::from(burnt) << 16 | u32::from(reload) << 24;
                let given = u32::from(power_ups.shield) | u32::from(power_ups.rapid) << 16;
                let more = u32::from(power_ups.magnet) | u32::from(ship.streak) << 16;
                [small, embers, given, more, ship.shielded_until.0, ship.fought.0, ship.born.0]
                    .into_iter()
                    .for_each(|word| sum.word(word));
            }
        }
    }
}

impl Ship {
    /// Whether nothing harms it at `now`.
    pub fn shielded(&self, now: Tick) -> bool {
        now < self.shielded_until || self.flight.power_ups.shield > 0
    }

    /// Takes aboard what it gathered. A larger hull comes with the health it has more.
    pub(super) fn load(&mut self, collected: Collected, rules: &Rules, timing: &Timing) {
        let before = rules.hull(self.flight.embers).health;
        self.flight.load(collected, timing);
        self.health += (rules.hull(self.flight.embers).health - before).max(0.0);
    }
}

/// A salvo that was fired in this tick: the shots, and how far back their pilot saw the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fired {
    pub(super) shot: Shot,
    /// In [`shared::engine::limits::REWIND_PARTS`] of a tick, as the pilot says.
    pub(super) rewind: u16,
}

/// Applies one input to every ship: motion, boost, fire, mending. What is fired goes into `fired`.
pub(super) fn fly(
    world: &mut World,
    events: &mut Events,
    fired: &mut Vec<Fired>,
    terrain: &Terrain,
    timing: &Timing,
) {
    let rules = &terrain.arena().rules;
    let World { tick, pilots, seats, embers, next_shot, .. } = world;
    for key in seats.iter().flatten() {
        let Some(pilot) = pilots.get_mut(*key) else {
            continue;
        };
        // Taken even while waiting, so that the queue drains.
        let (mut wish, is_fresh) = pilot.inputs.take(*tick, timing.repeat_input);
        let ship = match &mut pilot.life {
            Life::Flying(ship) => ship,
            Life::Waiting { until, wants, .. } => {
                *wants |= *tick >= *until && wish.input.buttons != Default::default();
                continue;
            }
            Life::Idle(_) => continue,
        };
        if pilot.away_since.is_some() {
            wish.input.buttons = Default::default();
        } else if !is_fresh && pilot.inputs.has_begun() {
            events.starved += 1;
        }
        let TimedInput { input, rewind } = wish;
        let hull = rules.hull(ship.flight.embers);
        ship.aim = input.aim;
        let outcome = ship.flight.step(input, terrain, timing);
        ship.boosting = outcome.boosted;
        ship.health = (ship.health + rules.regeneration_per_second * timing.dt).min(hull.health);
        for _ in 0..outcome.burnt {
            // Out of the ship's own reach, or it would gather what it has just burnt.
            let Motion { position, velocity } = ship.flight.motion;
            let behind = -velocity.normalize_or(ship.aim.unit());
            embers.drop(position + behind * (ship.flight.reach(rules) + 24.0), 1, terrain, events);
        }
        if outcome.fired {
            ship.shielded_until = *tick;
            ship.fought = *tick;
            for (position, direction) in ship.flight.salvo(ship.aim, rules) {
                let cell = terrain.grid().cell_at(position);
                let (id, owner, ticks_left) = (*next_shot, pilot.id, timing.shot_life);
                fired.push(Fired { shot: Shot { id, owner, position, direction, ticks_left, cell }, rewind });
                *next_shot = ShotId(next_shot.0.wrapping_add(1));
            }
        }
    }
}

/// A pilot's hands: what a drone wants goes the way a player's wishes go.
pub(super) fn steer(pilot: &mut Pilot, input: PlayerInput, now: Tick) {
    // It sees what there is, so nothing is rewound for it.
    pilot.inputs.push(now, TimedInput { input, rewind: 0 }, Tick(now.0 - 1));
}
