//! A pilot's inputs on their way into the simulation: at most one a tick leaves, whatever arrives.

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};
use shared::{ids::InputSeq, input::PlayerInput};

/// Inputs that may wait. Each is a tick of delay, so more would only make an old wish later still.
const WAITING_MAX: usize = 6;

/// The inputs of one pilot. Those that wait lie in the pilot itself: elsewhere they would be one more cold line of
/// memory for each pilot and tick.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InputQueue {
    waiting: ArrayVec<(InputSeq, PlayerInput), WAITING_MAX>,
    newest: InputSeq,
    applied: InputSeq,
    last: PlayerInput,
    starved_ticks: u32,
}

impl InputQueue {
    /// Takes an input in. One that is not newer than all before is ignored; when the queue is full the oldest
    /// gives way.
    pub fn push(&mut self, seq: InputSeq, input: PlayerInput) {
        if seq <= self.newest {
            return;
        }
        self.newest = seq;
        if self.waiting.is_full() {
            self.waiting.remove(0);
        }
        self.waiting.push((seq, input));
    }

    /// The input for this tick: the next that waits; else the last once more, for at most `repeat_ticks`; then
    /// hands off the controls, the nose where it was.
    pub fn take(&mut self, repeat_ticks: u32) -> PlayerInput {
        if let Some((seq, input)) = self.waiting.pop_at(0) {
            self.applied = seq;
            self.last = input;
            self.starved_ticks = 0;
        } else {
            self.starved_ticks = self.starved_ticks.saturating_add(1);
            if self.starved_ticks > repeat_ticks {
                self.last.buttons = Default::default();
            }
        }
        self.last
    }

    /// Number of the last input that was applied.
    pub fn applied(&self) -> InputSeq {
        self.applied
    }

    /// How many inputs wait, at most six.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use shared::{angle::Angle, input::Buttons};

    use super::*;

    fn input(aim: u16) -> PlayerInput {
        PlayerInput { buttons: Buttons::FIRE, aim: Angle(aim) }
    }

    #[test]
    fn inputs_leave_in_order_one_at_a_time() {
        let mut queue = InputQueue::default();
        queue.push(InputSeq(1), input(1));
        queue.push(InputSeq(2), input(2));
        assert_eq!((queue.take(5), queue.applied()), (input(1), InputSeq(1)));
        assert_eq!((queue.take(5), queue.applied()), (input(2), InputSeq(2)));
    }

    #[test]
    fn the_newest_are_kept_and_old_ones_ignored() {
        let mut queue = InputQueue::default();
        for seq in 1..=20 {
            queue.push(InputSeq(seq), input(seq as u16));
        }
        queue.push(InputSeq(3), input(3));
        assert_eq!(queue.waiting(), WAITING_MAX);
        assert_eq!(queue.take(5), input(15));
        assert_eq!(queue.applied(), InputSeq(15));
    }

    #[test]
    fn a_starved_pilot_holds_on_for_a_while_and_then_lets_go() {
        let mut queue = InputQueue::default();
        queue.push(InputSeq(1), input(9));
        for _ in 0..4 {
            assert_eq!(queue.take(3), input(9));
        }
        assert_eq!(queue.take(3), PlayerInput { buttons: Buttons::default(), aim: Angle(9) });
        queue.push(InputSeq(2), input(2));
        assert_eq!(queue.take(3), input(2));
    }
}
