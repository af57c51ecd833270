//! The own ship, ahead of the server. Inputs that the server has not answered are kept; each frame brings the
//! exact state after the last one it answered, and the rest is flown again from there by the same
//! [`movement::step`] that the server uses. So on a clean link the two agree to the bit, and where they do not the
//! difference is shown to melt away, never to jump.

use std::collections::VecDeque;

use shared::{
    Vec2,
    ids::InputSeq,
    input::PlayerInput,
    movement::{self, Motion},
    protocol::PilotState,
    terrain::Terrain,
};

/// Inputs kept until they are answered: a second at the fastest tick. Older ones are given up, and the ship then
/// is where the server says.
pub(super) const UNACKED_MAX: usize = 128;
/// A difference shrinks to 1/e in this time, so to a fiftieth within 100 ms.
const BLEND_MS: f64 = 25.0;
/// A larger difference is not an error but another place: it is jumped to.
const SNAP_UNITS: f32 = 200.0;
/// A difference nobody can see.
const NOTHING_UNITS: f32 = 0.01;

#[derive(Debug, Default)]
pub(super) struct Prediction {
    unacked: VecDeque<Sent>,
    ship: Option<Predicted>,
    /// What is shown minus what is predicted, at `blend_from_ms`.
    blend: Vec2,
    blend_from_ms: f64,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    seq: InputSeq,
    input: PlayerInput,
    made_ms: f64,
}

#[derive(Clone, Copy, Debug)]
struct Predicted {
    motion: Motion,
    /// As the last frame said. They change the hull, but rarely, and who gathers what only the server knows.
    embers: u32,
}

impl Predicted {
    fn step(&mut self, input: PlayerInput, terrain: &Terrain, dt: f32) {
        let hull = terrain.arena().rules.hull(self.embers);
        let boosting = input.boosts() && self.embers > 0;
        movement::step(&mut self.motion, input, hull, boosting, terrain, dt);
    }
}

/// What a frame's answer came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// From making the newest input that is answered to now, if it was not answered before.
    pub(super) input_to_ack_ms: Option<f64>,
    /// Distance between what was predicted and what is now.
    pub(super) error: f32,
}

impl Prediction {
    /// Flies one own tick.
    pub(super) fn tick(
        &mut self,
        seq: InputSeq,
        input: PlayerInput,
        now_ms: f64,
        terrain: &Terrain,
        dt: f32,
    ) {
        if self.unacked.len() == UNACKED_MAX {
            self.unacked.pop_front();
        }
        self.unacked.push_back(Sent { seq, input, made_ms: now_ms });
        if let Some(ship) = &mut self.ship {
            ship.step(input, terrain, dt);
        }
    }

    /// Takes a frame's answer: the exact state after input `acked`.
    pub(super) fn reconcile(
        &mut self,
        acked: InputSeq,
        pilot: &PilotState,
        now_ms: f64,
        terrain: &Terrain,
        dt: f32,
    ) -> Answer {
        let mut answer = Answer::default();
        while let Some(sent) = self.unacked.pop_front_if(|sent| sent.seq <= acked) {
            answer.input_to_ack_ms = Some(now_ms - sent.made_ms);
        }
        let PilotState::Alive(own) = pilot else {
            self.ship = None;
            self.blend = Vec2::ZERO;
            return answer;
        };
        let mut ship = Predicted { motion: own.motion, embers: own.embers };
        for sent in &self.unacked {
            ship.step(sent.input, terrain, dt);
        }
        if let Some(before) = self.ship {
            let shift = before.motion.position - ship.motion.position;
            answer.error = libm::sqrtf(shift.length_squared());
            self.blend = self.blend_at(now_ms) + shift;
            self.blend_from_ms = now_ms;
            if self.blend.length_squared() > SNAP_UNITS * SNAP_UNITS {
                self.blend = Vec2::ZERO;
            }
        }
        self.ship = Some(ship);
        answer
    }

    fn blend_at(&self, now_ms: f64) -> Vec2 {
        if self.blend == Vec2::ZERO {
            return Vec2::ZERO;
        }
        let left = self.blend * libm::exp((self.blend_from_ms - now_ms).min(0.0) / BLEND_MS) as f32;
        if left.length_squared() < NOTHING_UNITS * NOTHING_UNITS { Vec2::ZERO } else { left }
    }

    /// Where the ship is after the last own tick, exactly.
    pub(super) fn motion(&self) -> Option<Motion> {
        self.ship.map(|ship| ship.motion)
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
        let mut ship = self.ship?;
        ship.step(input, terrain, part_seconds);
        ship.motion.position += self.blend_at(now_ms);
        Some(ship.motion)
    }
}

#[cfg(test)]
mod tests;
