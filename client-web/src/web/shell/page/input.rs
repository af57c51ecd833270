//! The devices: keys, a mouse and fingers, and the stick that is drawn under the pointer.

use std::{cell::RefCell, rc::Rc};

use web_sys::{Event, HtmlCanvasElement, KeyboardEvent, MouseEvent, PointerEvent, TouchEvent};

use crate::{
    engine::page::controls::{Controls, Held},
    web::shell::{
        dom::{Listener, Result, document, key_target, window},
        stick_view::{StickView, is_on_scene, place_of},
    },
};

/// Open and close the lag readout.
const LAG_READOUT: [&str; 2] = ["KeyL", "F3"];

#[derive(Default)]
struct Devices {
    held: Held,
    /// While false, nothing steers.
    is_active: bool,
    wants_lag_readout: bool,
}

/// Listens for as long as it lives.
pub(super) struct Input {
    devices: Rc<RefCell<Devices>>,
    stick: StickView,
    _listeners: Vec<Listener>,
}

impl Input {
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Result<Self> {
        let devices: Rc<RefCell<Devices>> = Rc::default();
        let window = window()?;
        let mut listeners = Vec::new();
        for (name, is_down) in [("keydown", true), ("keyup", false)] {
            let devices = Rc::clone(&devices);
            listeners.push(Listener::new(&window, name, move |event: KeyboardEvent| {
                if devices.borrow_mut().on_key(&event, is_down) {
                    event.prevent_default();
                }
            })?);
        }
        for name in ["pointerdown", "pointermove", "pointerup", "pointercancel"] {
            let devices = Rc::clone(&devices);
            listeners.push(Listener::new(&window, name, move |event: PointerEvent| {
                devices.borrow_mut().on_pointer(name, &event);
            })?);
        }
        for (target, name) in [(window.as_ref(), "blur"), (document()?.as_ref(), "visibilitychange")] {
            let devices = Rc::clone(&devices);
            listeners.push(Listener::new(target, name, move |_: Event| devices.borrow_mut().held.release())?);
        }
        // The browser would scroll, look up a word under a long press, and leave the focus in a field.
        let (touched, surface) = (Rc::clone(&devices), canvas.clone());
        listeners.push(Listener::new(canvas, "touchstart", move |event: TouchEvent| {
            if touched.borrow().is_active {
                event.prevent_default();
                // A page without focus has none to move.
                let _ = surface.focus();
            }
        })?);
        // Safari zooms by a gesture of its own, whatever the style sheet says.
        listeners.push(Listener::new(&window, "gesturestart", |event: Event| event.prevent_default())?);
        listeners.push(Listener::new(canvas, "contextmenu", |event: MouseEvent| event.prevent_default())?);
        Ok(Self { devices, stick: StickView::new("stick")?, _listeners: listeners })
    }

    /// Whether the devices steer; a change lets go of everything.
    pub(super) fn set_active(&self, is_active: bool) {
        let mut devices = self.devices.borrow_mut();
        if devices.is_active != is_active {
            devices.is_active = is_active;
            devices.held.release();
        }
    }

    /// What is asked for now.
    pub(super) fn controls(&self) -> Controls {
        self.devices.borrow().held.controls()
    }

    /// Whether the key of the lag readout was pressed since the last call.
    pub(super) fn take_lag_readout(&self) -> bool {
        core::mem::take(&mut self.devices.borrow_mut().wants_lag_readout)
    }

    /// Draws the stick as it is held.
    pub(super) fn draw(&mut self) {
        self.stick.draw(self.devices.borrow().held.stick());
    }
}

impl Devices {
    /// Whether the browser is to do nothing else with the key.
    fn on_key(&mut self, event: &KeyboardEvent, is_down: bool) -> bool {
        let is_typed = key_target(event).takes_letters();
        let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        // A key that was held before is let go of anywhere.
        if is_down && (is_typed || has_modifier) {
            return false;
        }
        let code = event.code();
        if LAG_READOUT.contains(&code.as_str()) {
            self.wants_lag_readout |= is_down && !event.repeat();
            return !is_typed;
        }
        (self.is_active || !is_down) && self.held.key(&code, is_down) && !is_typed
    }

    fn on_pointer(&mut self, name: &str, event: &PointerEvent) {
        let (pointer, place) = (event.pointer_id(), place_of(event));
        match name {
            "pointerdown" if self.is_active && is_on_scene(event) => self.held.down(pointer, place),
            "pointerdown" => {}
            "pointermove" => self.held.moved(pointer, place),
            _ => self.held.up(pointer),
        }
    }
}
