//! A pilot's inputs on their way into the simulation. Each is for one tick; one that comes too late for it is lost, and
//! what was wanted before is done once more. So whatever a link does, a ship flies through exactly as many ticks as
//! everyone else's: nothing is made up for, and holding inputs back gains nothing.

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};
use shared::engine::{
    ids::Tick,
    input::{LEAD_NONE, PlayerInput},
};

/// Inputs that may wait: a quarter of a second at the fastest tick. What is for a later tick is refused, because each that
/// waits is a tick of delay, and one that waits for ever is a place lost.
pub const WAITING_MAX: usize = 32;

/// Most that a lead is told as.
const LEAD_MAX: u32 = i8::MAX as u32;

/// One tick's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedInput {
    /// What is wanted.
    pub input: PlayerInput,
    /// How far behind its tick the pilot saw the others, in [`shared::engine::limits::REWIND_PARTS`].
    pub rewind: u16,
}

/// The inputs of one pilot. Those that wait lie in the pilot itself: elsewhere they would be one more cold line of
/// memory for each pilot and tick.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InputQueue {
    /// In rising order of tick.
    waiting: ArrayVec<(Tick, TimedInput), WAITING_MAX>,
    /// The newest tick that an input came for, in time or late; 0 for none.
    newest: Tick,
    /// What is repeated when none comes, and the tick it was for.
    last: (Tick, TimedInput),
    starved_ticks: u32,
}

impl InputQueue {
    /// Takes in an input for a tick, when `now` was the last that was stepped. Tick 0 stands for the next.
    pub fn push(&mut self, tick: Tick, wish: TimedInput, now: Tick) {
        let next = now.after(1);
        let tick = if tick.0 == 0 { next } else { tick };
        // Counted even when it is refused, or its sender would never learn that it is too early.
        self.newest = self.newest.max(tick.min(now.after(LEAD_MAX)));
        if tick.since(now) > WAITING_MAX as u32 {
            return;
        }
        if tick < next {
            // Too late, but still the newest that is known of what is wanted.
            if tick > self.last.0 {
                self.last = (tick, wish);
            }
            return;
        }
        match self.waiting.binary_search_by_key(&tick, |(tick, _)| *tick) {
            Ok(place) => self.waiting[place].1 = wish,
            Err(place) if !self.waiting.is_full() => self.waiting.insert(place, (tick, wish)),
            Err(_) => {}
        }
    }

    /// The input for tick `now`, and whether it came in time. If not: the last once more, for at most `repeat_ticks`, then
    /// hands off the controls, the nose where it was.
    pub fn take(&mut self, now: Tick, repeat_ticks: u32) -> (TimedInput, bool) {
        // Ticks that were skipped leave theirs behind.
        while let Some(&next) = self.waiting.first().filter(|(tick, _)| *tick <= now) {
            self.waiting.remove(0);
            self.last = next;
        }
        let is_fresh = self.last.0 == now;
        if is_fresh {
            self.starved_ticks = 0;
        } else {
            self.starved_ticks = self.starved_ticks.saturating_add(1);
            if self.starved_ticks > repeat_ticks {
                self.last.1.input.buttons = Default::default();
            }
        }
        (self.last.1, is_fresh)
    }

    /// Ticks from `now` to the newest that an input came for, as [`shared::game::protocol::FrameHead::lead`] tells it.
    pub fn lead(&self, now: Tick) -> i8 {
        if self.newest.0 == 0 {
            return LEAD_NONE;
        }
        let ticks = i64::from(self.newest.0) - i64::from(now.0);
        ticks.clamp(i64::from(LEAD_NONE) + 1, i64::from(LEAD_MAX)) as i8
    }

    /// Whether any input ever came.
    pub fn has_begun(&self) -> bool {
        self.newest.0 > 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::engine::{angle::Angle, input::Buttons};

    use super::*;

    fn wish(aim: u16) -> TimedInput {
        TimedInput { input: PlayerInput { buttons: Buttons::FIRE, aim: Angle(aim) }, rewind: 0 }
    }

    #[test]
    fn each_is_taken_in_its_own_tick() {
        let mut queue = InputQueue::default();
        assert_eq!(queue.lead(Tick(100)), LEAD_NONE);
        queue.push(Tick(102), wish(2), Tick(100));
        queue.push(Tick(101), wish(1), Tick(100));
        assert_eq!(queue.lead(Tick(100)), 2);
        assert_eq!(queue.take(Tick(101), 5), (wish(1), true));
        assert_eq!(queue.take(Tick(102), 5), (wish(2), true));
        assert_eq!(queue.take(Tick(103), 5), (wish(2), false));
        assert_eq!(queue.lead(Tick(103)), -1);
    }

    #[test]
    fn what_was_held_back_is_not_made_up_for() {
        let mut queue = InputQueue::default();
        queue.push(Tick(101), wish(1), Tick(100));
        queue.take(Tick(101), 5);
        // Nine ticks without a word, then all of them at once.
        (102..=110).for_each(|tick| assert!(!queue.take(Tick(tick), 5).1));
        (102..=112).for_each(|tick| queue.push(Tick(tick), wish(tick as u16), Tick(110)));
        assert_eq!(queue.take(Tick(111), 5), (wish(111), true));
        assert_eq!(queue.take(Tick(112), 5), (wish(112), true));
        assert_eq!(queue.take(Tick(113), 5), (wish(112), false));
    }

    #[test]
    fn the_newest_that_came_too_late_is_what_is_repeated() {
        let mut queue = InputQueue::default();
        queue.push(Tick(101), wish(1), Tick(100));
        queue.take(Tick(101), 5);
        queue.take(Tick(102), 5);
        queue.push(Tick(102), wish(2), Tick(102));
        assert_eq!(queue.take(Tick(103), 5), (wish(2), false));
    }

    #[test]
    fn a_starved_pilot_holds_on_for_a_while_and_then_lets_go() {
        let mut queue = InputQueue::default();
        queue.push(Tick(0), wish(9), Tick(100));
        assert!(queue.take(Tick(101), 3).1);
        (102..=104).for_each(|tick| assert_eq!(queue.take(Tick(tick), 3), (wish(9), false)));
        let idle = PlayerInput { buttons: Buttons::default(), aim: Angle(9) };
        assert_eq!(queue.take(Tick(105), 3).0.input, idle);
        queue.push(Tick(0), wish(2), Tick(105));
        assert_eq!(queue.take(Tick(106), 3), (wish(2), true));
    }

    #[test]
    fn who_is_too_early_is_told_so() {
        let mut queue = InputQueue::default();
        queue.push(Tick(150), wish(1), Tick(100));
        assert_eq!((queue.lead(Tick(100)), queue.take(Tick(101), 5).1), (50, false));
        queue.push(Tick(u32::MAX), wish(1), Tick(101));
        assert_eq!(queue.lead(Tick(101)), i8::MAX);
        assert!(queue.waiting.is_empty());
    }

    proptest! {
        #[test]
        fn whatever_comes_a_tick_takes_one_and_memory_is_bounded(
            pushes in proptest::collection::vec((any::<u32>(), 0..40_u32), 0..200),
        ) {
            let mut queue = InputQueue::default();
            for (i, (any_tick, near)) in pushes.iter().enumerate() {
                let now = Tick(1000 + i as u32);
                queue.push(Tick(*any_tick), wish(1), now);
                queue.push(Tick(now.0 + near - 20), wish(2), now);
                let expected = queue.waiting.iter().any(|(tick, _)| *tick == now.after(1));
                prop_assert_eq!(queue.take(now.after(1), 3).1, expected);
                prop_assert!(queue.waiting.is_sorted_by(|(a, _), (b, _)| a < b));
            }
        }
    }
}
