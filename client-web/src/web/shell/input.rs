//! All hands, as what a pilot wants right now, and which of them is in use. It must not know when that is sent or what
//! comes of it.

mod gamepad;
mod keyboard;
mod pointer;
mod touch;

use shared::{Vec2, engine::input::PlayerInput};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlCanvasElement, MouseEvent, PointerEvent};

use self::{gamepad::Gamepads, keyboard::Keyboard, pointer::Pointer, touch::TouchScreen};
use super::dom::{Listener, Result, Shown, document, is_field, window};
use crate::game::controls::{ControlScheme, Controls, Intent};

/// Listens for as long as it lives.
pub(in crate::web) struct Input {
    keyboard: Keyboard,
    pointer: Pointer,
    touch: TouchScreen,
    gamepads: Gamepads,
    controls: Controls,
    /// What the gamepads wanted at the last look.
    padded: Intent,
    /// While false nothing steers: the visitor is on a card.
    flying: bool,
    shown: Shown<ControlScheme>,
    _listeners: Vec<Listener>,
}

impl Input {
    /// Starts to listen.
    pub(in crate::web) fn new(canvas: &HtmlCanvasElement) -> Result<Self> {
        let (keyboard, pointer, touch) = (Keyboard::new()?, Pointer::new()?, TouchScreen::new(canvas)?);
        let mut listeners = Vec::new();
        for (target, name) in [(window()?.as_ref(), "blur"), (document()?.as_ref(), "visibilitychange")] {
            let (keys, buttons, fingers) = (keyboard.releaser(), pointer.releaser(), touch.releaser());
            listeners.push(Listener::new(target, name, move |_: Event| {
                keys();
                buttons();
                fingers();
            })?);
        }
        // A long press and a right button mean something else here.
        listeners.push(Listener::new(&window()?.into(), "contextmenu", |event: MouseEvent| {
            if !is_field(&event) {
                event.prevent_default();
            }
        })?);
        let hand = if is_coarse() { ControlScheme::Touch } else { ControlScheme::Keys };
        Ok(Self {
            keyboard,
            pointer,
            touch,
            gamepads: Gamepads::default(),
            controls: Controls::new(hand),
            padded: Intent::default(),
            flying: false,
            shown: Shown::new(document()?.body().ok_or("no body")?),
            _listeners: listeners,
        })
    }

    /// Looks at all hands, once a picture. Whether they steer a ship; and whether a gamepad's owner agrees to whatever
    /// is asked.
    pub(in crate::web) fn look(&mut self, flying: bool) -> Result<bool> {
        if self.flying != flying {
            self.flying = flying;
            self.keyboard.set_flying(flying);
            self.pointer.set_flying(flying);
            self.touch.set_flying(flying);
        }
        let pad = self.gamepads.look()?;
        self.padded = if flying { pad.intent } else { Intent::default() };
        for (hand, used) in [
            (ControlScheme::Gamepad, pad.is_used),
            (ControlScheme::Touch, self.touch.take_used()),
            (ControlScheme::Keys, self.keyboard.take_used() | self.pointer.take_used()),
        ] {
            if used {
                self.controls.set_scheme(hand);
            }
        }
        self.shown.show(self.controls.scheme(), |body, hand| {
            // Without it hints are those for a keyboard.
            let _ = body.set_attribute("data-hand", hand.name());
        });
        self.touch.draw();
        Ok(pad.confirms)
    }

    /// What the pilot of a ship at this place on the page (in CSS pixels) wants now; or of none, if it waits for
    /// one, and whether it agreed on the card that says so.
    pub(in crate::web) fn sample(
        &mut self,
        ship: Vec2,
        waits: bool,
        agreed: bool,
        now_ms: f64,
    ) -> PlayerInput {
        let mut keys = self.keyboard.intent();
        let pointed = self.pointer.intent(ship);
        keys.aim = pointed.aim;
        keys.fire |= pointed.fire;
        keys.boost |= pointed.boost;
        let touch = self.touch.intent(ship, now_ms);
        let hands = [
            (ControlScheme::Keys, keys),
            (ControlScheme::Touch, touch),
            (ControlScheme::Gamepad, self.padded),
        ];
        let wanted = self.controls.steer(hands);
        self.controls.respawn(wanted, waits, agreed)
    }

    /// Whether F3 was pressed since the last call.
    pub(in crate::web) fn take_lag_toggle(&self) -> bool {
        self.keyboard.take_lag_toggle()
    }
}

/// Whether what points here first of all is a finger.
fn is_coarse() -> bool {
    let query = window().and_then(|window| window.match_media("(pointer: coarse)"));
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// Whether a finger did it.
fn is_finger(event: &PointerEvent) -> bool {
    event.pointer_type() == "touch"
}

/// Whether it was done to the scene, and not to what lies above it.
fn is_on_scene(event: &PointerEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.id() == "scene")
}

/// Where on the page, in CSS pixels from the top left.
fn place_of(event: &PointerEvent) -> Vec2 {
    Vec2::new(event.client_x() as f32, event.client_y() as f32)
}
