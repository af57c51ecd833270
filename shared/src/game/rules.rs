//! The game's tunable numbers: loaded from an arena file, sent to every client in the welcome.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use crate::{
    engine::{
        game_trait::{RuleError, within},
        ids::PlayerId,
        limits::{ITEMS_PER_CELL_MAX, TICK_RATE_MAX},
    },
    game::ember::Pickup,
};

/// Longest life of a shot, in seconds.
pub const SHOT_LIFE_SECONDS_MAX: f32 = 1.9;

const _: () = {
    assert!(TICK_RATE_MAX as f32 * SHOT_LIFE_SECONDS_MAX < 255.0, "a shot's life must fit a u8 of ticks");
};

/// Number of hull sizes.
pub const TIERS: usize = 7;

/// All tunable numbers. Lengths in world units, times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Half the width and height of a player's view.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub view: Vec2,
    /// Rate at which drag reduces a ship's speed, per second: 0 to 8.
    pub drag: f32,
    /// Share of the inward speed that is reflected by a rock or a wall: 0 to 1.
    pub bounce: f32,
    /// The hulls, smallest first.
    pub hulls: [Hull; TIERS],
    /// Boosting.
    pub boost: BoostRules,
    /// Shots.
    pub shot: ShotRules,
    /// Embers: supply and flow.
    pub embers: EmberRules,
    /// Pickups.
    pub pickups: PickupRules,
    /// Drones.
    pub drones: DroneRules,
    /// Shortest time from death to the next ship, which the player asks for.
    pub respawn_seconds: f32,
    /// Shield after a spawn; it ends when the ship fires.
    pub shield_seconds: f32,
    /// Health regained per second.
    pub regeneration_per_second: f32,
}

/// One size of ship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hull {
    /// Smallest number of embers for this hull; 0 for the first.
    pub embers: u32,
    /// In units.
    pub radius: f32,
    /// In the unit of a shot's damage.
    pub health: f32,
    /// Acceleration in units/s².
    pub thrust: f32,
    /// In units/s, without boost.
    pub top_speed: f32,
    /// Shots in one salvo, 1 to 8.
    pub shots: u8,
    /// Distance from which embers are collected.
    pub reach: f32,
}

/// What boost does to a ship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BoostRules {
    /// Factor for thrust.
    pub thrust: f32,
    /// Factor for the top speed.
    pub top_speed: f32,
    /// Embers burnt per second and left behind.
    pub embers_per_second: f32,
}

/// How shots fly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShotRules {
    /// In units/s.
    pub speed: f32,
    /// In seconds, at most [`SHOT_LIFE_SECONDS_MAX`].
    pub life: f32,
    /// Health taken by a hit.
    pub damage: f32,
    /// Time between two salvos, in seconds.
    pub reload: f32,
    /// Angle between neighbouring shots of a salvo, in degrees.
    pub spread: f32,
}

/// The supply and flow of embers. Embers are conserved: the arena's supply plus a share for each player is on the field,
/// on ships, or in the reserve. Lost embers go to the reserve, and new ones come from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmberRules {
    /// Embers in the arena. While fewer are on the field, the reserve emits more.
    pub supply: u32,
    /// Embers that each player or drone adds while in the arena.
    pub per_pilot: u32,
    /// Most embers that the reserve emits per second.
    pub emit_per_second: f32,
    /// Embers of a new ship, taken from the reserve.
    pub at_spawn: u32,
    /// A ship with more embers than this loses a share of the excess and leaves it behind.
    pub smoulder_above: u32,
    /// The share lost per second.
    pub smoulder: f32,
}

/// Pickups: the first ship that touches one takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PickupRules {
    /// Most pickups in the arena at a time.
    pub max: u32,
    /// Time between two new pickups.
    pub every_seconds: f32,
    /// Duration of a shield.
    pub shield_seconds: f32,
    /// Duration of rapid fire.
    pub rapid_seconds: f32,
    /// Factor for the reload time during rapid fire.
    pub rapid_reload: f32,
    /// Duration of a magnet.
    pub magnet_seconds: f32,
    /// Factor for the collection distance with a magnet.
    pub magnet_reach: f32,
}

/// How a drone behaves: by its id, so that players who have met one know what to expect of its namesake, and so that a client can draw
/// each kind in a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Character {
    /// Collects embers, and fights ships that come near.
    Gatherer,
    /// Looks for fights that it can win.
    Hunter,
    /// Collects embers, and flees from ships that come near.
    Coward,
}

impl Character {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Gatherer, Self::Hunter, Self::Coward];

    /// Of ten drones five are gatherers, three hunters and two cowards.
    pub fn of(id: PlayerId) -> Self {
        match id.0 % 10 {
            1 | 4 | 8 => Self::Hunter,
            2 | 6 => Self::Coward,
            _ => Self::Gatherer,
        }
    }
}

/// How drones fly. They use the same inputs as a player, with human limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DroneRules {
    /// Distance at which they notice other ships.
    pub sight: f32,
    /// Distance at which they fire.
    pub range: f32,
    /// They act on what they saw this long ago, and decide no more often.
    pub reaction_seconds: f32,
    /// Largest aim error to either side, in degrees.
    pub aim_error: f32,
    /// Fastest turn, in degrees per second.
    pub turn: f32,
    /// Hunters ignore ships that spawned less than this long ago.
    pub grace_seconds: f32,
    /// The same of a player's first ship, for all drones, until it fires near another ship.
    pub newcomer_seconds: f32,
}

impl Rules {
    /// The tier of a ship that carries this many embers, 0 to 6.
    pub fn tier(&self, embers: u32) -> usize {
        self.hulls.iter().rposition(|hull| embers >= hull.embers).unwrap_or(0)
    }

    /// The hull of a ship that carries this many embers.
    pub fn hull(&self, embers: u32) -> &Hull {
        &self.hulls[self.tier(embers)]
    }

    /// Checks every number against its range.
    pub fn validate(&self) -> Result<(), RuleError> {
        within("rules.view.x", self.view.x, 200.0, 2000.0, "200 to 2000")?;
        within("rules.view.y", self.view.y, 200.0, 2000.0, "200 to 2000")?;
        within("rules.drag", self.drag, 0.0, 8.0, "0 to 8")?;
        within("rules.bounce", self.bounce, 0.0, 1.0, "0 to 1")?;
        within("rules.respawn_seconds", self.respawn_seconds, 0.1, 60.0, "0.1 to 60")?;
        within("rules.shield_seconds", self.shield_seconds, 0.0, 60.0, "0 to 60")?;
        within("rules.regeneration_per_second", self.regeneration_per_second, 0.0, 1000.0, "0 to 1000")?;
        self.boost.validate()?;
        self.shot.validate()?;
        self.embers.validate()?;
        self.pickups.validate()?;
        self.drones.validate()?;
        let mut least = 0;
        for (tier, hull) in self.hulls.iter().enumerate() {
            hull.validate(&format!("rules.hulls[{tier}]"))?;
            if (tier == 0) != (hull.embers == 0) || hull.embers < least {
                let range = "0 for the first hull and rising from hull to hull";
                return Err(RuleError::new(format!("rules.hulls[{tier}].embers"), &hull.embers, range));
            }
            least = hull.embers + 1;
        }
        Ok(())
    }
}

impl Hull {
    fn validate(&self, at: &str) -> Result<(), RuleError> {
        within(&format!("{at}.embers"), self.embers as f32, 0.0, 1e6, "0 to 1000000")?;
        within(&format!("{at}.radius"), self.radius, 4.0, 64.0, "4 to 64")?;
        within(&format!("{at}.health"), self.health, 1.0, 10_000.0, "1 to 10000")?;
        within(&format!("{at}.thrust"), self.thrust, 1.0, 5000.0, "1 to 5000")?;
        within(&format!("{at}.top_speed"), self.top_speed, 1.0, 1000.0, "1 to 1000")?;
        within(&format!("{at}.shots"), f32::from(self.shots), 1.0, 8.0, "1 to 8")?;
        within(&format!("{at}.reach"), self.reach, 0.0, 256.0, "0 to 256")
    }
}

impl BoostRules {
    fn validate(&self) -> Result<(), RuleError> {
        within("rules.boost.thrust", self.thrust, 1.0, 4.0, "1 to 4")?;
        within("rules.boost.top_speed", self.top_speed, 1.0, 4.0, "1 to 4")?;
        within("rules.boost.embers_per_second", self.embers_per_second, 0.0, 50.0, "0 to 50")
    }
}

impl ShotRules {
    fn validate(&self) -> Result<(), RuleError> {
        within("rules.shot.speed", self.speed, 10.0, 1200.0, "10 to 1200")?;
        within("rules.shot.life", self.life, 0.1, SHOT_LIFE_SECONDS_MAX, "0.1 to 1.9")?;
        within("rules.shot.damage", self.damage, 0.0, 10_000.0, "0 to 10000")?;
        within("rules.shot.reload", self.reload, 0.05, 10.0, "0.05 to 10")?;
        within("rules.shot.spread", self.spread, 0.0, 45.0, "0 to 45 degrees")
    }
}

impl EmberRules {
    fn validate(&self) -> Result<(), RuleError> {
        let most = (ITEMS_PER_CELL_MAX * 16) as f32;
        within("rules.embers.supply", self.supply as f32, 0.0, most, "0 to 16384")?;
        within("rules.embers.per_pilot", self.per_pilot as f32, 0.0, 1000.0, "0 to 1000")?;
        within("rules.embers.emit_per_second", self.emit_per_second, 0.0, 5000.0, "0 to 5000")?;
        within("rules.embers.at_spawn", self.at_spawn as f32, 0.0, 1000.0, "0 to 1000")?;
        within("rules.embers.smoulder_above", self.smoulder_above as f32, 0.0, 1e6, "0 to 1000000")?;
        within("rules.embers.smoulder", self.smoulder, 0.0, 0.2, "0 to 0.2")
    }
}

impl PickupRules {
    /// How long a pickup's effect lasts.
    pub fn seconds(&self, pickup: Pickup) -> f32 {
        match pickup {
            Pickup::Shield => self.shield_seconds,
            Pickup::Rapid => self.rapid_seconds,
            Pickup::Magnet => self.magnet_seconds,
        }
    }

    fn validate(&self) -> Result<(), RuleError> {
        let seconds = |key: &str, value| within(&format!("rules.pickups.{key}"), value, 0.0, 60.0, "0 to 60");
        within("rules.pickups.max", self.max as f32, 0.0, 256.0, "0 to 256")?;
        within("rules.pickups.every_seconds", self.every_seconds, 0.1, 3600.0, "0.1 to 3600")?;
        seconds("shield_seconds", self.shield_seconds)?;
        seconds("rapid_seconds", self.rapid_seconds)?;
        seconds("magnet_seconds", self.magnet_seconds)?;
        within("rules.pickups.rapid_reload", self.rapid_reload, 0.2, 1.0, "0.2 to 1")?;
        within("rules.pickups.magnet_reach", self.magnet_reach, 1.0, 4.0, "1 to 4")
    }
}

impl DroneRules {
    fn validate(&self) -> Result<(), RuleError> {
        within("rules.drones.sight", self.sight, 100.0, 2000.0, "100 to 2000")?;
        within("rules.drones.range", self.range, 50.0, 2000.0, "50 to 2000")?;
        within("rules.drones.reaction_seconds", self.reaction_seconds, 0.1, 5.0, "0.1 to 5")?;
        within("rules.drones.aim_error", self.aim_error, 0.0, 90.0, "0 to 90 degrees")?;
        within("rules.drones.turn", self.turn, 30.0, 3600.0, "30 to 3600 degrees a second")?;
        within("rules.drones.grace_seconds", self.grace_seconds, 0.0, 60.0, "0 to 60")?;
        within("rules.drones.newcomer_seconds", self.newcomer_seconds, 0.0, 300.0, "0 to 300")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_drones_gather_and_a_third_hunt() {
        let count = |character| (0..100).filter(|id| Character::of(PlayerId(*id)) == character).count();
        assert_eq!(Character::ALL.map(count), [50, 30, 20]);
    }
}
