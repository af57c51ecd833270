//! Whose turn is next. All bots tick at one rate, so whoever had a turn goes to the end of the row, and finding the
//! next is looking at its front.

use std::collections::VecDeque;

/// One bot's next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) due_us: u64,
    /// Whose.
    pub(super) slot: usize,
    /// In which of its lives: a turn of an earlier one is void.
    pub(super) life: u32,
}

/// Turns in order of time.
#[derive(Debug, Default)]
pub(super) struct Ring(VecDeque<Turn>);

impl Ring {
    /// Puts a turn in its place, which is the end unless it is a newcomer's.
    pub(super) fn push(&mut self, turn: Turn) {
        if self.0.back().is_none_or(|last| last.due_us <= turn.due_us) {
            self.0.push_back(turn);
        } else {
            let at = self.0.partition_point(|other| other.due_us <= turn.due_us);
            self.0.insert(at, turn);
        }
    }

    /// Takes the next turn if it is due.
    pub(super) fn pop_due(&mut self, now_us: u64) -> Option<Turn> {
        self.next_us().filter(|due_us| *due_us <= now_us)?;
        self.0.pop_front()
    }

    /// When the next turn is due.
    pub(super) fn next_us(&self) -> Option<u64> {
        self.0.front().map(|turn| turn.due_us)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn turns_come_in_order_of_time(dues in proptest::collection::vec(0_u64..1000, 0..60)) {
            let mut ring = Ring::default();
            for (slot, due_us) in dues.iter().enumerate() {
                ring.push(Turn { due_us: *due_us, slot, life: 0 });
            }
            let mut sorted = dues;
            sorted.sort_unstable();
            let taken: Vec<_> = std::iter::from_fn(|| ring.pop_due(1000)).map(|turn| turn.due_us).collect();
            prop_assert_eq!(taken, sorted);
        }
    }

    #[test]
    fn what_is_not_due_stays() {
        let mut ring = Ring::default();
        assert_eq!((ring.pop_due(9), ring.next_us()), (None, None));
        ring.push(Turn { due_us: 10, slot: 1, life: 1 });
        assert_eq!((ring.pop_due(9), ring.next_us()), (None, Some(10)));
        assert!(ring.pop_due(10).is_some());
    }
}
