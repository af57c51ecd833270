//! The numbers of the game, as data: loaded from an arena's file, sent to every client in the welcome.

use std::borrow::Cow;

use glam::Vec2;
use serde::{Deserialize, Serialize};

use crate::game::limits::{EMBERS_PER_CELL_MAX, SHOT_LIFE_SECONDS_MAX};

/// How many sizes of ship there are.
pub const TIERS: usize = 4;

/// Everything that can be tuned. Lengths in world units, times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Half the width and height of what a pilot sees.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub view: Vec2,
    /// Share of its speed that a ship loses to drag in a second, as a rate: 0 to 8.
    pub drag: f32,
    /// Share of the inward speed kept when glancing off a rock or a wall: 0 to 1.
    pub bounce: f32,
    /// The four sizes, smallest first.
    pub hulls: [Hull; TIERS],
    /// What boost does.
    pub boost: BoostRules,
    /// How shots fly.
    pub shot: ShotRules,
    /// Where embers come from and go.
    pub embers: EmberRules,
    /// What lies about for whoever comes first.
    pub pickups: PickupRules,
    /// How ships are flown that the server flies.
    pub drones: DroneRules,
    /// From death to the next ship, at least: it comes when its pilot asks for it.
    pub respawn_seconds: f32,
    /// Shield after a spawn; firing ends it.
    pub shield_seconds: f32,
    /// Health regained a second.
    pub regeneration_per_second: f32,
}

/// One size of ship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hull {
    /// Embers from which on a ship has this size; 0 for the smallest.
    pub embers: u32,
    /// Of the round hull.
    pub radius: f32,
    /// Hits it takes, in the unit of a shot's damage.
    pub health: f32,
    /// Acceleration in units/s².
    pub thrust: f32,
    /// In units/s, without boost.
    pub top_speed: f32,
    /// Shots in one salvo, 1 to 8.
    pub shots: u8,
    /// Distance from which embers are pulled in.
    pub reach: f32,
}

/// What boost does to a ship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BoostRules {
    /// Thrust is multiplied by this.
    pub thrust: f32,
    /// Top speed is multiplied by this.
    pub top_speed: f32,
    /// Embers burnt a second, left glowing behind.
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
    /// Between two salvos, in seconds.
    pub reload: f32,
    /// Between neighbours of one salvo, in degrees.
    pub spread: f32,
}

/// Where embers come from and go. What the arena holds and what each pilot brings is all there is: it lies on the
/// field, is aboard of a ship, or is in the deep, where what is lost sinks to and what wells up comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmberRules {
    /// Embers that the arena holds. While fewer lie on the field, some well up.
    pub supply: u32,
    /// Embers that a pilot adds to them for as long as it is here.
    pub per_pilot: u32,
    /// How many well up a second at most.
    pub emit_per_second: f32,
    /// What a new ship carries, out of the deep.
    pub at_spawn: u32,
    /// A ship with more embers than this smoulders: it loses some of what it has above, and leaves them behind.
    pub smoulder_above: u32,
    /// The share lost a second, as a rate.
    pub smoulder: f32,
}

/// What lies about for whoever comes first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PickupRules {
    /// So many lie in the arena at most.
    pub max: u32,
    /// From one that comes to the next.
    pub every_seconds: f32,
    /// For how long nothing harms the finder of a shield.
    pub shield_seconds: f32,
    /// For how long the finder of rapid fire fires faster.
    pub rapid_seconds: f32,
    /// The time between two salvos is multiplied by this then.
    pub rapid_reload: f32,
    /// For how long the finder of a magnet gathers from afar.
    pub magnet_seconds: f32,
    /// The distance is multiplied by this then.
    pub magnet_reach: f32,
}

/// How ships are flown that the server flies: by the same inputs a player has, and no better than one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DroneRules {
    /// How far they look for other ships.
    pub sight: f32,
    /// From how near they fire.
    pub range: f32,
    /// They see others as these were so long ago, and change their mind no sooner.
    pub reaction_seconds: f32,
    /// Their aim is off by up to this, to either side, in degrees.
    pub aim_error: f32,
    /// Their noses turn no faster than this, in degrees a second.
    pub turn: f32,
    /// Hunters leave ships alone that are not in flight for so long yet.
    pub grace_seconds: f32,
}

/// What a pickup gives its finder, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Pickup {
    /// Nothing harms it.
    Shield,
    /// It fires faster.
    Rapid,
    /// It gathers embers from afar.
    Magnet,
}

impl Pickup {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Shield, Self::Rapid, Self::Magnet];
}

/// A number outside its range: the message names the key and the range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key} is {value}, but must be {range}")]
pub struct RuleError {
    key: String,
    value: String,
    range: Cow<'static, str>,
}

impl RuleError {
    /// That `key` is `value`, but must be in `range`.
    pub fn new(key: impl Into<String>, value: &impl ToString, range: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.into(), value: value.to_string(), range: range.into() }
    }
}

/// Checks one number; `range` says the bounds in words.
pub fn within(
    key: &str,
    value: f32,
    low: f32,
    high: f32,
    range: impl Into<Cow<'static, str>>,
) -> Result<(), RuleError> {
    // Written so that NaN fails.
    if value >= low && value <= high { Ok(()) } else { Err(RuleError::new(key, &value, range)) }
}

impl Rules {
    /// The tier of a ship that carries this many embers, 0 to 3.
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
        let most = (EMBERS_PER_CELL_MAX * 16) as f32;
        within("rules.embers.supply", self.supply as f32, 0.0, most, "0 to 16384")?;
        within("rules.embers.per_pilot", self.per_pilot as f32, 0.0, 1000.0, "0 to 1000")?;
        within("rules.embers.emit_per_second", self.emit_per_second, 0.0, 5000.0, "0 to 5000")?;
        within("rules.embers.at_spawn", self.at_spawn as f32, 0.0, 1000.0, "0 to 1000")?;
        within("rules.embers.smoulder_above", self.smoulder_above as f32, 0.0, 1e6, "0 to 1000000")?;
        within("rules.embers.smoulder", self.smoulder, 0.0, 0.2, "0 to 0.2")
    }
}

impl PickupRules {
    /// For how long a pickup's gift lasts.
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
        within("rules.drones.grace_seconds", self.grace_seconds, 0.0, 60.0, "0 to 60")
    }
}
