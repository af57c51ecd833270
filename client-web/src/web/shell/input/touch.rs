//! Fingers on glass: tells the sticks of them, and draws the sticks where the thumbs are. It must not know what a push
//! of a stick means.

use std::{cell::RefCell, rc::Rc};

use shared::Vec2;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlCanvasElement, HtmlElement, PointerEvent, TouchEvent};

use super::super::dom::{Listener, Result, Shown, element, window};
use super::{is_finger, is_on_scene, place_of};
use crate::game::controls::{
    Intent,
    touch::{FloatingStick, STICK_RADIUS_PX, Touch},
};

const BOOST_BUTTON: &str = "boost-button";

#[derive(Default)]
struct Fingers {
    touch: Touch,
    flying: bool,
    used: bool,
}

/// Listens for as long as it lives.
pub(in crate::web) struct TouchScreen {
    fingers: Rc<RefCell<Fingers>>,
    sticks: [StickView; 2],
    boost: Shown<bool>,
    _listeners: Vec<Listener>,
}

impl TouchScreen {
    /// Starts to listen.
    pub(in crate::web) fn new(canvas: &HtmlCanvasElement) -> Result<Self> {
        let fingers = Rc::new(RefCell::new(Fingers::default()));
        let window = window()?;
        let mut listeners = Vec::new();
        for name in ["pointerdown", "pointermove", "pointerup", "pointercancel"] {
            let fingers = Rc::clone(&fingers);
            listeners.push(Listener::new(&window, name, move |event: PointerEvent| {
                if is_finger(&event) {
                    fingers.borrow_mut().happen(name, &event);
                }
            })?);
        }
        // The browser would scroll, look for a word under a long press, and leave the focus in a field.
        let (held, surface) = (Rc::clone(&fingers), canvas.clone());
        listeners.push(Listener::new(canvas, "touchstart", move |event: TouchEvent| {
            if held.borrow().flying {
                event.prevent_default();
                // A page without focus has none to give.
                let _ = surface.focus();
            }
        })?);
        // Safari's own way to zoom, which it does whatever the style sheet says.
        listeners.push(Listener::new(&window, "gesturestart", |event: Event| event.prevent_default())?);
        Ok(Self {
            fingers,
            sticks: [StickView::new("stick-fly")?, StickView::new("stick-aim")?],
            boost: Shown::by_id(BOOST_BUTTON)?,
            _listeners: listeners,
        })
    }

    /// Whether they steer.
    pub(in crate::web) fn set_flying(&self, flying: bool) {
        let mut fingers = self.fingers.borrow_mut();
        fingers.flying = flying;
        fingers.touch = Touch::default();
    }

    /// Lifts all fingers.
    pub(in crate::web) fn releaser(&self) -> impl Fn() + 'static {
        let fingers = Rc::clone(&self.fingers);
        move || fingers.borrow_mut().touch = Touch::default()
    }

    /// What they want, seen from a ship at this place on the page.
    pub(in crate::web) fn intent(&self, ship: Vec2, now_ms: f64) -> Intent {
        self.fingers.borrow_mut().touch.intent(ship, now_ms)
    }

    /// Whether a finger came down since the last call.
    pub(in crate::web) fn take_used(&self) -> bool {
        core::mem::take(&mut self.fingers.borrow_mut().used)
    }

    /// Draws the sticks and the button as they are.
    pub(in crate::web) fn draw(&mut self) {
        let touch = self.fingers.borrow().touch;
        for (view, stick) in self.sticks.iter_mut().zip(touch.sticks()) {
            view.show(stick);
        }
        self.boost.show(touch.is_boosting(), |button, held| {
            button.set_class_name(if *held { "held" } else { "" });
        });
    }
}

impl Fingers {
    fn happen(&mut self, name: &str, event: &PointerEvent) {
        let (finger, place, now_ms) = (event.pointer_id(), place_of(event), event.time_stamp());
        match name {
            "pointerdown" => {
                self.used = true;
                if self.flying && is_on_scene(event) {
                    self.touch.down(finger, place, page_width(), now_ms);
                } else if self.flying && is_on_boost(event) {
                    self.touch.down_on_boost(finger);
                }
            }
            "pointermove" => self.touch.moved(finger, place),
            "pointerup" => self.touch.up(finger, now_ms),
            _ => self.touch.cancel(finger),
        }
    }
}

/// A stick on the page: a ring, and a knob in it.
struct StickView {
    ring: Shown<Option<(Vec2, Vec2)>>,
    knob: HtmlElement,
}

impl StickView {
    fn new(id: &str) -> Result<Self> {
        let ring: HtmlElement = element(id)?;
        let knob = ring.first_element_child().ok_or("a stick has no knob")?.dyn_into::<HtmlElement>()?;
        Ok(Self { ring: Shown::new(ring), knob })
    }

    /// Where the finger is; or at rest, where the style sheet says.
    fn show(&mut self, stick: Option<FloatingStick>) {
        let knob = &self.knob;
        self.ring.show(stick.map(|stick| (stick.centre, stick.at)), |ring, stick| {
            // A stick that is not drawn steers all the same.
            let _ = match stick {
                Some((middle, at)) => {
                    let away = *at - *middle;
                    ring.set_class_name("stick held");
                    let corner = *middle - STICK_RADIUS_PX;
                    let place = format!("translate({}px, {}px)", corner.x, corner.y);
                    let push = format!("translate({}px, {}px)", away.x, away.y);
                    ring.style()
                        .set_property("transform", &place)
                        .and_then(|()| knob.style().set_property("transform", &push))
                }
                None => {
                    ring.set_class_name("stick");
                    ring.remove_attribute("style").and_then(|()| knob.remove_attribute("style"))
                }
            };
        });
    }
}

fn is_on_boost(event: &PointerEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.closest(&format!("#{BOOST_BUTTON}")).ok().flatten().is_some())
}

fn page_width() -> f32 {
    let width = window().and_then(|window| window.inner_width()).ok().and_then(|width| width.as_f64());
    width.unwrap_or_default() as f32
}
