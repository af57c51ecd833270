//! The sound of the page: from the first gesture on, while the page is visible, at the visitor's volume. In a browser
//! without sound the game is silent.

mod rush;
mod speaker;

use std::{cell::RefCell, rc::Rc};

use shared::Vec2;
use web_sys::Event;

use self::speaker::Speaker;
use crate::game::{scene::Scene, sound::SoundDirector};
use crate::web::shell::dom::{Listener, Result, document, window};

/// Gestures after which a browser lets a page play sound.
const GESTURES: [&str; 5] = ["pointerup", "mousedown", "touchend", "click", "keydown"];

pub(crate) struct Sound {
    output: Rc<RefCell<Output>>,
    director: SoundDirector,
    _listeners: Vec<Listener>,
}

/// The speaker and its volume, which is 0 until it is set.
#[derive(Default)]
struct Output {
    volume: f32,
    is_muted: bool,
    /// The page around the frame wants no sound.
    is_silenced: bool,
    speaker: Option<Speaker>,
    /// This browser has no sound.
    is_broken: bool,
}

impl Sound {
    /// Silent until the first gesture.
    pub(crate) fn new() -> Result<Self> {
        let output = Rc::new(RefCell::new(Output::default()));
        let mut listeners = Vec::new();
        let window = window()?;
        for gesture in GESTURES {
            let woken = Rc::clone(&output);
            listeners.push(Listener::new(&window, gesture, move |_: Event| woken.borrow_mut().wake())?);
        }
        let looked_at = Rc::clone(&output);
        listeners.push(Listener::new(document()?.as_ref(), "visibilitychange", move |_: Event| {
            looked_at.borrow_mut().rest_or_wake();
        })?);
        Ok(Self { output, director: SoundDirector::default(), _listeners: listeners })
    }

    /// The volume when it is not muted, 0 to 1.
    pub(crate) fn volume(&self) -> f32 {
        self.output.borrow().volume
    }

    /// Sets the volume, 0 to 1.
    pub(crate) fn set_volume(&self, volume: f32, is_muted: bool) {
        self.output.borrow_mut().set(volume, is_muted);
    }

    /// Silences it for as long as the page around the frame wants: the visitor's own choice stays as it is.
    pub(crate) fn set_silenced(&self, is_silenced: bool) {
        let mut output = self.output.borrow_mut();
        if is_silenced != output.is_silenced {
            output.is_silenced = is_silenced;
            output.apply();
        }
    }

    /// Plays the sounds of this frame's scene. `half` is half the size of the picture, in world units.
    pub(crate) fn advance(&mut self, scene: &Scene, half: Vec2, now_ms: f64) {
        let cues = self.director.direct(scene, half, now_ms);
        let boosts = scene.ships.iter().any(|ship| ship.own && ship.status.boosting());
        let mut output = self.output.borrow_mut();
        let is_silent = output.is_silent();
        output.use_speaker(|speaker| {
            speaker.prepare()?;
            speaker.rush(boosts && !is_silent)?;
            if is_silent { Ok(()) } else { cues.iter().try_for_each(|cue| speaker.play(cue)) }
        });
    }

    /// A moment began that no other sound says.
    pub(crate) fn triumph(&mut self) {
        self.director.triumph();
    }

    /// Stops continuous sounds while no scene is shown.
    pub(crate) fn rest(&mut self) {
        self.output.borrow_mut().use_speaker(|speaker| speaker.rush(false));
    }

    /// `off` before the first gesture and without sound, else `running` or `suspended`; and how many sounds were played.
    pub(crate) fn state(&self) -> (&'static str, u32) {
        self.output.borrow().speaker.as_ref().map_or(("off", 0), Speaker::state)
    }
}

impl Output {
    fn set(&mut self, volume: f32, is_muted: bool) {
        self.volume = volume.clamp(0.0, 1.0);
        self.is_muted = is_muted;
        self.apply();
    }

    fn apply(&mut self) {
        let loudness = self.loudness();
        self.use_speaker(|speaker| speaker.set_loudness(loudness));
        self.show();
    }

    fn is_silent(&self) -> bool {
        self.is_muted || self.is_silenced || self.volume <= 0.0
    }

    fn loudness(&self) -> f32 {
        // Loudness is heard as a ratio: without the square, the upper half of the slider would hardly change it.
        if self.is_silent() { 0.0 } else { self.volume * self.volume }
    }

    /// Tells the style sheet whether there is sound.
    fn show(&self) {
        let sound = if self.is_silent() { "off" } else { "on" };
        if let Some(body) = document().ok().and_then(|document| document.body()) {
            // It only changes the looks.
            let _ = body.set_attribute("data-sound", sound);
        }
    }

    /// After a gesture the browser lets the page play sound.
    fn wake(&mut self) {
        if self.speaker.is_none() && !self.is_broken {
            match Speaker::new(self.loudness()) {
                Ok(speaker) => self.speaker = Some(speaker),
                Err(error) => self.give_up(&error),
            }
        }
        self.rest_or_wake();
    }

    fn rest_or_wake(&mut self) {
        let is_hidden = document().is_ok_and(|document| document.hidden());
        self.use_speaker(|speaker| speaker.set_resting(is_hidden));
    }

    fn use_speaker(&mut self, act: impl FnOnce(&mut Speaker) -> Result<()>) {
        if let Some(speaker) = &mut self.speaker
            && let Err(error) = act(speaker)
        {
            self.give_up(&error);
        }
    }

    /// The game goes on without sound.
    fn give_up(&mut self, error: &wasm_bindgen::JsValue) {
        web_sys::console::warn_2(&"no sound:".into(), error);
        self.speaker = None;
        self.is_broken = true;
    }
}
