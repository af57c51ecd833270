//! What a newcomer is told in its first minutes: three things, one after the other, each until it was done once. It
//! must not know how they are said.

use super::scene::{Scene, SceneEvent};

/// Something to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Fly to embers.
    Gather,
    /// Shoot.
    Shoot,
    /// Boost.
    Boost,
}

impl Hint {
    const ALL: [Self; 3] = [Self::Gather, Self::Shoot, Self::Boost];

    /// How often it is to be done (for boosting: how many seconds), until it is learnt.
    fn enough(self) -> f32 {
        match self {
            Self::Gather => 3.0,
            Self::Shoot => 4.0,
            Self::Boost => 0.4,
        }
    }
}

/// How far a newcomer is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tutorial {
    done: [f32; 3],
}

impl Tutorial {
    /// Takes in a moment, `seconds` after the last. Whether something was learnt by it.
    pub fn watch(&mut self, scene: &Scene, seconds: f32) -> bool {
        let before = self.next();
        for event in &scene.events {
            match event {
                SceneEvent::EmberGathered { own: true, .. } => self.done[Hint::Gather as usize] += 1.0,
                SceneEvent::ShotFired { own: true, .. } => self.done[Hint::Shoot as usize] += 1.0,
                _ => {}
            }
        }
        if scene.ships.iter().any(|ship| ship.own && ship.boosting) {
            self.done[Hint::Boost as usize] += seconds;
        }
        self.next() != before
    }

    /// What there is to be told now.
    pub fn next(&self) -> Option<Hint> {
        Hint::ALL.into_iter().find(|hint| self.done[*hint as usize] < hint.enough())
    }

    /// As text, to be kept: what is learnt already.
    pub fn to_text(&self) -> String {
        Hint::ALL
            .map(|hint| if self.done[hint as usize] < hint.enough() { '-' } else { '+' })
            .iter()
            .collect()
    }

    /// From text; whatever is not understood is to be learnt still.
    pub fn of_text(text: &str) -> Self {
        let mut tutorial = Self::default();
        for (hint, sign) in Hint::ALL.into_iter().zip(text.chars()) {
            if sign == '+' {
                tutorial.done[hint as usize] = hint.enough();
            }
        }
        tutorial
    }
}

#[cfg(test)]
mod tests {
    use shared::Vec2;

    use super::*;

    fn moment(event: SceneEvent) -> Scene {
        Scene { events: vec![event], ..Scene::default() }
    }

    #[test]
    fn a_lesson_ends_when_it_is_done_and_is_not_told_again() {
        let mut tutorial = Tutorial::default();
        let gather = |own| moment(SceneEvent::EmberGathered { position: Vec2::ZERO, own });
        (0..9).for_each(|_| assert!(!tutorial.watch(&gather(false), 0.1), "others are not the newcomer"));
        let learnt: Vec<bool> = (0..4).map(|_| tutorial.watch(&gather(true), 0.1)).collect();
        assert_eq!(learnt, [false, false, true, false]);
        assert_eq!(tutorial.next(), Some(Hint::Shoot));
        let shot = moment(SceneEvent::ShotFired { position: Vec2::ZERO, own: true });
        assert_eq!((0..4).filter(|_| tutorial.watch(&shot, 0.1)).count(), 1);
        assert_eq!(tutorial.to_text(), "++-");
        assert_eq!(Tutorial::of_text("++-").next(), Some(Hint::Boost));
        assert_eq!(Tutorial::of_text("+++").next(), None);
        assert_eq!(Tutorial::of_text("").next(), Some(Hint::Gather));
    }
}
