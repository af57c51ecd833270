//! The own body, ahead of the server (client-side prediction). Inputs are kept until a frame of their tick arrives. Each
//! frame brings the exact state after its tick, and the inputs since are applied to it again by the same [`Game::step_avatar`]
//! that the server uses (reconciliation). So the two agree to the bit while inputs are in time. Where they do not, the
//! error is smoothed out, so that the body never jumps.
//!
//! A game may take items in reach before the server says so: [`View::take_items`]. What the server does not confirm is given back.

use std::collections::VecDeque;

use shared::{
    Vec2,
    engine::{
        body::Motion,
        game_trait::{Game, Input as _},
        ids::Tick,
    },
};

use super::{
    replica::Replica,
    view::{TakenItem, View},
};

/// Inputs kept until they are acknowledged: a second at the highest rate. Older ones are dropped, and the body then is
/// where the server says.
const UNACKED_MAX: usize = 128;
/// An error shrinks to 1/e in this time, so to a fiftieth within 100 ms.
const SMOOTHING_MS: f64 = 25.0;
/// A larger error is no error but another place. The body jumps there.
const SNAP_UNITS: f32 = 200.0;
/// A smaller error is not visible.
const NEGLIGIBLE_UNITS: f32 = 0.01;

/// What a body moves through.
#[derive(Debug)]
pub(crate) struct Surroundings<'a, G: Game> {
    pub(crate) map: &'a G::Map,
    pub(crate) replica: &'a Replica<G>,
}

#[derive(Debug)]
pub(crate) struct Prediction<G: Game> {
    /// In rising order of tick. A tick that was skipped has none.
    unacked: VecDeque<UnackedInput<G::Input>>,
    /// The tick of the last frame.
    acked: Tick,
    /// The input of that tick, or the last one before it.
    last_input: G::Input,
    avatar: Option<G::Avatar>,
    /// Items that the avatar has taken by prediction, and not yet by the server's word.
    taken: Vec<TakenItem<G>>,
    /// Shown position minus predicted position, at `offset_ms`.
    offset: Vec2,
    offset_ms: f64,
}

#[derive(Clone, Copy, Debug)]
struct UnackedInput<I> {
    tick: Tick,
    input: I,
    made_ms: f64,
}

/// What a frame meant for the prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Reconciled {
    /// How long ago the input of this tick was made, if there was one.
    pub(crate) input_to_ack_ms: Option<f64>,
    /// Distance between the earlier and the present prediction; `None` if one is missing.
    pub(crate) error: Option<f32>,
}

impl<G: Game> Default for Prediction<G> {
    fn default() -> Self {
        Self {
            unacked: VecDeque::new(),
            acked: Tick::default(),
            last_input: G::Input::default(),
            avatar: None,
            taken: Vec::new(),
            offset: Vec2::ZERO,
            offset_ms: 0.0,
        }
    }
}

impl<G: Game> Prediction<G> {
    /// Predicts one own tick. Returns what the avatar did in it, and how many of [`Self::taken`] are new.
    pub(crate) fn predict<V: View<Game = G>>(
        &mut self,
        tick: Tick,
        input: G::Input,
        now_ms: f64,
        around: &Surroundings<'_, G>,
    ) -> (G::Outcome, usize) {
        if tick <= self.acked {
            return Default::default();
        }
        if self.unacked.len() == UNACKED_MAX {
            self.unacked.pop_front();
        }
        self.unacked.push_back(UnackedInput { tick, input, made_ms: now_ms });
        let Some(avatar) = &mut self.avatar else { return Default::default() };
        let before = self.taken.len();
        let outcome = step::<V>(avatar, &mut self.taken, input, around);
        (outcome, self.taken.len() - before)
    }

    /// Takes a frame: the exact state after its tick, with the cells as they were then.
    pub(crate) fn reconcile<V: View<Game = G>>(
        &mut self,
        tick: Tick,
        own: Option<G::Avatar>,
        now_ms: f64,
        around: &Surroundings<'_, G>,
    ) -> Reconciled {
        let mut reconciled = Reconciled::default();
        self.acked = tick;
        while let Some(acked) = self.unacked.pop_front_if(|unacked| unacked.tick <= tick) {
            self.last_input = acked.input;
            reconciled.input_to_ack_ms = (acked.tick == tick).then_some(now_ms - acked.made_ms);
        }
        self.taken.clear();
        let Some(mut avatar) = own else {
            self.avatar = None;
            self.offset = Vec2::ZERO;
            return reconciled;
        };
        let (mut at, mut input) = (tick, self.last_input);
        for unacked in &self.unacked {
            // In a tick without an input the server repeats the last one.
            while at.after(1) < unacked.tick {
                at = at.after(1);
                step::<V>(&mut avatar, &mut self.taken, input, around);
            }
            (at, input) = (unacked.tick, unacked.input);
            step::<V>(&mut avatar, &mut self.taken, input, around);
        }
        if let Some(before) = self.position() {
            let error = before - G::motion(&avatar).position;
            reconciled.error = Some(libm::sqrtf(error.length_squared()));
            self.offset = self.offset_at(now_ms) + error;
            self.offset_ms = now_ms;
            if self.offset.length_squared() > SNAP_UNITS * SNAP_UNITS {
                self.offset = Vec2::ZERO;
            }
        }
        self.avatar = Some(avatar);
        reconciled
    }

    /// Shows the body at `position` for now, and moves it smoothly to where it is predicted.
    pub(crate) fn smooth_from(&mut self, position: Vec2, now_ms: f64) {
        if let Some(predicted) = self.position() {
            self.offset = self.offset_at(now_ms) + position - predicted;
            self.offset_ms = now_ms;
        }
    }

    /// The avatar gets no inputs until further notice: earlier ones were acknowledged or are lost.
    pub(crate) fn pause(&mut self) {
        self.unacked.clear();
        self.last_input = self.last_input.released();
    }

    fn offset_at(&self, now_ms: f64) -> Vec2 {
        if self.offset == Vec2::ZERO {
            return Vec2::ZERO;
        }
        let left = self.offset * libm::exp((self.offset_ms - now_ms).min(0.0) / SMOOTHING_MS) as f32;
        if left.length_squared() < NEGLIGIBLE_UNITS * NEGLIGIBLE_UNITS { Vec2::ZERO } else { left }
    }

    /// The exact state after the last own tick.
    pub(crate) fn avatar(&self) -> Option<&G::Avatar> {
        self.avatar.as_ref()
    }

    /// Where it is then.
    pub(crate) fn position(&self) -> Option<Vec2> {
        self.avatar.as_ref().map(|avatar| G::motion(avatar).position)
    }

    /// Items that the avatar has taken by prediction only, and their cells.
    pub(crate) fn taken(&self) -> &[TakenItem<G>] {
        &self.taken
    }

    /// How the body is to be shown, `since_tick` seconds after the last own tick: moved on with the present input, so
    /// that it reacts in the next frame on the screen and not in the next tick.
    pub(crate) fn shown(
        &self,
        now_ms: f64,
        input: G::Input,
        since_tick: f32,
        map: &G::Map,
    ) -> Option<Motion> {
        let mut motion = G::glide(self.avatar.as_ref()?, input, since_tick, map);
        motion.position += self.offset_at(now_ms);
        Some(motion)
    }
}

/// One tick of the avatar, and what is in reach after it.
fn step<V: View>(
    avatar: &mut <V::Game as Game>::Avatar,
    taken: &mut Vec<TakenItem<V::Game>>,
    input: <V::Game as Game>::Input,
    around: &Surroundings<'_, V::Game>,
) -> <V::Game as Game>::Outcome {
    let outcome = V::Game::step_avatar(avatar, input, around.map);
    V::take_items(avatar, around.map, around.replica, taken);
    outcome
}

#[cfg(test)]
mod tests;
