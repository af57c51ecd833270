//! What happens at a moment: told to the scene when that moment is shown. What concerns this player is told at
//! once, what others do is told when the others are shown doing it. Also embers on their way to a ship.

use std::collections::VecDeque;

use shared::{Vec2, engine::ids::PlayerId};

use super::scene::{SceneEmber, SceneEvent};

/// Events that may wait to be told. A page in the background tells none, so the oldest give way.
const EVENTS_MAX: usize = 512;
/// Embers in flight; more are gathered without one.
const FLYING_MAX: usize = 512;
/// How long an ember flies.
const FLIGHT_MS: f64 = 150.0;

/// What happened, before it is known where to show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Happening {
    /// Known in full.
    Plain(SceneEvent),
    /// A shot met a ship, which is shown wherever it is by then.
    Hit { ship: PlayerId, heading: Vec2, by_own: bool },
}

/// An ember that flies to a ship.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered {
    pub(super) from: Vec2,
    pub(super) value: u8,
    pub(super) phase: f32,
    pub(super) by: PlayerId,
    /// When it was taken, in the server time at which its ship is shown.
    pub(super) began_ms: f64,
}

#[derive(Debug, Default)]
pub(super) struct Effects {
    /// In rising order of time.
    waiting: VecDeque<(f64, Happening)>,
    ready: Vec<SceneEvent>,
    flying: Vec<Gathered>,
}

impl Effects {
    /// To be told when others are shown at `due_ms`.
    pub(super) fn at(&mut self, due_ms: f64, happening: Happening) {
        if self.waiting.len() == EVENTS_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back((due_ms, happening));
    }

    /// To be told with the next scene.
    pub(super) fn now(&mut self, event: SceneEvent) {
        if self.ready.len() < EVENTS_MAX {
            self.ready.push(event);
        }
    }

    /// Takes the next one that waits, if its time has come.
    pub(super) fn take_due(&mut self, shown_ms: f64) -> Option<Happening> {
        self.waiting.pop_front_if(|(due_ms, _)| *due_ms <= shown_ms).map(|(_, happening)| happening)
    }

    pub(super) fn gather(&mut self, gathered: Gathered) {
        if self.flying.len() < FLYING_MAX {
            self.flying.push(gathered);
        }
    }

    /// Lists embers in flight; `ship` says at which time a ship is shown and where.
    pub(super) fn draw_embers(
        &mut self,
        me: PlayerId,
        ship: impl Fn(PlayerId) -> (f64, Option<Vec2>),
        out: &mut Vec<SceneEmber>,
    ) {
        let Self { ready, flying, .. } = self;
        flying.retain(|ember| {
            let (now_ms, place) = ship(ember.by);
            let part = ((now_ms - ember.began_ms) / FLIGHT_MS).max(0.0) as f32;
            // A ship that is gone leaves its embers nowhere to fly to.
            let Some(place) = place else { return part == 0.0 };
            if part >= 1.0 {
                if ready.len() < EVENTS_MAX {
                    ready.push(SceneEvent::EmberGathered { position: place, own: ember.by == me });
                }
                return false;
            }
            out.push(SceneEmber {
                // Faster and faster, as if pulled.
                position: ember.from.lerp(place, part * part),
                value: ember.value,
                phase: ember.phase,
            });
            true
        });
    }

    /// Controls over what is to be told.
    pub(super) fn tell(&mut self, out: &mut Vec<SceneEvent>) {
        out.append(&mut self.ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRUCK: SceneEvent = SceneEvent::ShotStruck { position: Vec2::ZERO };

    #[test]
    fn events_wait_for_their_moment_and_are_bounded() {
        let mut effects = Effects::default();
        for ms in 0..2000 {
            effects.at(f64::from(ms), Happening::Plain(STRUCK));
            effects.now(STRUCK);
        }
        assert_eq!(effects.take_due(1000.0), None);
        assert!(effects.take_due(1999.0).is_some());
        let mut told = Vec::new();
        effects.tell(&mut told);
        assert_eq!(told.len(), EVENTS_MAX);
    }

    #[test]
    fn an_ember_flies_to_its_ship_and_is_gathered() {
        let mut effects = Effects::default();
        let (me, ship) = (PlayerId(1), Vec2::new(100.0, 0.0));
        effects.gather(Gathered { from: Vec2::ZERO, value: 3, phase: 0.5, by: me, began_ms: 1000.0 });
        let mut draw = |ms| {
            let (mut embers, mut told) = (Vec::new(), Vec::new());
            effects.draw_embers(me, |_| (ms, Some(ship)), &mut embers);
            effects.tell(&mut told);
            (embers, told)
        };
        assert_eq!(draw(900.0).0[0].position, Vec2::ZERO);
        assert_eq!(draw(1075.0).0[0].position, ship * 0.25);
        assert_eq!(draw(1150.0), (Vec::new(), vec![SceneEvent::EmberGathered { position: ship, own: true }]));
    }
}
