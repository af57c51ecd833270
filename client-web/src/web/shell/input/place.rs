//! Where and with what something was pointed at.

use shared::Vec2;
use web_sys::{Element, PointerEvent};

use crate::web::shell::dom::target;

/// The id of the canvas that the game is drawn on.
pub(super) const SCENE_ID: &str = "scene";

pub(super) fn is_finger(event: &PointerEvent) -> bool {
    event.pointer_type() == "touch"
}

/// Whether it was on the scene, and not on what lies above it.
pub(super) fn is_on_scene(event: &PointerEvent) -> bool {
    target::<Element>(event).is_some_and(|element| element.id() == SCENE_ID)
}

/// In CSS pixels from the top left of the page.
pub(super) fn place_of(event: &PointerEvent) -> Vec2 {
    Vec2::new(event.client_x() as f32, event.client_y() as f32)
}
