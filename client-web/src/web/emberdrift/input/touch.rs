//! Fingers on a touch screen, and the sticks that are drawn under the thumbs.

use std::{cell::RefCell, rc::Rc};

use shared::Vec2;
use web_sys::{Element, Event, HtmlCanvasElement, PointerEvent, TouchEvent};

use crate::{
    game::controls::{Intent, touch::Touch},
    web::shell::{
        dom::{Binding, Listener, Result, target, window},
        stick_view::{StickView, is_finger, is_on_scene, place_of},
    },
};

const BOOST_BUTTON_ID: &str = "boost-button";

#[derive(Default)]
struct Fingers {
    touch: Touch,
    is_active: bool,
    was_used: bool,
}

/// Listens for as long as it lives.
pub(super) struct TouchScreen {
    fingers: Rc<RefCell<Fingers>>,
    sticks: [StickView; 2],
    boost: Binding<bool>,
    _listeners: Vec<Listener>,
}

impl TouchScreen {
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Result<Self> {
        let fingers = Rc::new(RefCell::new(Fingers::default()));
        let window = window()?;
        let mut listeners = Vec::new();
        for name in ["pointerdown", "pointermove", "pointerup", "pointercancel"] {
            let fingers = Rc::clone(&fingers);
            listeners.push(Listener::new(&window, name, move |event: PointerEvent| {
                if is_finger(&event) {
                    fingers.borrow_mut().on_event(name, &event);
                }
            })?);
        }
        // The browser would scroll, look up a word under a long press, and leave the focus in a field.
        let (held, surface) = (Rc::clone(&fingers), canvas.clone());
        listeners.push(Listener::new(canvas, "touchstart", move |event: TouchEvent| {
            if held.borrow().is_active {
                event.prevent_default();
                // A page without focus has none to move.
                let _ = surface.focus();
            }
        })?);
        // Safari zooms by a gesture of its own, whatever the style sheet says.
        listeners.push(Listener::new(&window, "gesturestart", |event: Event| event.prevent_default())?);
        Ok(Self {
            fingers,
            sticks: [StickView::new("stick-fly")?, StickView::new("stick-aim")?],
            boost: Binding::by_id(BOOST_BUTTON_ID)?,
            _listeners: listeners,
        })
    }

    pub(super) fn set_active(&self, is_active: bool) {
        let mut fingers = self.fingers.borrow_mut();
        fingers.is_active = is_active;
        fingers.touch = Touch::default();
    }

    /// A function that lifts all fingers.
    pub(super) fn releaser(&self) -> impl Fn() + 'static {
        let fingers = Rc::clone(&self.fingers);
        move || fingers.borrow_mut().touch = Touch::default()
    }

    /// What they ask of a body that is drawn at this place of the page.
    pub(super) fn intent(&self, body: Vec2, now_ms: f64) -> Intent {
        self.fingers.borrow_mut().touch.intent(body, now_ms)
    }

    /// Whether a finger came down since the last call.
    pub(super) fn take_used(&self) -> bool {
        core::mem::take(&mut self.fingers.borrow_mut().was_used)
    }

    /// Draws the sticks and the button as they are held.
    pub(super) fn draw(&mut self) {
        let touch = self.fingers.borrow().touch;
        for (view, stick) in self.sticks.iter_mut().zip(touch.sticks()) {
            view.draw(stick);
        }
        self.boost.class_if(touch.is_boosting(), "held", "");
    }
}

impl Fingers {
    fn on_event(&mut self, name: &str, event: &PointerEvent) {
        let (finger, place, now_ms) = (event.pointer_id(), place_of(event), event.time_stamp());
        match name {
            "pointerdown" => {
                self.was_used = true;
                if self.is_active && is_on_scene(event) {
                    self.touch.down(finger, place, page_width(), now_ms);
                } else if self.is_active && is_on_boost(event) {
                    self.touch.down_on_boost(finger);
                }
            }
            "pointermove" => self.touch.moved(finger, place),
            "pointerup" => self.touch.up(finger, now_ms),
            _ => self.touch.cancel(finger),
        }
    }
}

fn is_on_boost(event: &PointerEvent) -> bool {
    target::<Element>(event)
        .is_some_and(|element| element.closest(&format!("#{BOOST_BUTTON_ID}")).ok().flatten().is_some())
}

fn page_width() -> f32 {
    let width = window().and_then(|window| window.inner_width()).ok().and_then(|width| width.as_f64());
    width.unwrap_or_default() as f32
}
