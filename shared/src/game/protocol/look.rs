//! What others see of a ship: its packed status and its health.

use serde::{Deserialize, Serialize};

use crate::game::{flight::PowerUps, rules::TIERS};

/// A ship's status bits: tier in bits 0 to 2, boosting 3, shielded 4, rapid fire 5, magnet 6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status(pub u8);

impl Status {
    /// `tier` is 0 to 6.
    pub fn new(tier: usize, boosting: bool, shielded: bool) -> Self {
        Self((tier as u8 & 7) | u8::from(boosting) << 3 | u8::from(shielded) << 4)
    }

    /// Adds the bits of active power-ups.
    pub fn with_power_ups(self, power_ups: PowerUps) -> Self {
        let shield = u8::from(power_ups.shield > 0) << 4;
        Self(self.0 | shield | u8::from(power_ups.rapid > 0) << 5 | u8::from(power_ups.magnet > 0) << 6)
    }

    /// The hull's tier, 0 to 6.
    pub fn tier(self) -> usize {
        usize::from(self.0 & 7).min(TIERS - 1)
    }

    /// Whether it boosts.
    pub fn boosting(self) -> bool {
        self.0 & 8 != 0
    }

    /// Whether it is protected from damage.
    pub fn shielded(self) -> bool {
        self.0 & 16 != 0
    }

    /// Whether rapid fire is active.
    pub fn rapid(self) -> bool {
        self.0 & 32 != 0
    }

    /// Whether a magnet is active.
    pub fn magnet(self) -> bool {
        self.0 & 64 != 0
    }
}

/// What others see of a ship, besides its motion and where its nose points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipLook {
    /// Status bits.
    pub status: Status,
    /// Share of full health, 0 to 255.
    pub health: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_has_what_was_put_in() {
        let power_ups = PowerUps { rapid: 1, ..PowerUps::default() };
        let status = Status::new(6, true, false).with_power_ups(power_ups);
        assert_eq!((status.tier(), status.boosting(), status.shielded()), (6, true, false));
        assert_eq!((status.rapid(), status.magnet()), (true, false));
        assert_eq!(Status(0xff).tier(), TIERS - 1, "a server may send what it likes");
    }
}
