//! All input devices together: what the player wants right now, and which device is in use. Gamepads, which browsers report only
//! when they are asked, are read here; the other devices have events.

mod keyboard;
mod pointer;
mod touch;

use shared::{Vec2, engine::input::PlayerInput};
use wasm_bindgen::JsCast;
use web_sys::{Event, Gamepad, GamepadButton, GamepadMappingType, HtmlCanvasElement, MouseEvent};

use self::{keyboard::KeyboardDevice, pointer::PointerDevice, touch::TouchScreen};
use crate::{
    game::controls::{
        ControlScheme, Controls, Intent,
        gamepad::{self, GamepadState, GamepadUpdate},
    },
    web::shell::dom::{Binding, Listener, Result, body, document, key_target, matches_media, window},
};

/// Listens for as long as it lives.
pub(crate) struct Input {
    keyboard: KeyboardDevice,
    pointer: PointerDevice,
    touch: TouchScreen,
    gamepads: Gamepads,
    controls: Controls,
    /// What the gamepads asked for in this frame.
    gamepad_intent: Intent,
    /// While false, no device steers.
    is_active: bool,
    shown_scheme: Binding<ControlScheme>,
    _listeners: Vec<Listener>,
}

impl Input {
    pub(crate) fn new(canvas: &HtmlCanvasElement) -> Result<Self> {
        let (keyboard, pointer, touch) =
            (KeyboardDevice::new()?, PointerDevice::new()?, TouchScreen::new(canvas)?);
        let mut listeners = Vec::new();
        for (target, name) in [(window()?.as_ref(), "blur"), (document()?.as_ref(), "visibilitychange")] {
            let (keys, buttons, fingers) = (keyboard.releaser(), pointer.releaser(), touch.releaser());
            listeners.push(Listener::new(target, name, move |_: Event| {
                keys();
                buttons();
                fingers();
            })?);
        }
        // The right button and a long press are controls here.
        listeners.push(Listener::new(&window()?.into(), "contextmenu", |event: MouseEvent| {
            if !key_target(&event).takes_letters() {
                event.prevent_default();
            }
        })?);
        let has_touch = matches_media("(pointer: coarse)");
        let scheme = if has_touch { ControlScheme::Touch } else { ControlScheme::Keys };
        Ok(Self {
            keyboard,
            pointer,
            touch,
            gamepads: Gamepads::default(),
            controls: Controls::new(scheme),
            gamepad_intent: Intent::default(),
            is_active: false,
            shown_scheme: Binding::new(body()?),
            _listeners: listeners,
        })
    }

    /// Reads what has no events and finds out which device is in use: once a frame. Whether a gamepad's button confirms
    /// what a card asks.
    pub(crate) fn poll(&mut self, is_active: bool) -> Result<bool> {
        if self.is_active != is_active {
            self.is_active = is_active;
            self.keyboard.set_active(is_active);
            self.pointer.set_active(is_active);
            self.touch.set_active(is_active);
        }
        let gamepad = self.gamepads.update()?;
        self.gamepad_intent = if is_active { gamepad.intent } else { Intent::default() };
        for (scheme, was_used) in [
            (ControlScheme::Gamepad, gamepad.is_used),
            (ControlScheme::Touch, self.touch.take_used()),
            (ControlScheme::Keys, self.keyboard.take_used() | self.pointer.take_used()),
        ] {
            if was_used {
                self.controls.set_scheme(scheme);
            }
        }
        self.shown_scheme.set(self.controls.scheme(), |body, scheme| {
            // Without it hints are those for a keyboard.
            let _ = body.set_attribute("data-controls", scheme.name());
        });
        self.touch.draw();
        Ok(gamepad.confirms)
    }

    /// What the player wants of the body that is drawn at this place of the page, in CSS pixels. While it has none,
    /// `is_dead`, what is pressed asks for the next one, and so does `confirmed`.
    pub(crate) fn sample(&mut self, body: Vec2, is_dead: bool, confirmed: bool, now_ms: f64) -> PlayerInput {
        let mut keys = self.keyboard.intent();
        let pointed = self.pointer.intent(body);
        keys.aim = pointed.aim;
        keys.fire |= pointed.fire;
        keys.boost |= pointed.boost;
        let touch = self.touch.intent(body, now_ms);
        let wanted = self.controls.steer([
            (ControlScheme::Keys, keys),
            (ControlScheme::Touch, touch),
            (ControlScheme::Gamepad, self.gamepad_intent),
        ]);
        self.controls.respawn(wanted, is_dead, confirmed)
    }

    /// The controls in use.
    pub(crate) fn scheme(&self) -> ControlScheme {
        self.controls.scheme()
    }

    /// Whether the key of the lag readout was pressed since the last call.
    pub(crate) fn take_lag_readout(&self) -> bool {
        self.keyboard.take_lag_readout()
    }
}

/// Gamepads that are read; browsers report four.
const GAMEPADS_MAX: usize = 4;

/// All gamepads, from frame to frame.
#[derive(Default)]
struct Gamepads([gamepad::Gamepad; GAMEPADS_MAX]);

impl Gamepads {
    /// Reads all of them: the intent is that of the first that has one.
    fn update(&mut self) -> Result<GamepadUpdate> {
        // A page may be forbidden to see them, and an old browser may know none.
        let listed = window()?.navigator().get_gamepads().unwrap_or_default();
        let mut all = GamepadUpdate::default();
        for (gamepad, value) in self.0.iter_mut().zip(listed.iter()) {
            let update = gamepad.update(state(value.unchecked_ref()));
            if all.intent.is_idle() {
                all.intent = update.intent;
            }
            all.is_used |= update.is_used;
            all.confirms |= update.confirms;
        }
        Ok(all)
    }
}

/// An empty slot, or a gamepad whose buttons may be anywhere, is at rest.
fn state(gamepad: &Gamepad) -> GamepadState {
    let is_there = gamepad.is_object() && gamepad.connected();
    if !is_there || gamepad.mapping() != GamepadMappingType::Standard {
        return GamepadState::default();
    }
    let axes = gamepad.axes();
    let axes = axes.iter().map(|axis| axis.as_f64().unwrap_or(0.0));
    let buttons = gamepad.buttons();
    let buttons = buttons.iter().map(|button| {
        let button: &GamepadButton = button.unchecked_ref();
        if button.pressed() { 1.0 } else { button.value() }
    });
    GamepadState::new(axes, buttons)
}
