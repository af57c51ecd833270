//! A gamepad with the buttons and axes of the standard mapping (W3C Gamepad, "standard gamepad"), as what a pilot
//! wants. It must not know how a gamepad is read.

use shared::{Vec2, engine::angle::Angle};

use super::{Intent, stick::pushed};

/// Sticks come to rest within this of their middle.
const DEAD: f32 = 0.26;
/// The right stick, pushed this far, fires.
const FIRES: f32 = 0.8;
/// Triggers pressed this far count.
const TRIGGER: f64 = 0.35;

// Places of the buttons in the standard mapping: by where they are, with the letters of one maker.
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

/// A gamepad at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    left: Vec2,
    right: Vec2,
    /// One bit a button.
    pressed: u32,
}

impl Reading {
    /// From its axes (left x, left y, right x, right y; y down) and what each button says: 0 to 1. What is missing
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

    /// What its pilot wants.
    pub fn wish(self) -> Intent {
        let axis =
            |plus, minus| f32::from(u8::from(self.any(&[plus]))) - f32::from(u8::from(self.any(&[minus])));
        let cross = Vec2::new(axis(RIGHT, LEFT), axis(UP, DOWN));
        let way = if cross == Vec2::ZERO { pushed(self.left, DEAD).unwrap_or_default() } else { cross };
        Intent {
            way,
            aim: pushed(self.right, DEAD).map(Angle::of),
            fire: self.any(&[A, RIGHT_SHOULDER, RIGHT_TRIGGER]) || pushed(self.right, FIRES).is_some(),
            boost: self.any(&[B, LEFT_SHOULDER, LEFT_TRIGGER]),
        }
    }

    fn confirms(self) -> bool {
        self.any(&[A, START])
    }
}

/// What came of looking at a gamepad.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// What its pilot wants now.
    pub wish: Intent,
    /// Somebody took it in hand since the last look: one that drifts or lies on its trigger does not.
    pub is_taken: bool,
    /// Somebody agreed, with A or Start, since the last look.
    pub confirms: bool,
}

/// A gamepad, from look to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pad {
    last: Reading,
}

impl Pad {
    /// Looks at it.
    pub fn look(&mut self, reading: Reading) -> Look {
        let (before, wish) = (self.last.wish(), reading.wish());
        let is_new = wish.buttons().0 & !before.buttons().0 != 0
            || wish.aim.is_some() && before.aim.is_none()
            || reading.pressed & !self.last.pressed != 0;
        let confirms = reading.confirms() && !self.last.confirms();
        self.last = reading;
        Look { wish, is_taken: is_new, confirms }
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::input::Buttons;

    use super::*;

    fn reading(axes: [f64; 4], pressed: &[usize]) -> Reading {
        Reading::new(axes, (0..17).map(|i| f64::from(u8::from(pressed.contains(&i)))))
    }

    #[test]
    fn sticks_and_cross_fly_and_up_is_up() {
        let north = |reading: Reading| reading.wish().buttons() == Buttons::UP;
        assert!(north(reading([0.0, -1.0, 0.0, 0.0], &[])));
        assert!(north(reading([0.0; 4], &[UP])));
        assert!(north(reading([1.0, 0.0, 0.0, 0.0], &[UP])), "the cross goes first");
        let both = Buttons(Buttons::DOWN.0 | Buttons::LEFT.0);
        assert_eq!(reading([-0.7, 0.7, 0.0, 0.0], &[]).wish().buttons(), both);
        assert_eq!(reading([0.2, -0.15, 0.1, 0.2], &[]).wish(), Intent::default(), "drift is no wish");
    }

    #[test]
    fn the_right_stick_aims_and_far_out_it_fires() {
        let aimed = reading([0.0, 0.0, 0.0, -0.5], &[]).wish();
        assert_eq!((aimed.aim, aimed.fire), (Some(Angle(1 << 14)), false));
        assert!(reading([0.0, 0.0, 0.0, -0.95], &[]).wish().fire);
    }

    #[test]
    fn buttons_fire_and_boost() {
        for fires in [A, RIGHT_SHOULDER, RIGHT_TRIGGER] {
            assert_eq!(reading([0.0; 4], &[fires]).wish().buttons(), Buttons::FIRE);
        }
        for boosts in [B, LEFT_SHOULDER, LEFT_TRIGGER] {
            assert_eq!(reading([0.0; 4], &[boosts]).wish().buttons(), Buttons::BOOST);
        }
        // A trigger that is barely touched, and a pad that lacks most of all.
        assert_eq!(Reading::new([], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.2]).wish(), Intent::default());
    }

    #[test]
    fn it_is_taken_in_hand_by_something_new_and_confirms_once() {
        let mut pad = Pad::default();
        let drifting = reading([0.0, 0.9, 0.0, 0.0], &[]);
        assert!(pad.look(drifting).is_taken);
        assert!(!pad.look(drifting).is_taken, "it lies there");
        assert!(pad.look(reading([0.0, 0.9, 0.5, 0.0], &[])).is_taken);
        let agreed = pad.look(reading([0.0; 4], &[START]));
        assert!(agreed.confirms && agreed.is_taken && !agreed.wish.fire);
        assert!(!pad.look(reading([0.0; 4], &[START])).confirms, "held");
        assert!(!pad.look(reading([0.0; 4], &[])).confirms);
        assert!(pad.look(reading([0.0; 4], &[A])).confirms);
    }
}
