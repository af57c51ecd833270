//! Gamepads, as the browser tells of them when it is asked. It must not know what their buttons mean.

use wasm_bindgen::JsCast;
use web_sys::{Gamepad, GamepadButton, GamepadMappingType};

use super::super::dom::{Result, window};
use crate::game::controls::gamepad::{self, GamepadState, GamepadUpdate};

/// Gamepads that are looked at; browsers tell of four.
const PADS_MAX: usize = 4;

/// All gamepads, from look to look.
#[derive(Default)]
pub(in crate::web) struct Gamepads([gamepad::Gamepad; PADS_MAX]);

impl Gamepads {
    /// Looks at all of them: what the first one wants that wants anything.
    pub(in crate::web) fn look(&mut self) -> Result<GamepadUpdate> {
        // A page may be forbidden to see them, and an old browser may know none.
        let listed = window()?.navigator().get_gamepads().unwrap_or_default();
        let mut all = GamepadUpdate::default();
        for (pad, value) in self.0.iter_mut().zip(listed.iter()) {
            let update = pad.update(state(value.unchecked_ref()));
            if all.intent.is_idle() {
                all.intent = update.intent;
            }
            all.is_used |= update.is_used;
            all.confirms |= update.confirms;
        }
        Ok(all)
    }
}

/// One of them now; a place without one, and one whose buttons are anywhere, rests.
fn state(gamepad: &Gamepad) -> GamepadState {
    let is_there = gamepad.is_object() && gamepad.connected();
    if !is_there || gamepad.mapping() != GamepadMappingType::Standard {
        return GamepadState::default();
    }
    let axes = gamepad.axes();
    let axes = axes.iter().map(|axis| axis.as_f64().unwrap_or(0.0));
    let buttons = gamepad.buttons();
    let buttons = buttons.iter().map(|button| {
        let button: &GamepadButton = button.unchecked_ref();
        if button.pressed() { 1.0 } else { button.value() }
    });
    GamepadState::new(axes, buttons)
}
