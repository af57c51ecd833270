//! Where every ship was in the last quarter of a second: what a shot is flown through that was fired at what its pilot
//! saw. A list of places for each tick, by pilot number, written once a tick from one end to the other.

use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{ids::Tick, limits::REWIND_PARTS},
    game::timing::Timing,
};

/// Nowhere: of a pilot without a ship.
const NOWHERE: Vec2 = Vec2::NAN;

/// The places of the last ticks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct History {
    /// A ring, by tick.
    ticks: Vec<(Tick, Vec<Vec2>)>,
}

impl History {
    /// As long as a rewind may be.
    pub(super) fn new(timing: &Timing) -> Self {
        // One more for each end: a rewind ends between two ticks, and the present one is kept too.
        let length = usize::from(timing.rewind.div_ceil(REWIND_PARTS)) + 2;
        Self { ticks: vec![(Tick(0), Vec::new()); length] }
    }

    /// Notes where the ships are after tick `now`. `places` goes along the pilots' numbers.
    pub(super) fn record(&mut self, now: Tick, places: impl Iterator<Item = Option<Vec2>>) {
        let (tick, list) = self.slot(now);
        *tick = now;
        list.clear();
        list.extend(places.map(|place| place.unwrap_or(NOWHERE)));
    }

    fn slot(&mut self, tick: Tick) -> &mut (Tick, Vec<Vec2>) {
        let length = self.ticks.len();
        &mut self.ticks[tick.0 as usize % length]
    }

    /// A ship is there no more, or another has its number: where it was before is nobody's way here.
    pub(super) fn forget(&mut self, seat: usize) {
        for (_, list) in &mut self.ticks {
            if let Some(place) = list.get_mut(seat) {
                *place = NOWHERE;
            }
        }
    }

    /// Where the ships were after `tick`, by pilot number: nowhere is not a number, which is near nothing. Empty for a tick
    /// that is not known.
    pub(super) fn after(&self, tick: Tick) -> &[Vec2] {
        match self.ticks.get(tick.0 as usize % self.ticks.len()) {
            Some((at, list)) if *at == tick => list,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_a_second_is_remembered_and_no_more() {
        let arena = crate::game::arena_file::load("drift").expect("the arena is embedded");
        let timing = Timing::new(30, &arena.rules);
        let mut history = History::new(&timing);
        for tick in 1..=100 {
            history.record(Tick(tick), [Some(Vec2::splat(tick as f32)), None].into_iter());
        }
        assert_eq!(history.after(Tick(100))[0], Vec2::splat(100.0));
        assert!(history.after(Tick(100))[1].is_nan());
        // 7.5 ticks at 30 Hz, so eight before the present one.
        assert_eq!(history.after(Tick(92))[0], Vec2::splat(92.0));
        assert_eq!(history.after(Tick(80)), &[]);
        assert_eq!(history.after(Tick(101)), &[]);
    }
}
