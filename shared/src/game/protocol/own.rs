//! The state of a player that only its own client receives, in each frame.

use serde::{Deserialize, Serialize};

use crate::{
    engine::{
        body::Motion,
        game_trait::{RuleError, within},
        ids::{PlayerId, Tick},
    },
    game::{
        arena::Arena,
        flight::{Flight, PowerUps},
        shot::{KilledBy, Lived},
    },
};

/// A player's own state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PilotState {
    /// It has a ship.
    Alive(OwnShip),
    /// Its ship was destroyed.
    Dead {
        /// The first tick in which an input with any button spawns the next ship.
        until: Tick,
        /// How that ship had fared.
        life: Lived,
        /// The killer, if there is one.
        by: Option<KilledBy>,
    },
    /// Hidden or disconnected: its ship is out of the arena.
    Idle {
        /// Embers it will return with.
        embers: u32,
    },
    /// It waits for its turn in a duel.
    Watching {
        /// The player whose ship the view follows.
        target: Option<PlayerId>,
    },
}

/// Bounds of [`OwnShip`], far above all that the rules of an arena allow.
const EMBERS_MAX: f32 = 16_777_216.0;
const HEALTH_MAX: f32 = 1e6;

/// A player's own ship, unrounded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnShip {
    /// At the end of this frame's tick.
    pub motion: Motion,
    /// Embers carried, or owned.
    pub embers: u32,
    /// The fraction of an ember already burnt, in 1/256.
    pub burnt: u8,
    /// Ticks until it can fire.
    pub reload: u8,
    /// Ticks for which it is held in place, before a round of a duel; 0 for none.
    pub held: u16,
    /// Active power-ups.
    pub power_ups: PowerUps,
    /// In the unit of [`crate::game::rules::Hull::health`].
    pub health: f32,
    /// Kills with this ship.
    pub streak: u16,
    /// Whether it boosted in this tick.
    pub boosting: bool,
    /// Whether it is protected from damage.
    pub shielded: bool,
}

impl OwnShip {
    /// Checks that it could be a ship of this arena: a client computes with it before it knows whether the server is honest.
    pub fn validate(&self, arena: &Arena) -> Result<(), RuleError> {
        self.motion.validate(arena.size)?;
        within("the embers of the own ship", self.embers as f32, 0.0, EMBERS_MAX, "at most 16777216")?;
        within("the health of the own ship", self.health, -HEALTH_MAX, HEALTH_MAX, "at most 1000000")
    }

    /// The part that the player's inputs determine.
    pub fn flight(&self) -> Flight {
        let Self { motion, embers, burnt, reload, held, power_ups, .. } = *self;
        Flight { motion, embers, burnt, reload, held, power_ups }
    }
}

impl PilotState {
    /// Its ship, while it has one in the arena.
    pub fn ship(&self) -> Option<&OwnShip> {
        match self {
            Self::Alive(own) => Some(own),
            Self::Dead { .. } | Self::Watching { .. } | Self::Idle { .. } => None,
        }
    }
}
