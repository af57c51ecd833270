//! The line that tells a newcomer what to do, in the words of the hand in use; remembered once learnt. It must not
//! know what learning is.

use crate::game::{
    scene::{Life, Scene},
    tutorial::{Hint, Tutorial},
};
use crate::web::shell::{
    dom::{Result, Shown, document, keep, recall},
    language::strings,
};

/// Where it is kept what was learnt.
const KEPT: &str = "emberdrift.learnt";

/// How long it is told in one life, in milliseconds.
const TOLD_MS: f64 = 9000.0;

/// The line.
pub(in crate::web) struct HintLine {
    tutorial: Tutorial,
    text: Shown<String>,
    visible: Shown<bool>,
    last_ms: f64,
    /// What was told last, and until when it is told in this life.
    told: Option<Hint>,
    until_ms: f64,
}

impl HintLine {
    /// Finds it on the page.
    pub(in crate::web) fn new() -> Result<Self> {
        Ok(Self {
            tutorial: Tutorial::from_text(&recall(KEPT).unwrap_or_default()),
            text: Shown::by_id("coach")?,
            visible: Shown::by_id("coach")?,
            last_ms: 0.0,
            told: None,
            until_ms: 0.0,
        })
    }

    /// Whether there is nothing left to tell.
    pub(in crate::web) fn has_taught(&self) -> bool {
        self.tutorial.hint().is_none()
    }

    /// Takes in a moment.
    pub(in crate::web) fn update(&mut self, scene: &Scene, now_ms: f64) -> Result<()> {
        let seconds = ((now_ms - self.last_ms) / 1000.0).min(0.1) as f32;
        self.last_ms = now_ms;
        if self.tutorial.hint().is_some() && self.tutorial.update(scene, seconds) {
            keep(KEPT, &self.tutorial.to_text());
        }
        let hint = self.tutorial.hint().filter(|_| scene.hud.life == Life::Alive);
        // Who has read it and does otherwise is not told again and again; in the next life it may be of use.
        if core::mem::replace(&mut self.told, hint) != hint {
            self.until_ms = now_ms + TOLD_MS;
        }
        let hint = hint.filter(|_| now_ms < self.until_ms);
        if let Some(hint) = hint {
            self.text.text(text(hint, &hand()?));
        }
        self.visible.visible(hint.is_some());
        Ok(())
    }
}

/// What the visitor plays with: `keys`, `touch` or `gamepad`; nothing before anything was used.
pub(in crate::web) fn hand() -> Result<String> {
    let body = document()?.body();
    Ok(body.and_then(|body| body.get_attribute("data-hand")).unwrap_or_default())
}

fn text(hint: Hint, hand: &str) -> &'static str {
    let words = strings();
    match (hint, hand) {
        (Hint::Collect, _) => words.learn_collect,
        (Hint::Shoot, "touch") => words.learn_shoot_touch,
        (Hint::Shoot, "gamepad") => words.learn_shoot_gamepad,
        (Hint::Shoot, _) => words.learn_shoot_keys,
        (Hint::Boost, "touch") => words.learn_boost_touch,
        (Hint::Boost, "gamepad") => words.learn_boost_gamepad,
        (Hint::Boost, _) => words.learn_boost_keys,
    }
}
