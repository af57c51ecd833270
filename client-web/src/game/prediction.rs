//! The own ship, ahead of the server (client-side prediction). Inputs are kept until a frame of their tick arrives. Each
//! frame brings the exact state after its tick, and the inputs since are applied to it again by the same [`Flight::step`]
//! that the server uses (reconciliation). So the two agree to the bit while inputs are in time. Where they do not, the
//! error is smoothed out, so that the ship never jumps.
//!
//! Embers in reach are collected before the server says so. An ember that another ship was nearer to is given back.

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{
        body::Motion,
        ids::{CellIndex, Tick},
        input::PlayerInput,
    },
    game::{
        ember::PlacedEmber,
        flight::{Collected, Flight, PICKUP_RADIUS, StepOutcome},
        movement,
        protocol::OwnShip,
        terrain::Terrain,
        timing::Timing,
    },
};

use super::replica::Replica;

/// Inputs kept until they are acknowledged: a second at the highest rate. Older ones are dropped, and the ship then is
/// where the server says.
pub(super) const UNACKED_MAX: usize = 128;
/// An error shrinks to 1/e in this time, so to a fiftieth within 100 ms.
const SMOOTHING_MS: f64 = 25.0;
/// A larger error is no error but another place. The ship jumps there.
pub(super) const SNAP_UNITS: f32 = 200.0;
/// A smaller error is not visible.
const NEGLIGIBLE_UNITS: f32 = 0.01;

/// What a ship flies through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) terrain: &'a Terrain,
    pub(super) timing: &'a Timing,
    pub(super) replica: &'a Replica,
}

#[derive(Debug, Default)]
pub(super) struct Prediction {
    /// In rising order of tick. A tick that was skipped has none.
    unacked: VecDeque<UnackedInput>,
    /// The tick of the last frame.
    acked: Tick,
    /// The input of that tick, or the last one before it.
    last_input: PlayerInput,
    ship: Option<Flight>,
    /// Embers that the ship has collected by prediction, and not yet by the server's word.
    collected: Vec<(CellIndex, PlacedEmber)>,
    /// Shown position minus predicted position, at `offset_ms`.
    offset: Vec2,
    offset_ms: f64,
}

#[derive(Clone, Copy, Debug)]
struct UnackedInput {
    tick: Tick,
    input: PlayerInput,
    made_ms: f64,
}

/// What a frame meant for the prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Reconciled {
    /// How long ago the input of this tick was made, if there was one.
    pub(super) input_to_ack_ms: Option<f64>,
    /// Distance between the earlier and the present prediction; `None` if one is missing.
    pub(super) error: Option<f32>,
}

impl Prediction {
    /// Predicts one own tick. Returns what the ship did in it, and how many of [`Self::collected`] are new.
    pub(super) fn predict(
        &mut self,
        tick: Tick,
        input: PlayerInput,
        now_ms: f64,
        around: Surroundings<'_>,
    ) -> (StepOutcome, usize) {
        if tick <= self.acked {
            return Default::default();
        }
        if self.unacked.len() == UNACKED_MAX {
            self.unacked.pop_front();
        }
        self.unacked.push_back(UnackedInput { tick, input, made_ms: now_ms });
        let Some(ship) = &mut self.ship else { return Default::default() };
        let before = self.collected.len();
        let outcome = step(ship, &mut self.collected, input, around);
        (outcome, self.collected.len() - before)
    }

    /// Takes a frame: the exact state after its tick, with the cells as they were then.
    pub(super) fn reconcile(
        &mut self,
        tick: Tick,
        own: Option<&OwnShip>,
        now_ms: f64,
        around: Surroundings<'_>,
    ) -> Reconciled {
        let mut reconciled = Reconciled::default();
        self.acked = tick;
        while let Some(acked) = self.unacked.pop_front_if(|unacked| unacked.tick <= tick) {
            self.last_input = acked.input;
            reconciled.input_to_ack_ms = (acked.tick == tick).then_some(now_ms - acked.made_ms);
        }
        self.collected.clear();
        let Some(own) = own else {
            self.ship = None;
            self.offset = Vec2::ZERO;
            return reconciled;
        };
        let mut ship = own.flight();
        let (mut at, mut input) = (tick, self.last_input);
        for unacked in &self.unacked {
            // In a tick without an input the server repeats the last one.
            while at.after(1) < unacked.tick {
                at = at.after(1);
                step(&mut ship, &mut self.collected, input, around);
            }
            (at, input) = (unacked.tick, unacked.input);
            step(&mut ship, &mut self.collected, input, around);
        }
        if let Some(before) = self.ship {
            let error = before.motion.position - ship.motion.position;
            reconciled.error = Some(libm::sqrtf(error.length_squared()));
            self.offset = self.offset_at(now_ms) + error;
            self.offset_ms = now_ms;
            if self.offset.length_squared() > SNAP_UNITS * SNAP_UNITS {
                self.offset = Vec2::ZERO;
            }
        }
        self.ship = Some(ship);
        reconciled
    }

    /// Shows the ship at `position` for now, and moves it smoothly to where it is predicted.
    pub(super) fn smooth_from(&mut self, position: Vec2, now_ms: f64) {
        if let Some(ship) = &self.ship {
            self.offset = self.offset_at(now_ms) + position - ship.motion.position;
            self.offset_ms = now_ms;
        }
    }

    /// The ship is not steered until further notice: earlier inputs were acknowledged or are lost.
    pub(super) fn pause(&mut self) {
        self.unacked.clear();
        self.last_input.buttons = Default::default();
    }

    fn offset_at(&self, now_ms: f64) -> Vec2 {
        if self.offset == Vec2::ZERO {
            return Vec2::ZERO;
        }
        let left = self.offset * libm::exp((self.offset_ms - now_ms).min(0.0) / SMOOTHING_MS) as f32;
        if left.length_squared() < NEGLIGIBLE_UNITS * NEGLIGIBLE_UNITS { Vec2::ZERO } else { left }
    }

    /// The exact state after the last own tick.
    pub(super) fn ship(&self) -> Option<&Flight> {
        self.ship.as_ref()
    }

    /// Embers that the ship has collected by prediction only, and their cells.
    pub(super) fn collected(&self) -> &[(CellIndex, PlacedEmber)] {
        &self.collected
    }

    /// How the ship is to be shown, `since_tick` seconds after the last own tick: moved on with the present input, so
    /// that it reacts in the next frame and not in the next tick.
    pub(super) fn shown(
        &self,
        now_ms: f64,
        input: PlayerInput,
        since_tick: f32,
        terrain: &Terrain,
    ) -> Option<Motion> {
        let ship = self.ship.as_ref()?;
        let mut motion = ship.motion;
        let hull = terrain.arena().rules.hull(ship.embers);
        let boosts = input.boosts() && ship.embers > 0;
        movement::step(&mut motion, input, hull, boosts, terrain, since_tick);
        motion.position += self.offset_at(now_ms);
        Some(motion)
    }
}

/// One tick of flight, and what is in reach after it.
fn step(
    ship: &mut Flight,
    collected: &mut Vec<(CellIndex, PlacedEmber)>,
    input: PlayerInput,
    around: Surroundings<'_>,
) -> StepOutcome {
    let outcome = ship.step(input, around.terrain, around.timing);
    let (grid, rules) = (around.terrain.grid(), &around.terrain.arena().rules);
    // The ship grows by what it collects, but only after it has collected all of this tick.
    let (before, mut new) = (*ship, Collected::default());
    let reach = before.reach(rules).max(rules.hull(before.embers).radius + PICKUP_RADIUS);
    for (cell, ember) in around.replica.embers_around(before.motion.position, reach) {
        if before.takes(ember.item, ember.place(cell, grid), rules) && !collected.contains(&(cell, ember)) {
            collected.push((cell, ember));
            new.add(ember.item);
        }
    }
    ship.collect(new, around.timing);
    outcome
}

#[cfg(test)]
mod tests;
