//! Gamepads, which browsers report only when they are asked.

use wasm_bindgen::JsCast;
use web_sys::{Gamepad, GamepadButton, GamepadMappingType};

use crate::{
    game::controls::gamepad::{self, GamepadState, GamepadUpdate},
    web::shell::dom::{Result, window},
};

/// Gamepads that are read; browsers report four.
const GAMEPADS_MAX: usize = 4;

/// All gamepads, from frame to frame.
#[derive(Default)]
pub(super) struct Gamepads([gamepad::Gamepad; GAMEPADS_MAX]);

impl Gamepads {
    /// Reads all of them: the intent is that of the first that has one.
    pub(super) fn update(&mut self) -> Result<GamepadUpdate> {
        // A page may be forbidden to see them, and an old browser may know none.
        let listed = window()?.navigator().get_gamepads().unwrap_or_default();
        let mut all = GamepadUpdate::default();
        for (gamepad, value) in self.0.iter_mut().zip(listed.iter()) {
            let update = gamepad.update(state(value.unchecked_ref()));
            if all.intent.is_idle() {
                all.intent = update.intent;
            }
            all.is_used |= update.is_used;
            all.confirms |= update.confirms;
        }
        Ok(all)
    }
}

/// An empty slot, or a gamepad whose buttons may be anywhere, is at rest.
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
