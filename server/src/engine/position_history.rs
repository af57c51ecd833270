//! Lag-compensation history: where every body was in the last fraction of a second, so that what a player does is tested
//! against the positions that it saw.
//!
//! One list of positions per tick, indexed by `PlayerId`, so that a tick is written in one pass over memory.

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        ids::{PlayerId, Tick},
        limits::{PLAYERS_MAX, REWIND_PARTS},
    },
};

use crate::engine::checked::{Broken, bounded, ensure};

/// The position of a player without a body. Comparisons with it are false, so it is near nothing.
const NOWHERE: Vec2 = Vec2::NAN;

/// More ticks than are held at the fastest rate.
const TICKS_MAX: usize = 64;

/// Whether a place is inside an arena of `size`, or less than `margin` outside. False for NaN.
pub fn is_inside(place: Vec2, size: Vec2, margin: f32) -> bool {
    place.cmpge(Vec2::splat(-margin)).all() && place.cmple(size + margin).all()
}

/// Positions of the last ticks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PositionHistory {
    /// A ring: tick T is at T modulo its length.
    #[serde(deserialize_with = "bounded::<_, _, TICKS_MAX>")]
    ticks: Vec<(Tick, Vec<Vec2>)>,
}

impl PositionHistory {
    /// Holds as many ticks as the longest rewind needs, which is given in 1/[`REWIND_PARTS`] of a tick.
    pub fn new(rewind: u16) -> Self {
        // Two more: a rewind can start between two ticks, and the present tick is kept too.
        let length = usize::from(rewind.div_ceil(REWIND_PARTS)) + 2;
        Self { ticks: vec![(Tick(0), Vec::new()); length] }
    }

    /// Checks a history that was read from a file, which is to be like `empty`, in an arena of `size`.
    pub fn check(&self, empty: &Self, size: Vec2) -> Result<(), Broken> {
        let (held, length) = (self.ticks.len(), empty.ticks.len());
        ensure(held == length, || format!("a history of {held} ticks and not {length}"))?;
        let is_known = |place: &Vec2| place.is_nan() || is_inside(*place, size, 0.0);
        let is_valid =
            self.ticks.iter().all(|(_, list)| list.len() <= PLAYERS_MAX && list.iter().all(is_known));
        ensure(is_valid, || "its history has a place outside the arena".to_owned())
    }

    /// Stores the positions after tick `now`, one for each `PlayerId` from 0 on.
    pub fn record(&mut self, now: Tick, positions: impl Iterator<Item = Option<Vec2>>) {
        let length = self.ticks.len();
        let (tick, list) = &mut self.ticks[now.0 as usize % length];
        *tick = now;
        list.clear();
        list.extend(positions.map(|position| position.unwrap_or(NOWHERE)));
    }

    /// Removes a body that is gone, so that nothing meets it where it was.
    pub fn forget(&mut self, player: PlayerId) {
        for (_, list) in &mut self.ticks {
            if let Some(position) = list.get_mut(usize::from(player.0)) {
                *position = NOWHERE;
            }
        }
    }

    /// The positions after `tick`, by `PlayerId`; NaN for a player without a body. Empty for a tick that is not held.
    pub fn positions(&self, tick: Tick) -> &[Vec2] {
        match self.ticks.get(tick.0 as usize % self.ticks.len()) {
            Some((at, list)) if *at == tick => list,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven ticks and a half.
    const REWIND: u16 = 15 * REWIND_PARTS / 2;

    #[test]
    fn history_holds_as_much_as_the_longest_rewind() {
        let mut history = PositionHistory::new(REWIND);
        for tick in 1..=100 {
            history.record(Tick(tick), [Some(Vec2::splat(tick as f32)), None].into_iter());
        }
        assert_eq!(history.positions(Tick(100))[0], Vec2::splat(100.0));
        assert!(history.positions(Tick(100))[1].is_nan());
        // Eight before the present one.
        assert_eq!(history.positions(Tick(92))[0], Vec2::splat(92.0));
        assert_eq!(history.positions(Tick(80)), &[]);
        assert_eq!(history.positions(Tick(101)), &[]);
    }

    #[test]
    fn forgotten_body_is_nowhere_in_all_ticks() {
        let mut history = PositionHistory::new(REWIND);
        for tick in 1..=5 {
            history.record(Tick(tick), [Some(Vec2::ZERO), Some(Vec2::ONE)].into_iter());
        }
        history.forget(PlayerId(1));
        for tick in 1..=5 {
            assert_eq!(history.positions(Tick(tick))[0], Vec2::ZERO);
            assert!(history.positions(Tick(tick))[1].is_nan());
        }
    }
}
