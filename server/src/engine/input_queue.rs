//! A player's inputs on their way into the simulation. Each is for one tick. One that arrives after its tick is not made up
//! for: the input before it is repeated. So whatever a connection does, a body is moved in exactly as many ticks as any
//! other, and holding inputs back gains nothing.

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};
use shared::engine::{game_trait::Input, ids::Tick, limits::LEAD_NONE};

/// Inputs that can wait: a quarter of a second at the fastest tick rate. An input for a later tick is dropped, because each
/// one that waits is a tick of delay, and one that waits for ever takes a place.
pub const WAITING_MAX: usize = 32;

/// Upper bound of the lead that is reported to a client, in ticks.
const LEAD_MAX: u32 = i8::MAX as u32;

/// One tick's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct TimedInput<I: Input> {
    /// The tick it is for; 0 for the next.
    pub tick: Tick,
    /// What its player wants.
    pub input: I,
    /// How far before `tick` the others were that the player saw, in [`shared::engine::limits::REWIND_PARTS`] of a tick.
    /// Not checked here.
    pub rewind: u16,
}

/// The inputs of one player. Those that wait are stored in the player itself: elsewhere they would be one more line of cold
/// memory for each player and tick.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct InputQueue<I: Input> {
    /// By rising tick.
    waiting: ArrayVec<TimedInput<I>, WAITING_MAX>,
    /// The newest tick that an input arrived for, in time or late; 0 for none.
    newest: Tick,
    /// Repeated while none arrives.
    last: TimedInput<I>,
    /// Ticks in a row without a fresh input.
    starved_ticks: u32,
}

impl<I: Input> InputQueue<I> {
    /// Adds an input, when `now` is the last tick that was stepped.
    pub fn push(&mut self, input: TimedInput<I>, now: Tick) {
        let next = now.after(1);
        let tick = if input.tick.0 == 0 { next } else { input.tick };
        let input = TimedInput { tick, ..input };
        // Counted even if the input is dropped, or its sender would never learn that it is too early.
        self.newest = self.newest.max(tick.min(now.after(LEAD_MAX)));
        if tick.since(now) > WAITING_MAX as u32 {
            return;
        }
        if tick < next {
            // Too late for its tick, but it may still be the newest there is to repeat.
            if tick > self.last.tick {
                self.last = input;
            }
            return;
        }
        match self.waiting.binary_search_by_key(&tick, |waiting| waiting.tick) {
            Ok(place) => self.waiting[place] = input,
            Err(place) if !self.waiting.is_full() => self.waiting.insert(place, input),
            Err(_) => {}
        }
    }

    /// The input for tick `now`, and whether it arrived in time. If not, the last is repeated for up to `repeat_ticks`; after
    /// that it is [released](Input::released).
    pub fn take(&mut self, now: Tick, repeat_ticks: u32) -> (TimedInput<I>, bool) {
        // More than one after ticks were skipped.
        while let Some(&next) = self.waiting.first().filter(|waiting| waiting.tick <= now) {
            self.waiting.remove(0);
            self.last = next;
        }
        let is_fresh = self.last.tick == now;
        if is_fresh {
            self.starved_ticks = 0;
        } else {
            self.starved_ticks = self.starved_ticks.saturating_add(1);
            if self.starved_ticks > repeat_ticks {
                self.last.input = self.last.input.released();
            }
        }
        (self.last, is_fresh)
    }

    /// Ticks from `now` to the newest that an input arrived for: the `lead` of a frame head.
    pub fn lead(&self, now: Tick) -> i8 {
        if self.newest.0 == 0 {
            return LEAD_NONE;
        }
        let ticks = i64::from(self.newest.0) - i64::from(now.0);
        ticks.clamp(i64::from(LEAD_NONE) + 1, i64::from(LEAD_MAX)) as i8
    }

    /// Whether the inputs that wait are by rising tick. A queue that was read from a file may be otherwise.
    pub fn is_sorted(&self) -> bool {
        self.waiting.is_sorted_by(|a, b| a.tick < b.tick)
    }

    /// Whether any input has arrived.
    pub fn has_begun(&self) -> bool {
        self.newest.0 > 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::engine::input::{Angle, Buttons, PlayerInput};

    use super::*;

    /// An input for `tick` that holds the trigger. Inputs with different aims are told apart by them.
    fn input(tick: u32, aim: u16) -> TimedInput<PlayerInput> {
        let input = PlayerInput { buttons: Buttons(16), aim: Angle(aim) };
        TimedInput { tick: Tick(tick), input, rewind: 0 }
    }

    /// Takes the input of a tick: its aim, and whether it is fresh.
    fn take(queue: &mut InputQueue<PlayerInput>, tick: u32) -> (u16, bool) {
        let (taken, is_fresh) = queue.take(Tick(tick), 3);
        (taken.input.aim.0, is_fresh)
    }

    #[test]
    fn each_input_is_taken_in_its_tick() {
        let mut queue = InputQueue::default();
        assert_eq!(queue.lead(Tick(100)), LEAD_NONE);
        queue.push(input(102, 2), Tick(100));
        queue.push(input(101, 1), Tick(100));
        assert_eq!(queue.lead(Tick(100)), 2);
        assert_eq!(take(&mut queue, 101), (1, true));
        assert_eq!(take(&mut queue, 102), (2, true));
        assert_eq!(take(&mut queue, 103), (2, false));
        assert_eq!(queue.lead(Tick(103)), -1);
    }

    #[test]
    fn late_inputs_are_not_made_up_for() {
        let mut queue = InputQueue::default();
        queue.push(input(101, 1), Tick(100));
        take(&mut queue, 101);
        // Nine ticks without an input, then all of them at once.
        (102..=110).for_each(|tick| assert!(!take(&mut queue, tick).1));
        (102..=112).for_each(|tick| queue.push(input(tick, tick as u16), Tick(110)));
        assert_eq!(take(&mut queue, 111), (111, true));
        assert_eq!(take(&mut queue, 112), (112, true));
        assert_eq!(take(&mut queue, 113), (112, false));
    }

    #[test]
    fn newest_late_input_is_repeated() {
        let mut queue = InputQueue::default();
        queue.push(input(101, 1), Tick(100));
        take(&mut queue, 101);
        take(&mut queue, 102);
        queue.push(input(102, 2), Tick(102));
        assert_eq!(take(&mut queue, 103), (2, false));
    }

    #[test]
    fn starved_pilot_repeats_its_input_and_then_holds_no_button() {
        let mut queue = InputQueue::default();
        queue.push(input(0, 9), Tick(100));
        assert!(take(&mut queue, 101).1);
        (102..=104).for_each(|tick| {
            assert_eq!(take(&mut queue, tick), (9, false));
            assert_eq!(queue.last.input.buttons, Buttons(16));
        });
        assert_eq!(take(&mut queue, 105), (9, false));
        assert_eq!(queue.last.input.buttons, Buttons::default());
        queue.push(input(0, 2), Tick(105));
        assert_eq!(take(&mut queue, 106), (2, true));
    }

    #[test]
    fn early_input_is_dropped_and_raises_the_lead() {
        let mut queue = InputQueue::default();
        queue.push(input(150, 1), Tick(100));
        assert_eq!((queue.lead(Tick(100)), take(&mut queue, 101).1), (50, false));
        queue.push(input(u32::MAX, 1), Tick(101));
        assert_eq!(queue.lead(Tick(101)), i8::MAX);
        assert!(queue.waiting.is_empty());
    }

    proptest! {
        #[test]
        fn any_inputs_leave_a_sorted_queue_of_which_each_tick_takes_its_own(
            pushes in proptest::collection::vec((any::<u32>(), 0..40_u32), 0..200),
        ) {
            let mut queue = InputQueue::default();
            for (i, (any_tick, near)) in pushes.iter().enumerate() {
                let now = Tick(1000 + i as u32);
                queue.push(input(*any_tick, 1), now);
                queue.push(input(now.0 + near - 20, 2), now);
                let expected = queue.waiting.iter().any(|waiting| waiting.tick == now.after(1));
                prop_assert_eq!(queue.take(now.after(1), 3).1, expected);
                prop_assert!(queue.is_sorted());
            }
        }
    }
}
