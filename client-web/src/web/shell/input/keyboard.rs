//! The keyboard: keys that steer, by their place, and F3. It must not know the pointer.

use std::{cell::RefCell, rc::Rc};

use shared::engine::{
    angle::Angle,
    input::{Buttons, PlayerInput},
};
use web_sys::KeyboardEvent;

use super::super::dom::{Listener, Result, is_field, window};
use crate::game::controls::Intent;

#[derive(Default)]
struct Keys {
    held: Buttons,
    flying: bool,
    used: bool,
    lag_toggled: bool,
}

/// Listens for as long as it lives.
pub(in crate::web) struct Keyboard {
    keys: Rc<RefCell<Keys>>,
    _listeners: [Listener; 2],
}

impl Keyboard {
    /// Starts to listen.
    pub(in crate::web) fn new() -> Result<Self> {
        let keys = Rc::new(RefCell::new(Keys::default()));
        let window = window()?;
        let listen = |name, down| {
            let keys = Rc::clone(&keys);
            Listener::new(&window, name, move |event: KeyboardEvent| keys.borrow_mut().key(&event, down))
        };
        let listeners = [listen("keydown", true)?, listen("keyup", false)?];
        Ok(Self { keys, _listeners: listeners })
    }

    /// Whether its keys steer.
    pub(in crate::web) fn set_flying(&self, flying: bool) {
        let mut keys = self.keys.borrow_mut();
        keys.flying = flying;
        keys.held = Buttons::default();
    }

    /// Lets go of all keys.
    pub(in crate::web) fn releaser(&self) -> impl Fn() + 'static {
        let keys = Rc::clone(&self.keys);
        move || keys.borrow_mut().held = Buttons::default()
    }

    /// What they want.
    pub(in crate::web) fn intent(&self) -> Intent {
        let held = PlayerInput { buttons: self.keys.borrow().held, aim: Angle::default() };
        Intent { thrust: held.thrust(), aim: None, fire: held.fires(), boost: held.boosts() }
    }

    /// Whether somebody steered by it since the last call.
    pub(in crate::web) fn take_used(&self) -> bool {
        core::mem::take(&mut self.keys.borrow_mut().used)
    }

    /// Whether F3 was pressed since the last call.
    pub(in crate::web) fn take_lag_toggle(&self) -> bool {
        core::mem::take(&mut self.keys.borrow_mut().lag_toggled)
    }
}

impl Keys {
    fn key(&mut self, event: &KeyboardEvent, down: bool) {
        let code = event.code();
        if code == "F3" {
            event.prevent_default();
            self.lag_toggled |= down && !event.repeat();
            return;
        }
        let Some(button) = button_of(&code) else { return };
        if down
            && (!self.flying || is_field(event) || event.ctrl_key() || event.meta_key() || event.alt_key())
        {
            return;
        }
        if self.flying {
            event.prevent_default();
        }
        self.used |= down;
        self.held = if down { Buttons(self.held.0 | button.0) } else { Buttons(self.held.0 & !button.0) };
    }
}

/// What a key means, by its place on the keyboard.
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
