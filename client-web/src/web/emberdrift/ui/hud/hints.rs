//! The line that tells a newcomer what to do. What was learnt is stored.

use crate::{
    game::{
        controls::ControlScheme,
        page::hint_line::{HintLine, text},
        scene::Scene,
        tutorial::Tutorial,
    },
    web::{
        emberdrift::language::strings,
        shell::dom::{
            Binding, Result,
            storage::{load, save},
        },
    },
};

const TUTORIAL_KEY: &str = "emberdrift.learnt";

/// The line on the page.
pub(crate) struct Hints {
    line: HintLine,
    text: Binding<String>,
    visible: Binding<bool>,
}

impl Hints {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            line: HintLine::new(Tutorial::from_text(&load(TUTORIAL_KEY).unwrap_or_default())),
            text: Binding::by_id("hint")?,
            visible: Binding::by_id("hint")?,
        })
    }

    /// Whether there is something left to learn.
    pub(crate) fn is_in_tutorial(&self) -> bool {
        self.line.is_in_tutorial()
    }

    pub(crate) fn update(&mut self, scene: &Scene, controls: ControlScheme, now_ms: f64) {
        if self.line.advance(scene, now_ms) {
            save(TUTORIAL_KEY, &self.line.tutorial().to_text());
        }
        let hint = self.line.hint();
        if let Some(hint) = hint {
            self.text.text(text(hint, controls, strings()));
        }
        self.visible.visible(hint.is_some());
    }
}
