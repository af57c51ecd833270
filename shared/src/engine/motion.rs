//! Where a body is and how it moves, unrounded.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use super::{
    limits::CELL_SIZE,
    rule_error::{RuleError, within},
};

/// Most speed along an axis that a client believes, in units per second: far above what any game needs.
const SPEED_MAX: f32 = 16_384.0;

/// Position and velocity. A body's own player receives them unrounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Motion {
    /// Centre, in world units, inside the arena.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub position: Vec2,
    /// In units/s.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub velocity: Vec2,
}

impl Motion {
    /// Moved on straight for some seconds.
    #[must_use]
    pub fn after(self, seconds: f32) -> Self {
        Self { position: self.position + self.velocity * seconds, ..self }
    }

    /// Checks that an own body could move so in an arena of this size: it is not far outside, and no number is NaN. For
    /// [`Game::validate_own`](super::game_trait::Game::validate_own).
    pub fn validate(self, size: Vec2) -> Result<(), RuleError> {
        let Self { position, velocity } = self;
        for (place, speed, side) in [(position.x, velocity.x, size.x), (position.y, velocity.y, size.y)] {
            within("the own position", place, -CELL_SIZE, side + CELL_SIZE, "in the arena")?;
            within("the own velocity", speed, -SPEED_MAX, SPEED_MAX, "at most 16384 units a second")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_goes_straight_on() {
        let motion = Motion { position: Vec2::new(1.0, 2.0), velocity: Vec2::new(10.0, -20.0) };
        assert_eq!(motion.after(0.5), Motion { position: Vec2::new(6.0, -8.0), ..motion });
    }

    #[test]
    fn body_far_outside_or_without_numbers_is_invalid() {
        let size = Vec2::new(2000.0, 1000.0);
        let is_valid = |x, vy| {
            let motion = Motion { position: Vec2::new(x, 500.0), velocity: Vec2::new(0.0, vy) };
            motion.validate(size).is_ok()
        };
        assert!(is_valid(2000.0, 0.0) && is_valid(-100.0, -800.0));
        for (x, vy) in [(-1e9, 0.0), (1e9, 0.0), (f32::NAN, 0.0), (0.0, f32::INFINITY), (0.0, f32::NAN)] {
            assert!(!is_valid(x, vy), "{x} {vy}");
        }
    }
}
