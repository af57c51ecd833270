//! Pilots, their ships and their shots: plain data, and what can be read off it.

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        body::Motion,
        ids::{CellIndex, PlayerId, Tick},
        input::{Angle, PlayerInput},
    },
    game::{
        flight::{Collected, Flight},
        rules::Rules,
        shot::{KilledBy, Lived, ShotId},
        timing::Timing,
    },
};

use crate::engine::players::{Player, Players};

/// A player in the arena, human or drone, and its ship.
pub type Pilot = Player<PlayerInput, Life>;
/// All pilots.
pub type Pilots = Players<PlayerInput, Life>;

/// How long the id of a pilot that has left is held before it is given again, in ticks: a second, or as long as a shot lives if
/// that is longer. Within a second nothing refers to the old pilot any more: a cell at the reduced rate, which is
/// sent five times a second; clients, which draw ships up to 0.25 s in the past, and go on with one that was out of view for up
/// to 0.3 s; and the ranking. Shots that its pilot fired fly on, and a kill of theirs must not be another's.
pub(super) fn held_ticks(timing: &Timing) -> u32 {
    u32::from(timing.tick_rate).max(timing.shot_life.into())
}

/// Whether a pilot has a ship in the arena.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Life {
    /// In flight.
    Flying(Ship),
    /// Waits for its next ship.
    Waiting {
        /// The first tick in which it may get one.
        until: Tick,
        /// Whether it has asked for one. A player asks with any button, so that it can read its death card for as long
        /// as it likes. Drones and new players always get one.
        wants_ship: bool,
        /// Who shot down its last ship, until another player gets that id.
        killed_by: Option<KilledBy>,
        /// How its last ship had fared.
        lived: Lived,
        /// Where its last ship died.
        last_motion: Option<Motion>,
    },
    /// Idle for so long that its ship has been taken out of the arena. It gets this ship back.
    Idle(Ship),
}

/// A ship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ship {
    /// The part that its inputs alone decide on, which clients predict.
    pub flight: Flight,
    /// Where the nose points.
    pub aim: Angle,
    /// At zero or below it dies at the end of the tick.
    pub health: f32,
    /// The tick in which it last fired or was hit; 0 for never.
    pub last_fight: Tick,
    /// It takes no damage before this tick.
    pub shielded_until: Tick,
    /// Whether it burns embers for speed in this tick.
    pub boosting: bool,
    /// The player whose shot hit it last.
    pub hit_by: Option<PlayerId>,
    /// Ships that it has shot down.
    pub streak: u16,
    /// The tick in which it came into the arena.
    pub spawned_at: Tick,
    /// Most embers that it has carried.
    pub most_embers: u32,
    /// Whether it is a player's first. Drones with a far larger hull ignore it.
    pub is_first: bool,
    /// All drones ignore it before this tick.
    pub spared_until: Tick,
}

/// A shot in flight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shot {
    /// Unique among the shots in flight.
    pub id: ShotId,
    /// The player that fired it.
    pub owner: PlayerId,
    /// In world units.
    pub position: Vec2,
    /// Where it flies.
    pub direction: Angle,
    /// Ticks until it fades.
    pub ticks_left: u8,
    /// The cell that `position` was in when this was last sent.
    pub cell: CellIndex,
}

/// A shot fired in this tick, before lag compensation has moved it to the present.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewShot {
    pub(super) shot: Shot,
    /// How far in the past its pilot saw the others, in [`shared::engine::limits::REWIND_PARTS`] of a tick. Unchecked.
    pub(super) rewind: u16,
}

impl Life {
    /// Of a player that joins at `now`: it gets its ship as soon as there is one.
    pub(super) fn new(now: Tick) -> Self {
        Self::Waiting {
            until: now,
            wants_ship: true,
            killed_by: None,
            lived: Lived::default(),
            last_motion: None,
        }
    }
}

impl Player<PlayerInput, Life> {
    /// Its ship, while that is in the arena.
    pub fn ship(&self) -> Option<&Ship> {
        match &self.state {
            Life::Flying(ship) => Some(ship),
            Life::Waiting { .. } | Life::Idle(_) => None,
        }
    }

    /// Embers aboard its ship, in the arena or not.
    pub fn embers(&self) -> u32 {
        match &self.state {
            Life::Flying(ship) | Life::Idle(ship) => ship.flight.embers,
            Life::Waiting { .. } => 0,
        }
    }

    /// Whether it has had no ship yet.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.state, Life::Waiting { last_motion: None, .. })
    }

    /// Whether it is idle and has no ship in the arena.
    pub fn is_absent(&self) -> bool {
        self.idle_since.is_some() && !matches!(self.state, Life::Flying(_))
    }
}

impl Ship {
    /// Whether it takes no damage at `now`.
    pub fn shielded(&self, now: Tick) -> bool {
        now < self.shielded_until || self.flight.power_ups.shield > 0
    }

    /// How it has fared until `now`.
    pub(super) fn lived(&self, now: Tick) -> Lived {
        Lived { ticks: now.since(self.spawned_at), embers: self.most_embers, kills: self.streak }
    }

    /// Takes embers and pickups aboard. A larger hull adds the health by which it exceeds the one before.
    pub(super) fn collect(&mut self, collected: Collected, rules: &Rules, timing: &Timing) {
        let before = rules.hull(self.flight.embers).health;
        self.flight.collect(collected, timing);
        self.most_embers = self.most_embers.max(self.flight.embers);
        self.health += (rules.hull(self.flight.embers).health - before).max(0.0);
    }
}
