//! A ship as others know it: position and velocity in whole steps, aim, and its packed status.

use serde::{Deserialize, Serialize};

use crate::{
    engine::{limits::CELL_STEPS, protocol::fixed},
    game::flight::PowerUps,
};

/// A ship's status bits: tier in bits 0 and 1, boosting 2, shielded 3, rapid fire 4, magnet 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status(pub u8);

impl Status {
    /// `tier` is 0 to 3.
    pub fn new(tier: usize, boosting: bool, shielded: bool) -> Self {
        Self((tier as u8 & 3) | u8::from(boosting) << 2 | u8::from(shielded) << 3)
    }

    /// Adds the bits of active power-ups.
    pub fn with_power_ups(self, power_ups: PowerUps) -> Self {
        let shield = u8::from(power_ups.shield > 0) << 3;
        Self(self.0 | shield | u8::from(power_ups.rapid > 0) << 4 | u8::from(power_ups.magnet > 0) << 5)
    }

    /// The hull's tier, 0 to 3.
    pub fn tier(self) -> usize {
        usize::from(self.0 & 3)
    }

    /// Whether it boosts.
    pub fn boosting(self) -> bool {
        self.0 & 4 != 0
    }

    /// Whether it is protected from damage.
    pub fn shielded(self) -> bool {
        self.0 & 8 != 0
    }

    /// Whether rapid fire is active.
    pub fn rapid(self) -> bool {
        self.0 & 16 != 0
    }

    /// Whether a magnet is active.
    pub fn magnet(self) -> bool {
        self.0 & 32 != 0
    }
}

/// Everything that other players know of a ship.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipState {
    /// Steps from the cell's origin; a little outside the cell between `advance` and `apply`.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "i16"))]
    pub x: i16,
    /// The same along y.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "i16"))]
    pub y: i16,
    /// Velocity along x, in steps per frame.
    pub vx: i16,
    /// The same along y.
    pub vy: i16,
    /// Where the nose points, in 1/256 turn.
    pub aim: u8,
    /// Status bits.
    pub status: Status,
    /// Share of full health, 0 to 255.
    pub health: u8,
}

impl ShipState {
    /// Moves on along a straight line for some frames.
    pub(super) fn advance(&mut self, frames: i16) {
        self.x = self.x.wrapping_add(self.vx.wrapping_mul(frames));
        self.y = self.y.wrapping_add(self.vy.wrapping_mul(frames));
    }

    /// Whether it is inside its cell.
    pub fn is_settled(&self) -> bool {
        let inside = |steps: i16| (0..CELL_STEPS).contains(&i32::from(steps));
        inside(self.x) && inside(self.y)
    }
}
