//! The line that tells a newcomer what to do, in the words of the hand in use; remembered once learnt. It must not
//! know what learning is.

use super::{
    dom::{Result, Shown, document, keep, recall},
    language::words,
};
use crate::game::{
    lessons::{Lesson, Lessons},
    scene::{Life, Scene},
};

/// Where it is kept what was learnt.
const KEPT: &str = "emberdrift.learnt";

/// How long it is told in one life, in milliseconds.
const TOLD_MS: f64 = 9000.0;

/// The line.
pub(super) struct Coach {
    lessons: Lessons,
    text: Shown<String>,
    visible: Shown<bool>,
    last_ms: f64,
    /// What was told last, and until when it is told in this life.
    told: Option<Lesson>,
    until_ms: f64,
}

impl Coach {
    /// Finds it on the page.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            lessons: Lessons::of_text(&recall(KEPT).unwrap_or_default()),
            text: Shown::by_id("coach")?,
            visible: Shown::by_id("coach")?,
            last_ms: 0.0,
            told: None,
            until_ms: 0.0,
        })
    }

    /// Whether there is nothing left to tell.
    pub(super) fn has_taught(&self) -> bool {
        self.lessons.next().is_none()
    }

    /// Takes in a moment.
    pub(super) fn update(&mut self, scene: &Scene, now_ms: f64) -> Result<()> {
        let seconds = ((now_ms - self.last_ms) / 1000.0).min(0.1) as f32;
        self.last_ms = now_ms;
        if self.lessons.next().is_some() && self.lessons.watch(scene, seconds) {
            keep(KEPT, &self.lessons.to_text());
        }
        let lesson = self.lessons.next().filter(|_| scene.hud.life == Life::Alive);
        // Who has read it and does otherwise is not told again and again; in the next life it may be of use.
        if core::mem::replace(&mut self.told, lesson) != lesson {
            self.until_ms = now_ms + TOLD_MS;
        }
        let lesson = lesson.filter(|_| now_ms < self.until_ms);
        if let Some(lesson) = lesson {
            self.text.text(text(lesson, &hand()?));
        }
        self.visible.visible(lesson.is_some());
        Ok(())
    }
}

/// What the visitor plays with: `keys`, `touch` or `gamepad`; nothing before anything was used.
pub(super) fn hand() -> Result<String> {
    let body = document()?.body();
    Ok(body.and_then(|body| body.get_attribute("data-hand")).unwrap_or_default())
}

fn text(lesson: Lesson, hand: &str) -> &'static str {
    let words = words();
    match (lesson, hand) {
        (Lesson::Gather, _) => words.learn_gather,
        (Lesson::Shoot, "touch") => words.learn_shoot_touch,
        (Lesson::Shoot, "gamepad") => words.learn_shoot_gamepad,
        (Lesson::Shoot, _) => words.learn_shoot_keys,
        (Lesson::Boost, "touch") => words.learn_boost_touch,
        (Lesson::Boost, "gamepad") => words.learn_boost_gamepad,
        (Lesson::Boost, _) => words.learn_boost_keys,
    }
}
