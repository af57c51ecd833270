//! The events of a mouse or a pen; and where and with what something was pointed at.

use std::{cell::RefCell, rc::Rc};

use shared::Vec2;
use web_sys::PointerEvent;

use crate::{
    game::controls::{Intent, pointer::Pointer},
    web::shell::{
        dom::{Listener, Result, window},
        stick_view::{is_finger, is_on_scene, place_of},
    },
};

/// Listens for as long as it lives.
pub(super) struct PointerDevice {
    pointer: Rc<RefCell<Pointer>>,
    _listeners: Vec<Listener>,
}

impl PointerDevice {
    pub(super) fn new() -> Result<Self> {
        let pointer = Rc::new(RefCell::new(Pointer::default()));
        let window = window()?;
        let listeners = ["pointerdown", "pointermove", "pointerup", "pointercancel"].map(|name| {
            let pointer = Rc::clone(&pointer);
            Listener::new(&window, name, move |event: PointerEvent| {
                let (place, buttons) = (place_of(&event), event.buttons());
                if is_finger(&event) {
                    return;
                }
                let mut pointer = pointer.borrow_mut();
                if name == "pointerdown" {
                    pointer.down(place, is_on_scene(&event), buttons);
                } else {
                    pointer.moved(place, buttons);
                }
            })
        });
        Ok(Self { pointer, _listeners: listeners.into_iter().collect::<Result<_>>()? })
    }

    pub(super) fn set_active(&self, is_active: bool) {
        self.pointer.borrow_mut().set_active(is_active);
    }

    /// A function that lets go of all buttons.
    pub(super) fn releaser(&self) -> impl Fn() + 'static {
        let pointer = Rc::clone(&self.pointer);
        move || pointer.borrow_mut().release_all()
    }

    /// What it asks of a body that is drawn at this place of the page.
    pub(super) fn intent(&self, body: Vec2) -> Intent {
        self.pointer.borrow().intent(body)
    }

    pub(super) fn take_used(&self) -> bool {
        self.pointer.borrow_mut().take_used()
    }
}
