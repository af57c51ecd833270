//! The keyboard's events.

use std::{cell::RefCell, rc::Rc};

use web_sys::KeyboardEvent;

use crate::{
    game::controls::{
        Intent,
        keyboard::{KeyChange, Keyboard},
    },
    web::shell::dom::{Listener, Result, key_target, window},
};

/// Listens for as long as it lives.
pub(super) struct KeyboardDevice {
    keyboard: Rc<RefCell<Keyboard>>,
    _listeners: [Listener; 2],
}

impl KeyboardDevice {
    pub(super) fn new() -> Result<Self> {
        let keyboard = Rc::new(RefCell::new(Keyboard::default()));
        let window = window()?;
        let listen = |name, is_down| {
            let keyboard = Rc::clone(&keyboard);
            Listener::new(&window, name, move |event: KeyboardEvent| {
                let is_taken = keyboard.borrow_mut().change(KeyChange {
                    code: &event.code(),
                    is_down,
                    is_repeat: event.repeat(),
                    has_modifier: event.ctrl_key() || event.meta_key() || event.alt_key(),
                    target: key_target(&event),
                });
                if is_taken {
                    event.prevent_default();
                }
            })
        };
        let listeners = [listen("keydown", true)?, listen("keyup", false)?];
        Ok(Self { keyboard, _listeners: listeners })
    }

    pub(super) fn set_active(&self, is_active: bool) {
        self.keyboard.borrow_mut().set_active(is_active);
    }

    /// A function that lets go of all keys.
    pub(super) fn releaser(&self) -> impl Fn() + 'static {
        let keyboard = Rc::clone(&self.keyboard);
        move || keyboard.borrow_mut().release_all()
    }

    pub(super) fn intent(&self) -> Intent {
        self.keyboard.borrow().intent()
    }

    pub(super) fn take_used(&self) -> bool {
        self.keyboard.borrow_mut().take_used()
    }

    pub(super) fn take_lag_readout(&self) -> bool {
        self.keyboard.borrow_mut().take_lag_readout()
    }
}
