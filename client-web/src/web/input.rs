//! Keyboard and pointer, as what a pilot wants right now. It must not know when that is sent or what comes of it.

use std::{cell::RefCell, rc::Rc};

use shared::{
    Vec2,
    angle::Angle,
    input::{Buttons, PlayerInput},
};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlCanvasElement, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::dom::{Listener, Result, document, window};

/// Held keys and buttons, and where the pointer is.
#[derive(Default)]
struct Held {
    keys: Buttons,
    pointer_buttons: Buttons,
    pointer: Vec2,
    /// While false nothing is captured: the visitor is on a card.
    flying: bool,
    lag_toggled: bool,
}

/// Listens for as long as it lives.
pub(super) struct Input {
    held: Rc<RefCell<Held>>,
    _listeners: Vec<Listener>,
}

impl Input {
    /// Starts to listen.
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Result<Self> {
        let held = Rc::new(RefCell::new(Held::default()));
        let window = window()?;
        let mut listeners = Vec::new();

        for (name, down) in [("keydown", true), ("keyup", false)] {
            let held = Rc::clone(&held);
            listeners.push(Listener::new(&window, name, move |event: KeyboardEvent| {
                held.borrow_mut().key(&event, down);
            })?);
        }
        for name in ["pointerdown", "pointermove", "pointerup", "pointercancel"] {
            let held = Rc::clone(&held);
            listeners.push(Listener::new(&window, name, move |event: PointerEvent| {
                held.borrow_mut().pointer(&event);
            })?);
        }
        for (target, name) in [(window.as_ref(), "blur"), (document()?.as_ref(), "visibilitychange")] {
            let held = Rc::clone(&held);
            listeners.push(Listener::new(target, name, move |_: Event| {
                held.borrow_mut().release();
            })?);
        }
        listeners.push(Listener::new(canvas, "contextmenu", |event: MouseEvent| {
            event.prevent_default();
        })?);
        Ok(Self { held, _listeners: listeners })
    }

    /// Whether keys and buttons steer a ship.
    pub(super) fn set_flying(&self, flying: bool) {
        let mut held = self.held.borrow_mut();
        if held.flying != flying {
            held.flying = flying;
            held.release();
        }
    }

    /// What the pilot of a ship at this place on the page (in CSS pixels) wants now.
    pub(super) fn sample(&self, ship: Vec2) -> PlayerInput {
        let held = self.held.borrow();
        let way = held.pointer - ship;
        PlayerInput {
            buttons: Buttons(held.keys.0 | held.pointer_buttons.0),
            // The page's y goes down, the world's goes up.
            aim: Angle::of(Vec2::new(way.x, -way.y)),
        }
    }

    /// Whether F3 was pressed since the last call.
    pub(super) fn take_lag_toggle(&self) -> bool {
        core::mem::take(&mut self.held.borrow_mut().lag_toggled)
    }
}

impl Held {
    fn release(&mut self) {
        self.keys = Buttons::default();
        self.pointer_buttons = Buttons::default();
    }

    fn key(&mut self, event: &KeyboardEvent, down: bool) {
        let code = event.code();
        if code == "F3" {
            event.prevent_default();
            self.lag_toggled |= down && !event.repeat();
            return;
        }
        let Some(button) = button_of(&code) else { return };
        if down
            && (!self.flying || types_into(event) || event.ctrl_key() || event.meta_key() || event.alt_key())
        {
            return;
        }
        if self.flying {
            event.prevent_default();
        }
        self.keys = if down { Buttons(self.keys.0 | button.0) } else { Buttons(self.keys.0 & !button.0) };
    }

    fn pointer(&mut self, event: &PointerEvent) {
        self.pointer = Vec2::new(event.client_x() as f32, event.client_y() as f32);
        let buttons = if self.flying { event.buttons() } else { 0 };
        self.pointer_buttons =
            Buttons::default().with(Buttons::FIRE, buttons & 1 != 0).with(Buttons::BOOST, buttons & 2 != 0);
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

/// Whether the key goes into a text.
fn types_into(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.is_content_editable()
    })
}
