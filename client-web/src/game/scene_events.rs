//! Events until they are shown. What concerns this player is shown at once; what happens to others is shown at their
//! render time, which is later. Also embers that fly to the ship that collected them.

use std::collections::VecDeque;

use shared::{Vec2, engine::ids::PlayerId};

use super::scene::{SceneEmber, SceneEvent};

/// Events that may wait. A page in the background shows none, so the oldest are dropped.
const EVENTS_MAX: usize = 512;
/// Embers that fly at a time; any further one is collected without it.
const FLYING_MAX: usize = 512;
/// How long an ember flies.
const FLIGHT_MS: f64 = 150.0;

/// An event whose render time has not come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PendingEvent {
    /// It is known in full.
    Known(SceneEvent),
    /// A shot hit a ship. Where that is shown depends on where the ship is by then.
    Hit { ship: PlayerId, heading: Vec2, by_own: bool },
}

/// An ember on its way to the ship that collected it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FlyingEmber {
    pub(super) from: Vec2,
    pub(super) value: u8,
    pub(super) phase: f32,
    pub(super) by: PlayerId,
    /// When it was collected, in the server time at which that ship is shown.
    pub(super) began_ms: f64,
}

#[derive(Debug, Default)]
pub(super) struct EventQueue {
    /// In rising order of time.
    pending: VecDeque<(f64, PendingEvent)>,
    ready: Vec<SceneEvent>,
    flying: Vec<FlyingEmber>,
}

impl EventQueue {
    /// To be shown when render time is `due_ms`.
    pub(super) fn schedule(&mut self, due_ms: f64, event: PendingEvent) {
        if self.pending.len() == EVENTS_MAX {
            self.pending.pop_front();
        }
        self.pending.push_back((due_ms, event));
    }

    /// To be shown with the next scene.
    pub(super) fn push(&mut self, event: SceneEvent) {
        if self.ready.len() < EVENTS_MAX {
            self.ready.push(event);
        }
    }

    /// Takes the next pending event that is due.
    pub(super) fn take_due(&mut self, render_ms: f64) -> Option<PendingEvent> {
        self.pending.pop_front_if(|(due_ms, _)| *due_ms <= render_ms).map(|(_, event)| event)
    }

    pub(super) fn fly(&mut self, ember: FlyingEmber) {
        if self.flying.len() < FLYING_MAX {
            self.flying.push(ember);
        }
    }

    /// Lists the flying embers. `ship` gives the time at which a ship is shown and its position then.
    pub(super) fn draw_embers(
        &mut self,
        me: PlayerId,
        ship: impl Fn(PlayerId) -> (f64, Option<Vec2>),
        out: &mut Vec<SceneEmber>,
    ) {
        let Self { ready, flying, .. } = self;
        flying.retain(|ember| {
            let (now_ms, position) = ship(ember.by);
            let fraction = ((now_ms - ember.began_ms) / FLIGHT_MS).max(0.0) as f32;
            // If the ship is gone, embers that had set out vanish.
            let Some(position) = position else { return fraction == 0.0 };
            if fraction >= 1.0 {
                if ready.len() < EVENTS_MAX {
                    ready.push(SceneEvent::EmberCollected { position, own: ember.by == me });
                }
                return false;
            }
            out.push(SceneEmber {
                // Squared, so that it accelerates.
                position: ember.from.lerp(position, fraction * fraction),
                value: ember.value,
                phase: ember.phase,
            });
            true
        });
    }

    /// Moves the events of this scene to `out`.
    pub(super) fn drain_into(&mut self, out: &mut Vec<SceneEvent>) {
        out.append(&mut self.ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRUCK: SceneEvent = SceneEvent::ShotStruck { position: Vec2::ZERO };

    #[test]
    fn events_wait_for_render_time_and_are_bounded() {
        let mut queue = EventQueue::default();
        for ms in 0..2000 {
            queue.schedule(f64::from(ms), PendingEvent::Known(STRUCK));
            queue.push(STRUCK);
        }
        assert_eq!(queue.take_due(1000.0), None);
        assert!(queue.take_due(1999.0).is_some());
        let mut shown = Vec::new();
        queue.drain_into(&mut shown);
        assert_eq!(shown.len(), EVENTS_MAX);
    }

    #[test]
    fn ember_flies_to_its_ship_and_is_collected() {
        let mut queue = EventQueue::default();
        let (me, ship) = (PlayerId(1), Vec2::new(100.0, 0.0));
        queue.fly(FlyingEmber { from: Vec2::ZERO, value: 3, phase: 0.5, by: me, began_ms: 1000.0 });
        let mut draw = |ms| {
            let (mut embers, mut events) = (Vec::new(), Vec::new());
            queue.draw_embers(me, |_| (ms, Some(ship)), &mut embers);
            queue.drain_into(&mut events);
            (embers, events)
        };
        assert_eq!(draw(900.0).0[0].position, Vec2::ZERO);
        assert_eq!(draw(1075.0).0[0].position, ship * 0.25);
        assert_eq!(
            draw(1150.0),
            (Vec::new(), vec![SceneEvent::EmberCollected { position: ship, own: true }])
        );
    }

    #[test]
    fn ember_vanishes_with_its_ship() {
        let mut queue = EventQueue::default();
        let by = PlayerId(1);
        queue.fly(FlyingEmber { from: Vec2::ZERO, value: 3, phase: 0.5, by, began_ms: 1000.0 });
        let mut embers = Vec::new();
        queue.draw_embers(by, |_| (1010.0, None), &mut embers);
        queue.draw_embers(by, |_| (1020.0, Some(Vec2::ZERO)), &mut embers);
        assert!(embers.is_empty());
    }
}
