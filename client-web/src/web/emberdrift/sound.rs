//! What is heard: from the first gesture on, while the page is seen, and as loud as the visitor wants it. A browser without
//! sound is silent, and nothing else. It must not know which sound anything makes.

mod rush;
mod speaker;

use std::{cell::RefCell, rc::Rc};

use shared::Vec2;
use web_sys::Event;

use self::speaker::Speaker;
use crate::game::{scene::Scene, sound::SoundDirector};
use crate::web::shell::dom::{Listener, Result, document, window};

/// Gestures that a browser takes for the wish to hear something.
const GESTURES: [&str; 5] = ["pointerup", "mousedown", "touchend", "click", "keydown"];

/// The sound of the page.
pub(crate) struct Sound {
    output: Rc<RefCell<Output>>,
    director: SoundDirector,
    _listeners: Vec<Listener>,
}

/// Where it goes. As quiet as can be until it is told how loud.
#[derive(Default)]
struct Output {
    volume: f32,
    is_muted: bool,
    speaker: Option<Speaker>,
    /// There is no sound in this browser.
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

    /// How loud it is when it is not muted, 0 to 1.
    pub(crate) fn volume(&self) -> f32 {
        self.output.borrow().volume
    }

    /// As loud as this from now on, 0 to 1, or not at all.
    pub(crate) fn set_volume(&self, volume: f32, is_muted: bool) {
        self.output.borrow_mut().set(volume, is_muted);
    }

    /// Plays what is heard of a scene that is shown now, in a picture of twice `half`.
    pub(crate) fn advance(&mut self, scene: &Scene, half: Vec2, now_ms: f64) {
        let cues = self.director.direct(scene, half, now_ms);
        let boosts = scene.ships.iter().any(|ship| ship.own && ship.boosting);
        let mut output = self.output.borrow_mut();
        let is_silent = output.is_muted || output.volume <= 0.0;
        output.use_speaker(|speaker| {
            speaker.prepare()?;
            speaker.rush(boosts && !is_silent)?;
            if is_silent { Ok(()) } else { cues.iter().try_for_each(|cue| speaker.play(cue)) }
        });
    }

    /// Nothing is shown that could be heard.
    pub(crate) fn rest(&mut self) {
        self.output.borrow_mut().use_speaker(|speaker| speaker.rush(false));
    }

    /// `off` before the first gesture and where there is no sound; else `running` or `suspended`; and how many sounds
    /// were played.
    pub(crate) fn state(&self) -> (&'static str, u32) {
        self.output.borrow().speaker.as_ref().map_or(("off", 0), Speaker::state)
    }
}

impl Output {
    /// As loud as this, 0 to 1, or not at all.
    fn set(&mut self, volume: f32, is_muted: bool) {
        self.volume = volume.clamp(0.0, 1.0);
        self.is_muted = is_muted;
        let loudness = self.loudness();
        self.use_speaker(|speaker| speaker.set_loudness(loudness));
        self.tell();
    }

    fn loudness(&self) -> f32 {
        // Loudness is felt in steps of a factor: the lower half of a slider shall not be the whole of it.
        if self.is_muted { 0.0 } else { self.volume * self.volume }
    }

    /// Tells the page whether there is sound, so that a sign can say so.
    fn tell(&self) {
        let sound = if self.is_muted || self.volume <= 0.0 { "off" } else { "on" };
        if let Some(body) = document().ok().and_then(|document| document.body()) {
            // A page that does not say so sounds all the same.
            let _ = body.set_attribute("data-sound", sound);
        }
    }

    /// A gesture: now a browser lets a page be heard.
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

    /// The game goes on in silence.
    fn give_up(&mut self, error: &wasm_bindgen::JsValue) {
        web_sys::console::warn_2(&"no sound:".into(), error);
        self.speaker = None;
        self.is_broken = true;
    }
}
