//! Fingers and sticks on the page: where a pointer is, and the stick that is drawn under a thumb.

use shared::Vec2;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, PointerEvent};

use super::dom::{Binding, Result, SCENE_ID, element, target};
use crate::engine::page::stick::{FloatingStick, STICK_RADIUS_PX};

/// A stick on the page: a ring with a knob.
pub(crate) struct StickView {
    ring: Binding<Option<(Vec2, Vec2)>>,
    knob: HtmlElement,
}

impl StickView {
    /// The element with this id.
    pub(crate) fn new(id: &str) -> Result<Self> {
        let ring: HtmlElement = element(id)?;
        let knob = ring.first_element_child().ok_or("a stick has no knob")?.dyn_into::<HtmlElement>()?;
        Ok(Self { ring: Binding::new(ring), knob })
    }

    /// Under the finger; or at rest, where the style sheet puts it.
    pub(crate) fn draw(&mut self, stick: Option<FloatingStick>) {
        let knob = &self.knob;
        self.ring.set(stick.map(|stick| (stick.centre, stick.at)), |ring, stick| {
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

pub(crate) fn is_finger(event: &PointerEvent) -> bool {
    event.pointer_type() == "touch"
}

/// Whether it was on the scene, and not on what lies above it.
pub(crate) fn is_on_scene(event: &PointerEvent) -> bool {
    target::<Element>(event).is_some_and(|element| element.id() == SCENE_ID)
}

/// In CSS pixels from the top left of the page.
pub(crate) fn place_of(event: &PointerEvent) -> Vec2 {
    Vec2::new(event.client_x() as f32, event.client_y() as f32)
}
