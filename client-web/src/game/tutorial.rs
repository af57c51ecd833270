//! The tutorial of a new player: three hints, one after the other, each shown until its action was done.
//!
//! Progress is stored as a sign for each hint, `+` or `-`: three characters need no library.

use super::scene::{Scene, SceneEvent};

/// A hint for a new player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Collect embers.
    Collect,
    /// Shoot.
    Shoot,
    /// Boost.
    Boost,
}

impl Hint {
    const ALL: [Self; 3] = [Self::Collect, Self::Shoot, Self::Boost];

    /// How often its action must be done; for boosting, how many seconds.
    fn goal(self) -> f32 {
        match self {
            Self::Collect => 3.0,
            Self::Shoot => 4.0,
            Self::Boost => 0.4,
        }
    }
}

/// How far the player is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tutorial {
    /// How much of each hint's action was done.
    progress: [f32; 3],
}

impl Tutorial {
    /// Takes in a scene, `seconds` after the last one. Returns whether a hint was completed.
    pub fn update(&mut self, scene: &Scene, seconds: f32) -> bool {
        let before = self.hint();
        for event in &scene.events {
            match event {
                SceneEvent::EmberCollected { own: true, .. } => self.progress[Hint::Collect as usize] += 1.0,
                SceneEvent::ShotFired { own: true, .. } => self.progress[Hint::Shoot as usize] += 1.0,
                _ => {}
            }
        }
        if scene.ships.iter().any(|ship| ship.own && ship.status.boosting()) {
            self.progress[Hint::Boost as usize] += seconds;
        }
        self.hint() != before
    }

    /// The hint to show; `None` when the tutorial is over.
    pub fn hint(&self) -> Option<Hint> {
        Hint::ALL.into_iter().find(|hint| !self.is_done(*hint))
    }

    fn is_done(&self, hint: Hint) -> bool {
        self.progress[hint as usize] >= hint.goal()
    }

    /// The text to store.
    pub fn to_text(&self) -> String {
        Hint::ALL.iter().map(|hint| if self.is_done(*hint) { '+' } else { '-' }).collect()
    }

    /// Progress from a stored text. What is not understood is not done.
    pub fn from_text(text: &str) -> Self {
        let mut tutorial = Self::default();
        for (hint, sign) in Hint::ALL.into_iter().zip(text.chars()) {
            if sign == '+' {
                tutorial.progress[hint as usize] = hint.goal();
            }
        }
        tutorial
    }
}

#[cfg(test)]
mod tests {
    use shared::Vec2;

    use super::*;

    fn scene(event: SceneEvent) -> Scene {
        Scene { events: vec![event], ..Scene::default() }
    }

    #[test]
    fn hint_is_completed_by_the_own_ships_actions() {
        let mut tutorial = Tutorial::default();
        let collected = |own| scene(SceneEvent::EmberCollected { position: Vec2::ZERO, own });
        (0..9).for_each(|_| assert!(!tutorial.update(&collected(false), 0.1), "another ship's"));
        let completed: Vec<bool> = (0..4).map(|_| tutorial.update(&collected(true), 0.1)).collect();
        assert_eq!(completed, [false, false, true, false]);
        assert_eq!(tutorial.hint(), Some(Hint::Shoot));
        let shot = scene(SceneEvent::ShotFired { position: Vec2::ZERO, own: true });
        assert_eq!((0..4).filter(|_| tutorial.update(&shot, 0.1)).count(), 1);
        assert_eq!(tutorial.to_text(), "++-");
    }

    #[test]
    fn stored_progress_is_read_back() {
        assert_eq!(Tutorial::from_text("++-").hint(), Some(Hint::Boost));
        assert_eq!(Tutorial::from_text("+++").hint(), None);
        assert_eq!(Tutorial::from_text("").hint(), Some(Hint::Collect));
    }
}
