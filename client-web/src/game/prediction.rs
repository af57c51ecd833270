//! The own ship, ahead of the server. Inputs are kept until a frame of their tick comes; each frame brings the exact
//! state after its tick, and the rest is flown again from there by the same [`Flight::step`] that the server uses. So
//! while inputs are in time the two agree to the bit, and where they do not the difference is shown to melt away,
//! never to jump.
//!
//! Embers in reach are gathered before the server says so, too. What somebody else was nearer to comes back.

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{
        ids::{CellIndex, Tick},
        input::PlayerInput,
    },
    game::{
        ember::Ember,
        flight::{Collected, Flight, PICKUP_RADIUS, StepOutcome},
        movement::{self, Motion},
        protocol::PilotState,
        terrain::Terrain,
        timing::Timing,
    },
};

use super::replica::Replica;

/// Inputs kept until they are answered: a second at the fastest tick. Older ones are given up, and the ship then
/// is where the server says.
pub(super) const UNANSWERED_MAX: usize = 128;
/// A difference shrinks to 1/e in this time, so to a fiftieth within 100 ms.
const BLEND_MS: f64 = 25.0;
/// A larger difference is not an error but another place: it is jumped to.
pub(super) const SNAP_UNITS: f32 = 200.0;
/// A difference nobody can see.
const NOTHING_UNITS: f32 = 0.01;

/// Where the ship flies, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) terrain: &'a Terrain,
    pub(super) timing: &'a Timing,
    pub(super) replica: &'a Replica,
}

#[derive(Debug, Default)]
pub(super) struct Prediction {
    /// In rising order of tick, none left out.
    unanswered: VecDeque<Made>,
    /// The tick of the last frame.
    answered: Tick,
    /// What was wanted in it, or last before it.
    last: PlayerInput,
    ship: Option<Flight>,
    /// Embers that the ship is held to have aboard, of which the server has not said so.
    gathered: Vec<(CellIndex, Ember)>,
    /// What is shown minus what is predicted, at `blend_from_ms`.
    blend: Vec2,
    blend_from_ms: f64,
}

#[derive(Clone, Copy, Debug)]
struct Made {
    tick: Tick,
    input: PlayerInput,
    made_ms: f64,
}

/// What a frame's answer came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// From making the input of this tick to now, if there was one.
    pub(super) input_to_ack_ms: Option<f64>,
    /// Distance between what was predicted and what is now; `None` if nothing was.
    pub(super) error: Option<f32>,
}

impl Prediction {
    /// Flies one own tick. What the ship did in it, and how many embers of [`Self::gathered`] are new.
    pub(super) fn tick(
        &mut self,
        tick: Tick,
        input: PlayerInput,
        now_ms: f64,
        field: Field<'_>,
    ) -> (StepOutcome, usize) {
        if tick <= self.answered {
            return Default::default();
        }
        if self.unanswered.len() == UNANSWERED_MAX {
            self.unanswered.pop_front();
        }
        self.unanswered.push_back(Made { tick, input, made_ms: now_ms });
        let Some(ship) = &mut self.ship else { return Default::default() };
        let before = self.gathered.len();
        let outcome = step(ship, &mut self.gathered, input, field);
        (outcome, self.gathered.len() - before)
    }

    /// Takes a frame's answer: the exact state after its tick, with the cells as they were then.
    pub(super) fn reconcile(
        &mut self,
        tick: Tick,
        pilot: &PilotState,
        now_ms: f64,
        field: Field<'_>,
    ) -> Answer {
        let mut answer = Answer::default();
        self.answered = tick;
        while let Some(made) = self.unanswered.pop_front_if(|made| made.tick <= tick) {
            self.last = made.input;
            answer.input_to_ack_ms = (made.tick == tick).then_some(now_ms - made.made_ms);
        }
        self.gathered.clear();
        let PilotState::Alive(own) = pilot else {
            self.ship = None;
            self.blend = Vec2::ZERO;
            return answer;
        };
        let mut ship = own.flight();
        let (mut at, mut input) = (tick, self.last);
        for made in &self.unanswered {
            // Ticks for which no input was made are flown by the server too.
            while at.after(1) < made.tick {
                at = at.after(1);
                step(&mut ship, &mut self.gathered, input, field);
            }
            (at, input) = (made.tick, made.input);
            step(&mut ship, &mut self.gathered, input, field);
        }
        if let Some(before) = self.ship {
            let shift = before.motion.position - ship.motion.position;
            answer.error = Some(libm::sqrtf(shift.length_squared()));
            self.blend = self.blend_at(now_ms) + shift;
            self.blend_from_ms = now_ms;
            if self.blend.length_squared() > SNAP_UNITS * SNAP_UNITS {
                self.blend = Vec2::ZERO;
            }
        }
        self.ship = Some(ship);
        answer
    }

    /// The ship is shown at `before` still, and where it is now soon.
    pub(super) fn melt_from(&mut self, before: Vec2, now_ms: f64) {
        if let Some(ship) = &self.ship {
            self.blend = self.blend_at(now_ms) + before - ship.motion.position;
            self.blend_from_ms = now_ms;
        }
    }

    /// Nobody flies it: what was wanted before is answered or lost.
    pub(super) fn rest(&mut self) {
        self.unanswered.clear();
        self.last.buttons = Default::default();
    }

    fn blend_at(&self, now_ms: f64) -> Vec2 {
        if self.blend == Vec2::ZERO {
            return Vec2::ZERO;
        }
        let left = self.blend * libm::exp((self.blend_from_ms - now_ms).min(0.0) / BLEND_MS) as f32;
        if left.length_squared() < NOTHING_UNITS * NOTHING_UNITS { Vec2::ZERO } else { left }
    }

    /// The ship after the last own tick, exactly.
    pub(super) fn ship(&self) -> Option<&Flight> {
        self.ship.as_ref()
    }

    /// Embers that the ship is held to have gathered and the server has not said so, and their cells.
    pub(super) fn gathered(&self) -> &[(CellIndex, Ember)] {
        &self.gathered
    }

    /// Where the ship is to be shown when `part_seconds` have passed since the last own tick: flown on with the
    /// present input, so that it answers at once and not at the next tick.
    pub(super) fn shown(
        &self,
        now_ms: f64,
        input: PlayerInput,
        part_seconds: f32,
        terrain: &Terrain,
    ) -> Option<Motion> {
        let ship = self.ship.as_ref()?;
        let mut motion = ship.motion;
        let hull = terrain.arena().rules.hull(ship.embers);
        let boosts = input.boosts() && ship.embers > 0;
        movement::step(&mut motion, input, hull, boosts, terrain, part_seconds);
        motion.position += self.blend_at(now_ms);
        Some(motion)
    }
}

/// One tick of flight, and what is in reach after it.
fn step(
    ship: &mut Flight,
    gathered: &mut Vec<(CellIndex, Ember)>,
    input: PlayerInput,
    field: Field<'_>,
) -> StepOutcome {
    let outcome = ship.step(input, field.terrain, field.timing);
    let (grid, rules) = (field.terrain.grid(), &field.terrain.arena().rules);
    // Larger at the end of the tick, but not while it still gathers.
    let (at_hand, mut collected) = (*ship, Collected::default());
    let reach = at_hand.reach(rules).max(rules.hull(at_hand.embers).radius + PICKUP_RADIUS);
    for (cell, ember) in field.replica.embers_around(at_hand.motion.position, reach) {
        if at_hand.takes(ember, ember.place(cell, grid), rules) && !gathered.contains(&(cell, ember)) {
            gathered.push((cell, ember));
            collected.add(ember);
        }
    }
    ship.collect(collected, field.timing);
    outcome
}

#[cfg(test)]
mod tests;
