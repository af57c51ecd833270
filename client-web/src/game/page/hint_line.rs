//! The line that tells a newcomer what to do next, in the terms of the controls in use.

use crate::game::{
    controls::ControlScheme,
    scene::{Life, Scene},
    strings::Strings,
    tutorial::{Hint, Tutorial},
};

/// How long a hint is shown in one life, in milliseconds: a player who has read it and does something else is not told
/// again and again.
const SHOWN_MS: f64 = 9000.0;
/// Between two frames at most this much time counts as play, in seconds.
const STEP_MAX: f64 = 0.1;

/// The tutorial, and which hint is shown for how long.
#[derive(Debug)]
pub struct HintLine {
    tutorial: Tutorial,
    last_ms: f64,
    /// The hint of this life, and until when it is shown.
    current: Option<Hint>,
    until_ms: f64,
}

impl HintLine {
    /// For a player who is so far.
    pub fn new(tutorial: Tutorial) -> Self {
        Self { tutorial, last_ms: 0.0, current: None, until_ms: 0.0 }
    }

    /// How far the player is.
    pub fn tutorial(&self) -> &Tutorial {
        &self.tutorial
    }

    /// Whether there is something left to learn.
    pub fn is_in_tutorial(&self) -> bool {
        self.tutorial.hint().is_some()
    }

    /// Takes in a frame. Whether the player learnt something.
    pub fn advance(&mut self, scene: &Scene, now_ms: f64) -> bool {
        let seconds = ((now_ms - self.last_ms) / 1000.0).min(STEP_MAX) as f32;
        self.last_ms = now_ms;
        let has_learnt = self.is_in_tutorial() && self.tutorial.update(scene, seconds);
        // Without embers a boost does nothing.
        let is_possible = |hint: &Hint| *hint != Hint::Boost || scene.hud.embers > 0;
        let hint = self.tutorial.hint().filter(is_possible).filter(|_| scene.hud.life == Life::Alive);
        if core::mem::replace(&mut self.current, hint) != hint {
            self.until_ms = now_ms + SHOWN_MS;
        }
        has_learnt
    }

    /// The hint to show now.
    pub fn hint(&self) -> Option<Hint> {
        self.current.filter(|_| self.last_ms < self.until_ms)
    }
}

/// The text of a hint for a player with these controls.
pub fn text(hint: Hint, controls: ControlScheme, strings: &Strings) -> &'static str {
    match (hint, controls) {
        (Hint::Collect, _) => strings.learn_collect,
        (Hint::Shoot, ControlScheme::Keys) => strings.learn_shoot_keys,
        (Hint::Shoot, ControlScheme::Touch) => strings.learn_shoot_touch,
        (Hint::Shoot, ControlScheme::Gamepad) => strings.learn_shoot_gamepad,
        (Hint::Boost, ControlScheme::Keys) => strings.learn_boost_keys,
        (Hint::Boost, ControlScheme::Touch) => strings.learn_boost_touch,
        (Hint::Boost, ControlScheme::Gamepad) => strings.learn_boost_gamepad,
    }
}

#[cfg(test)]
mod tests {
    use shared::Vec2;

    use super::*;
    use crate::{
        engine::page::language::Language,
        game::{
            scene::{Hud, SceneEvent},
            strings::strings,
        },
    };

    fn scene(life: Life) -> Scene {
        Scene { hud: Hud { life, ..Hud::default() }, ..Scene::default() }
    }

    fn collecting() -> Scene {
        let collected = SceneEvent::EmberCollected { position: Vec2::ZERO, own: true };
        Scene { events: vec![collected; 3], ..scene(Life::Alive) }
    }

    #[test]
    fn a_hint_is_shown_for_a_while_and_again_in_the_next_life() {
        let mut line = HintLine::new(Tutorial::default());
        line.advance(&scene(Life::Alive), 0.0);
        assert_eq!(line.hint(), Some(Hint::Collect));
        line.advance(&scene(Life::Alive), SHOWN_MS + 1.0);
        assert_eq!(line.hint(), None);
        line.advance(&scene(Life::Waiting), SHOWN_MS + 2.0);
        assert_eq!(line.hint(), None, "there is no ship to fly");
        line.advance(&scene(Life::Alive), SHOWN_MS + 3.0);
        assert_eq!(line.hint(), Some(Hint::Collect));
    }

    #[test]
    fn what_was_learnt_brings_the_next_hint_at_once() {
        let mut line = HintLine::new(Tutorial::default());
        assert!(!line.advance(&scene(Life::Alive), 0.0));
        assert!(line.advance(&collecting(), 20_000.0));
        assert_eq!(line.hint(), Some(Hint::Shoot));
    }

    #[test]
    fn boost_is_hinted_at_only_with_embers_to_burn() {
        let with_embers =
            |embers| Scene { hud: Hud { life: Life::Alive, embers, ..Hud::default() }, ..Scene::default() };
        let mut line = HintLine::new(Tutorial::from_text("++-"));
        line.advance(&with_embers(0), 0.0);
        assert_eq!(line.hint(), None);
        line.advance(&with_embers(3), SHOWN_MS + 1.0);
        assert_eq!(line.hint(), Some(Hint::Boost));
        line.advance(&with_embers(0), SHOWN_MS + 2.0);
        assert_eq!(line.hint(), None);
    }

    #[test]
    fn controls_have_hints_of_their_own() {
        let english = strings(Language::English);
        for hint in [Hint::Shoot, Hint::Boost] {
            let texts = [ControlScheme::Keys, ControlScheme::Touch, ControlScheme::Gamepad]
                .map(|controls| text(hint, controls, english));
            assert!(texts[0] != texts[1] && texts[1] != texts[2] && texts[0] != texts[2], "{texts:?}");
        }
    }
}
