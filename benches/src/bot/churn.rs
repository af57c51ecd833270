//! When a bot leaves so that another can come. Each bot has its turn, so that the leavings of all are even in time,
//! with nobody to arrange it.

use super::Ramp;

/// One bot's turns to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaving {
    /// The next, counted from the beginning of the measured time.
    next_us: u64,
    /// From one to the next.
    every_us: u64,
}

impl Leaving {
    /// The turns of the bot that is number `turn` of `bots`.
    pub(crate) fn new(churn: Ramp, turn: u32, bots: u32) -> Self {
        let at_us = |number| churn.start_of(number).as_micros() as u64;
        Self { next_us: at_us(turn), every_us: at_us(bots).max(1) }
    }

    /// Whether it is time; each turn is taken once. `measured_us` is how long the measured time has lasted, if it
    /// has begun. Of turns that were missed only one is made up for.
    pub(crate) fn is_due(&mut self, measured_us: Option<u64>) -> bool {
        let Some(now_us) = measured_us.filter(|now_us| *now_us >= self.next_us) else {
            return false;
        };
        self.next_us += ((now_us - self.next_us) / self.every_us + 1) * self.every_us;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leavings_are_even_over_all_bots() {
        let churn: Ramp = "50/s".parse().unwrap();
        let mut bots: Vec<_> = (0..200).map(|turn| Leaving::new(churn, turn, 200)).collect();
        assert!(bots.iter_mut().all(|bot| !bot.is_due(None)));
        let mut left = Vec::new();
        for now_us in (0..12_000_000).step_by(10_000) {
            left.extend(bots.iter_mut().filter_map(|bot| bot.is_due(Some(now_us)).then_some(now_us)));
        }
        assert_eq!(left.len(), 600);
        assert_eq!(left.iter().filter(|at_us| **at_us < 1_000_000).count(), 50);
    }

    #[test]
    fn turns_that_were_missed_do_not_pile_up() {
        let mut bot = Leaving::new("1/s".parse().unwrap(), 0, 2);
        assert!(bot.is_due(Some(9_000_000)));
        assert!(!bot.is_due(Some(9_500_000)));
        assert!(bot.is_due(Some(10_000_000)));
    }
}
