//! A gamepad with the buttons and axes of the standard mapping (W3C Gamepad, "standard gamepad"). It must not know how a
//! gamepad is read.

use shared::{Vec2, engine::input::Angle};

use super::Intent;
use crate::engine::page::stick::outside_dead_zone;

/// Sticks rest within this of their centre.
const DEAD_ZONE: f32 = 0.26;
/// The right stick fires when it is pushed this far.
const FIRE_ZONE: f32 = 0.8;
/// A trigger that is pulled this far is pressed.
const TRIGGER: f64 = 0.35;

// Indices of buttons in the standard mapping, named after one maker's letters.
const A: usize = 0;
const B: usize = 1;
const LEFT_SHOULDER: usize = 4;
const RIGHT_SHOULDER: usize = 5;
const LEFT_TRIGGER: usize = 6;
const RIGHT_TRIGGER: usize = 7;
const START: usize = 9;
const UP: usize = 12;
const DOWN: usize = 13;
const LEFT: usize = 14;
const RIGHT: usize = 15;

/// The state of a gamepad at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GamepadState {
    left: Vec2,
    right: Vec2,
    /// A bit for each button.
    pressed: u32,
}

impl GamepadState {
    /// From its axes (left x, left y, right x, right y; y down) and the value of each button, 0 to 1. What is missing
    /// rests.
    pub fn new(axes: impl IntoIterator<Item = f64>, buttons: impl IntoIterator<Item = f64>) -> Self {
        let mut axes = axes.into_iter().map(|axis| axis as f32);
        let mut axis = || axes.next().unwrap_or(0.0);
        let (left, right) = (Vec2::new(axis(), -axis()), Vec2::new(axis(), -axis()));
        let buttons = buttons.into_iter().take(32).enumerate();
        let pressed = buttons.filter(|(_, value)| *value > TRIGGER).fold(0, |bits, (i, _)| bits | 1 << i);
        Self { left, right, pressed }
    }

    fn any(self, buttons: &[usize]) -> bool {
        buttons.iter().any(|button| self.pressed & 1 << button != 0)
    }

    /// What the player wants.
    pub fn intent(self) -> Intent {
        let axis =
            |plus, minus| f32::from(u8::from(self.any(&[plus]))) - f32::from(u8::from(self.any(&[minus])));
        let cross = Vec2::new(axis(RIGHT, LEFT), axis(UP, DOWN));
        let stick = outside_dead_zone(self.left, DEAD_ZONE).unwrap_or_default();
        Intent {
            thrust: if cross == Vec2::ZERO { stick } else { cross },
            aim: outside_dead_zone(self.right, DEAD_ZONE).map(Angle::of),
            fire: self.any(&[A, RIGHT_SHOULDER, RIGHT_TRIGGER])
                || outside_dead_zone(self.right, FIRE_ZONE).is_some(),
            boost: self.any(&[B, LEFT_SHOULDER, LEFT_TRIGGER]),
        }
    }

    fn confirms(self) -> bool {
        self.any(&[A, START])
    }
}

/// What changed on a gamepad since the last update.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GamepadUpdate {
    /// What the player wants now.
    pub intent: Intent,
    /// Something was newly pressed or pushed: the player uses this gamepad. Drift and a held trigger do not count.
    pub is_used: bool,
    /// A or Start was newly pressed.
    pub confirms: bool,
}

/// A gamepad from update to update.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gamepad {
    last: GamepadState,
}

impl Gamepad {
    /// Compares its state with the last one.
    pub fn update(&mut self, state: GamepadState) -> GamepadUpdate {
        let (before, intent) = (self.last.intent(), state.intent());
        let is_used = intent.buttons().0 & !before.buttons().0 != 0
            || intent.aim.is_some() && before.aim.is_none()
            || state.pressed & !self.last.pressed != 0;
        let confirms = state.confirms() && !self.last.confirms();
        self.last = state;
        GamepadUpdate { intent, is_used, confirms }
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::input::Buttons;

    use super::*;

    fn state(axes: [f64; 4], pressed: &[usize]) -> GamepadState {
        GamepadState::new(axes, (0..17).map(|i| f64::from(u8::from(pressed.contains(&i)))))
    }

    #[test]
    fn left_stick_and_cross_fly_and_up_is_up() {
        let north = |state: GamepadState| state.intent().buttons() == Buttons::UP;
        assert!(north(state([0.0, -1.0, 0.0, 0.0], &[])));
        assert!(north(state([0.0; 4], &[UP])));
        assert!(north(state([1.0, 0.0, 0.0, 0.0], &[UP])), "the cross has precedence");
        let both = Buttons(Buttons::DOWN.0 | Buttons::LEFT.0);
        assert_eq!(state([-0.7, 0.7, 0.0, 0.0], &[]).intent().buttons(), both);
        assert!(state([0.2, -0.15, 0.1, 0.2], &[]).intent().is_idle(), "it drifts");
    }

    #[test]
    fn right_stick_aims_and_fires_when_pushed_far() {
        let aimed = state([0.0, 0.0, 0.0, -0.5], &[]).intent();
        assert_eq!((aimed.aim, aimed.fire), (Some(Angle(1 << 14)), false));
        assert!(state([0.0, 0.0, 0.0, -0.95], &[]).intent().fire);
    }

    #[test]
    fn buttons_fire_and_boost() {
        for button in [A, RIGHT_SHOULDER, RIGHT_TRIGGER] {
            assert_eq!(state([0.0; 4], &[button]).intent().buttons(), Buttons::FIRE);
        }
        for button in [B, LEFT_SHOULDER, LEFT_TRIGGER] {
            assert_eq!(state([0.0; 4], &[button]).intent().buttons(), Buttons::BOOST);
        }
        // Triggers that are barely touched, on a gamepad without axes.
        let touched = GamepadState::new([], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.2]);
        assert!(touched.intent().is_idle());
    }

    #[test]
    fn only_new_presses_and_pushes_count_as_use() {
        let mut gamepad = Gamepad::default();
        let drifting = state([0.0, 0.9, 0.0, 0.0], &[]);
        assert!(gamepad.update(drifting).is_used);
        assert!(!gamepad.update(drifting).is_used, "nothing changed");
        assert!(gamepad.update(state([0.0, 0.9, 0.5, 0.0], &[])).is_used);
    }

    #[test]
    fn a_and_start_confirm_once_for_each_press() {
        let mut gamepad = Gamepad::default();
        let confirmed = gamepad.update(state([0.0; 4], &[START]));
        assert!(confirmed.confirms && confirmed.is_used && !confirmed.intent.fire);
        assert!(!gamepad.update(state([0.0; 4], &[START])).confirms, "it is held");
        assert!(!gamepad.update(state([0.0; 4], &[])).confirms);
        assert!(gamepad.update(state([0.0; 4], &[A])).confirms);
    }
}
