//! Inputs that suit many games: buttons, whose meaning is up to the game, with an angle; and a stick. All in whole steps, so that
//! server and client hold the same value.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use super::game_trait::Input;

const STEPS_PER_TURN: f32 = 65_536.0;
/// A [`Stick`] that is pushed all the way.
const FULL: f32 = 127.0;

/// Held buttons, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Buttons(pub u8);

impl Buttons {
    /// Whether every bit of `other` is held.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These buttons, and `other` if `held`.
    #[must_use]
    pub fn with(self, other: Self, held: bool) -> Self {
        if held { Self(self.0 | other.0) } else { self }
    }
}

/// One player's input for one tick. Every bit pattern is valid, so there is nothing to check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlayerInput {
    /// Held buttons.
    pub buttons: Buttons,
    /// The direction the player aims in.
    pub aim: Angle,
}

impl Input for PlayerInput {
    fn released(self) -> Self {
        Self { buttons: Buttons::default(), ..self }
    }
}

/// A way in whole steps, so that server and client hold the same value: each part in 1/127 of full speed. Every bit pattern is valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stick {
    /// To the right.
    pub x: i8,
    /// Up.
    pub y: i8,
}

impl Stick {
    /// Towards there: a way of length 1, or longer, is full speed.
    pub fn towards(way: Vec2) -> Self {
        let way = way.clamp_length_max(1.0) * FULL;
        Self { x: way.x as i8, y: way.y as i8 }
    }

    /// The way, at most 1 long.
    pub fn way(self) -> Vec2 {
        (Vec2::new(self.x.into(), self.y.into()) / FULL).clamp_length_max(1.0)
    }
}

impl Input for Stick {
    fn released(self) -> Self {
        Self::default()
    }
}

/// A direction in 1/65536 of a turn, counter-clockwise from +x in a y-up world. Wraps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Angle(pub u16);

impl Angle {
    /// The nearest angle to `radians`, which may be any finite value; NaN gives zero.
    pub fn from_radians(radians: f32) -> Self {
        let steps = radians * (STEPS_PER_TURN / core::f32::consts::TAU);
        Self(libm::roundf(steps) as i64 as u16)
    }

    /// The direction of `vector`; zero for a zero vector.
    pub fn of(vector: Vec2) -> Self {
        Self::from_radians(libm::atan2f(vector.y, vector.x))
    }

    /// In radians, 0 to just under 2π.
    pub fn radians(self) -> f32 {
        f32::from(self.0) * (core::f32::consts::TAU / STEPS_PER_TURN)
    }

    /// The unit vector in this direction.
    pub fn unit(self) -> Vec2 {
        let (sin, cos) = libm::sincosf(self.radians());
        Vec2::new(cos, sin)
    }

    /// This angle turned by `offset`.
    #[must_use]
    pub fn turned(self, offset: Angle) -> Self {
        Self(self.0.wrapping_add(offset.0))
    }

    /// The coarse form that other players see, in 1/256 of a turn.
    pub fn coarse(self) -> u8 {
        (self.0.wrapping_add(128) >> 8) as u8
    }

    /// The angle in the middle of a coarse step.
    pub fn from_coarse(coarse: u8) -> Self {
        Self(u16::from(coarse) << 8)
    }

    /// The signed difference from `self` to `other`, in radians, −π to π.
    pub fn difference(self, other: Angle) -> f32 {
        f32::from(other.0.wrapping_sub(self.0) as i16) * (core::f32::consts::TAU / STEPS_PER_TURN)
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::input::*;

    #[test]
    fn vector_and_its_angle_agree() {
        for step in 0..64_u16 {
            let angle = Angle(step * 1024);
            assert_eq!(Angle::of(angle.unit() * 3.0), angle);
        }
    }

    #[test]
    fn shortest_difference_crosses_zero() {
        let way = Angle(65_000).difference(Angle(500));
        assert!(way > 0.0 && way < 0.2);
    }

    #[test]
    fn coarse_angle_is_within_half_a_step() {
        for raw in (0..=u16::MAX).step_by(97) {
            let back = Angle::from_coarse(Angle(raw).coarse());
            assert!((raw.wrapping_sub(back.0) as i16).unsigned_abs() <= 128);
        }
    }

    #[test]
    fn nan_gives_zero() {
        assert_eq!(Angle::from_radians(f32::NAN), Angle(0));
        assert_eq!(Angle::of(Vec2::ZERO), Angle(0));
    }
    #[test]
    fn way_survives_to_a_step_and_is_never_longer_than_one() {
        for way in [Vec2::new(0.3, -0.6), Vec2::X, Vec2::ZERO, Vec2::splat(0.7)] {
            assert!(Stick::towards(way).way().distance(way) < 0.012, "{way}");
        }
        assert!(Stick::towards(Vec2::splat(9.0)).way().length() <= 1.0);
        assert!(Stick { x: -128, y: -128 }.way().length() <= 1.0);
        assert_eq!(Stick::towards(Vec2::NAN), Stick::default());
    }
}
