//! Keys by their place on the keyboard, whatever letter is printed on them: which are held, and what they are for.

use shared::engine::input::{Angle, Buttons, PlayerInput};

use super::Intent;
use crate::engine::page::key_target::KeyTarget;

/// Opens and closes the lag readout.
const LAG_READOUT: &str = "F3";

/// A key that goes down or up.
#[derive(Clone, Copy, Debug)]
pub struct KeyChange<'a> {
    /// The key's place, as browsers name it: `KeyW`, `ArrowUp`.
    pub code: &'a str,
    /// Down, or up.
    pub is_down: bool,
    /// The keyboard repeats a key that is held.
    pub is_repeat: bool,
    /// Control, Alt or a command key is held.
    pub has_modifier: bool,
    /// What has the keyboard's focus.
    pub target: KeyTarget,
}

/// The keyboard.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keyboard {
    held: Buttons,
    is_active: bool,
    was_used: bool,
    wants_lag_readout: bool,
}

impl Keyboard {
    /// Whether keys steer; lets go of all.
    pub fn set_active(&mut self, is_active: bool) {
        self.is_active = is_active;
        self.release_all();
    }

    /// Lets go of all keys: the page lost the focus, and will not hear of those that are released.
    pub fn release_all(&mut self) {
        self.held = Buttons::default();
    }

    /// Takes in a change. Whether the browser is to do nothing else with it.
    pub fn change(&mut self, key: KeyChange<'_>) -> bool {
        if key.code == LAG_READOUT {
            self.wants_lag_readout |= key.is_down && !key.is_repeat;
            return true;
        }
        let Some(button) = button_of(key.code) else { return false };
        if key.is_down && (!self.is_active || key.target.takes_letters() || key.has_modifier) {
            return false;
        }
        self.was_used |= key.is_down;
        self.held = Buttons(if key.is_down { self.held.0 | button.0 } else { self.held.0 & !button.0 });
        self.is_active
    }

    /// What the keys that are held ask for.
    pub fn intent(&self) -> Intent {
        let held = PlayerInput { buttons: self.held, aim: Angle::default() };
        Intent { thrust: held.thrust(), aim: None, fire: held.fires(), boost: held.boosts() }
    }

    /// Whether a key steered since the last call.
    pub fn take_used(&mut self) -> bool {
        core::mem::take(&mut self.was_used)
    }

    /// Whether the key of the lag readout was pressed since the last call.
    pub fn take_lag_readout(&mut self) -> bool {
        core::mem::take(&mut self.wants_lag_readout)
    }
}

fn button_of(code: &str) -> Option<Buttons> {
    Some(match code {
        "KeyW" | "ArrowUp" => Buttons::UP,
        "KeyS" | "ArrowDown" => Buttons::DOWN,
        "KeyA" | "ArrowLeft" => Buttons::LEFT,
        "KeyD" | "ArrowRight" => Buttons::RIGHT,
        "Space" => Buttons::FIRE,
        "ShiftLeft" | "ShiftRight" => Buttons::BOOST,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use shared::Vec2;

    use super::*;

    fn key(code: &str, is_down: bool) -> KeyChange<'_> {
        KeyChange { code, is_down, is_repeat: false, has_modifier: false, target: KeyTarget::Page }
    }

    fn active() -> Keyboard {
        let mut keyboard = Keyboard::default();
        keyboard.set_active(true);
        keyboard
    }

    #[test]
    fn letters_and_arrows_steer_alike() {
        for (codes, thrust) in [
            (["KeyW", "ArrowUp"], Vec2::Y),
            (["KeyS", "ArrowDown"], Vec2::NEG_Y),
            (["KeyA", "ArrowLeft"], Vec2::NEG_X),
            (["KeyD", "ArrowRight"], Vec2::X),
        ] {
            for code in codes {
                let mut keyboard = active();
                assert!(keyboard.change(key(code, true)), "the page does not scroll by {code}");
                assert_eq!(keyboard.intent().thrust, thrust, "{code}");
                keyboard.change(key(code, false));
                assert!(keyboard.intent().is_idle(), "{code} was released");
            }
        }
    }

    #[test]
    fn space_fires_and_either_shift_boosts() {
        let mut keyboard = active();
        keyboard.change(key("Space", true));
        keyboard.change(key("ShiftRight", true));
        let Intent { fire, boost, .. } = keyboard.intent();
        assert!(fire && boost);
    }

    #[test]
    fn other_keys_are_left_to_the_browser() {
        let mut keyboard = active();
        assert!(!keyboard.change(key("KeyQ", true)) && !keyboard.change(key("F5", true)));
        assert!(!keyboard.take_used());
    }

    #[test]
    fn keys_do_not_steer_from_a_field_with_a_modifier_or_outside_the_game() {
        let in_field = KeyChange { target: KeyTarget::Field, ..key("KeyW", true) };
        let with_control = KeyChange { has_modifier: true, ..key("KeyS", true) };
        let mut keyboard = active();
        assert!(!keyboard.change(in_field) && !keyboard.change(with_control));
        assert!(keyboard.intent().is_idle() && !keyboard.take_used());
        let mut idle = Keyboard::default();
        assert!(!idle.change(key("KeyW", true)));
        assert!(idle.intent().is_idle());
    }

    #[test]
    fn keys_steer_while_a_button_has_the_focus() {
        let mut keyboard = active();
        keyboard.change(KeyChange { target: KeyTarget::Button, ..key("KeyW", true) });
        assert_eq!(keyboard.intent().thrust, Vec2::Y);
    }

    #[test]
    fn a_key_that_is_released_in_a_field_is_released() {
        let mut keyboard = active();
        keyboard.change(key("KeyW", true));
        keyboard.change(KeyChange { target: KeyTarget::Field, ..key("KeyW", false) });
        assert!(keyboard.intent().is_idle());
    }

    #[test]
    fn all_keys_are_released_with_the_focus() {
        let mut keyboard = active();
        keyboard.change(key("KeyW", true));
        keyboard.release_all();
        assert!(keyboard.intent().is_idle());
        assert!(keyboard.take_used() && !keyboard.take_used());
    }

    #[test]
    fn the_lag_readout_is_asked_for_once_a_press_in_and_outside_the_game() {
        let mut keyboard = Keyboard::default();
        assert!(keyboard.change(key("F3", true)), "the browser's search stays closed");
        keyboard.change(KeyChange { is_repeat: true, ..key("F3", true) });
        keyboard.change(key("F3", false));
        assert!(keyboard.take_lag_readout() && !keyboard.take_lag_readout());
        keyboard.change(KeyChange { is_repeat: true, ..key("F3", true) });
        assert!(!keyboard.take_lag_readout());
    }
}
