//! What the buttons of an input mean in this game.

use glam::Vec2;

use crate::engine::input::{Angle, Buttons, PlayerInput};

impl Buttons {
    /// Thrust towards +y.
    pub const UP: Self = Self(1);
    /// Thrust towards −y.
    pub const DOWN: Self = Self(2);
    /// Thrust towards −x.
    pub const LEFT: Self = Self(4);
    /// Thrust towards +x.
    pub const RIGHT: Self = Self(8);
    /// Fire when reloaded.
    pub const FIRE: Self = Self(16);
    /// Burn embers for speed.
    pub const BOOST: Self = Self(32);
    /// Left and right together, which moves nothing: a player without a ship asks for the next one.
    pub const RESPAWN: Self = Self(Self::LEFT.0 | Self::RIGHT.0);
}

impl PlayerInput {
    /// Asks for the next ship.
    pub const RESPAWN: Self = Self { buttons: Buttons::RESPAWN, aim: Angle(0) };

    /// Direction of thrust: a unit vector, or zero if no key or opposite keys are held.
    pub fn thrust(self) -> Vec2 {
        const DIAGONAL: f32 = core::f32::consts::FRAC_1_SQRT_2;
        let axis =
            |plus, minus| f32::from(i8::from(self.buttons.has(plus)) - i8::from(self.buttons.has(minus)));
        let way = Vec2::new(axis(Buttons::RIGHT, Buttons::LEFT), axis(Buttons::UP, Buttons::DOWN));
        if way.x != 0.0 && way.y != 0.0 { way * DIAGONAL } else { way }
    }

    /// Whether the trigger is held.
    pub fn fires(self) -> bool {
        self.buttons.has(Buttons::FIRE)
    }

    /// Whether boost is held.
    pub fn boosts(self) -> bool {
        self.buttons.has(Buttons::BOOST)
    }

    /// The keys whose thrust is nearest to `way`; none if it is shorter than 0.01.
    pub fn towards(way: Vec2) -> Buttons {
        let Some(way) = way.try_normalize().filter(|_| way.length_squared() > 1e-4) else {
            return Buttons::default();
        };
        // sin(22.5°): the borders between the eight directions.
        const BORDER: f32 = 0.382_683_43;
        Buttons::default()
            .with(Buttons::RIGHT, way.x > BORDER)
            .with(Buttons::LEFT, way.x < -BORDER)
            .with(Buttons::UP, way.y > BORDER)
            .with(Buttons::DOWN, way.y < -BORDER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_keys_cancel_and_diagonals_are_not_faster() {
        let held = |buttons| PlayerInput { buttons, aim: Angle(0) }.thrust();
        assert_eq!(held(Buttons(Buttons::LEFT.0 | Buttons::RIGHT.0)), Vec2::ZERO);
        assert!((held(Buttons(Buttons::UP.0 | Buttons::RIGHT.0)).length() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn keys_towards_a_direction_thrust_within_22_degrees_of_it() {
        for step in 0..64_u16 {
            let way = Angle(step * 1024).unit();
            let thrust = PlayerInput { buttons: PlayerInput::towards(way), aim: Angle(0) }.thrust();
            assert!(thrust.dot(way) > 0.92, "{way} → {thrust}");
        }
        assert_eq!(PlayerInput::towards(Vec2::ZERO), Buttons::default());
    }
}
