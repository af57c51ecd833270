//! A pointer that hovers, a mouse or a pen: it aims, and its buttons fire and boost. It must not know fingers, and a
//! press on anything but the scene is not its business.

use std::{cell::RefCell, rc::Rc};

use shared::{Vec2, engine::angle::Angle};
use web_sys::PointerEvent;

use super::super::dom::{Listener, Result, window};
use super::{is_finger, is_on_scene, place_of};
use crate::game::controls::Intent;

/// Less than this, in CSS pixels, is a table that shakes, or a browser that tells of a pointer that rests.
const MOVED_PX: f32 = 3.0;

const FIRES: u16 = 1;
const BOOSTS: u16 = 2;

#[derive(Default)]
struct Pointing {
    /// Unknown until it moves.
    place: Option<Vec2>,
    /// Held buttons, one bit each.
    buttons: u16,
    /// They went down on the scene; all of them, for those that follow the first are told as movements.
    is_on_scene: bool,
    flying: bool,
    used: bool,
}

/// Listens for as long as it lives.
pub(in crate::web) struct Pointer {
    pointing: Rc<RefCell<Pointing>>,
    _listeners: Vec<Listener>,
}

impl Pointer {
    /// Starts to listen.
    pub(in crate::web) fn new() -> Result<Self> {
        let pointing = Rc::new(RefCell::new(Pointing::default()));
        let window = window()?;
        let listeners = ["pointerdown", "pointermove", "pointerup", "pointercancel"].map(|name| {
            let pointing = Rc::clone(&pointing);
            Listener::new(&window, name, move |event: PointerEvent| {
                if !is_finger(&event) {
                    pointing.borrow_mut().happen(&event, name == "pointerdown");
                }
            })
        });
        Ok(Self { pointing, _listeners: listeners.into_iter().collect::<Result<_>>()? })
    }

    /// Whether it steers.
    pub(in crate::web) fn set_flying(&self, flying: bool) {
        let mut pointing = self.pointing.borrow_mut();
        pointing.flying = flying;
        pointing.release();
    }

    /// Lets go of all buttons.
    pub(in crate::web) fn releaser(&self) -> impl Fn() + 'static {
        let pointing = Rc::clone(&self.pointing);
        move || pointing.borrow_mut().release()
    }

    /// What it wants, seen from a ship at this place on the page.
    pub(in crate::web) fn intent(&self, ship: Vec2) -> Intent {
        let pointing = self.pointing.borrow();
        let aim = pointing.place.map(|place| {
            let way = place - ship;
            // The page's y goes down, the world's goes up.
            Angle::of(Vec2::new(way.x, -way.y))
        });
        Intent {
            thrust: Vec2::ZERO,
            aim,
            fire: pointing.buttons & FIRES != 0,
            boost: pointing.buttons & BOOSTS != 0,
        }
    }

    /// Whether somebody used it since the last call.
    pub(in crate::web) fn take_used(&self) -> bool {
        core::mem::take(&mut self.pointing.borrow_mut().used)
    }
}

impl Pointing {
    fn happen(&mut self, event: &PointerEvent, is_down: bool) {
        let place = place_of(event);
        self.used |= is_down || self.place.is_none_or(|last| last.distance(place) > MOVED_PX);
        self.place = Some(place);
        if is_down {
            self.is_on_scene = is_on_scene(event);
        }
        self.buttons = if self.flying && self.is_on_scene { event.buttons() } else { 0 };
    }

    fn release(&mut self) {
        self.buttons = 0;
        self.is_on_scene = false;
    }
}
