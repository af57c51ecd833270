//! When bots come, leave and chat. Each bot has a fixed place in every schedule, so that all of them
//! together are even in time without coordination. Time is an argument everywhere.

use std::{str::FromStr, time::Duration};

/// Chat lines that all bots together say in a second: what an arena passes on.
const LINES_PER_SECOND: u64 = 4;
/// The least time between two lines of one bot.
const CHAT_PAUSE_US_MIN: u64 = 5_000_000;
pub(super) const LINES: [&str; 6] = ["hello", "nice shot", "gg", "watch out", "to the middle!", "你好"];

/// Bots a second, evenly: so that a run measures the game and not a stampede at its door.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    per_second: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a number of bots a second above 0, such as 200/s")]
pub struct RampError;

impl Ramp {
    /// Above 0.
    pub(super) const fn per_second(per_second: f64) -> Self {
        Self { per_second }
    }

    /// When bot `number`, from 0, comes.
    pub fn start_of(self, number: u32) -> Duration {
        Duration::from_secs_f64(f64::from(number) / self.per_second)
    }

    pub(super) fn start_of_us(self, number: u32) -> u64 {
        self.start_of(number).as_micros() as u64
    }
}

impl FromStr for Ramp {
    type Err = RampError;

    fn from_str(text: &str) -> Result<Self, RampError> {
        let number = text.strip_suffix("/s").unwrap_or(text);
        let per_second: f64 = number.trim().parse().map_err(|_| RampError)?;
        if (0.01..=1e6).contains(&per_second) { Ok(Self { per_second }) } else { Err(RampError) }
    }
}

/// Something that one bot does again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Periodic {
    next_us: u64,
    period_us: u64,
}

impl Periodic {
    /// When bot number `turn` of `bots` leaves and is replaced, in measured time.
    pub(super) fn leaving(churn: Ramp, turn: u32, bots: u32) -> Self {
        Self { next_us: churn.start_of_us(turn), period_us: churn.start_of_us(bots).max(1) }
    }

    /// When bot `number` of `bots` says a line, from `now_us` on.
    pub(super) fn chatting(number: u32, bots: u32, now_us: u64) -> Self {
        let period_us = (u64::from(bots) * 1_000_000 / LINES_PER_SECOND).max(CHAT_PAUSE_US_MIN);
        let phase_us = period_us * u64::from(number) / u64::from(bots.max(1));
        Self { next_us: now_us + phase_us, period_us }
    }

    /// Whether it is time; true once for each time. Of several missed times only one counts.
    pub(super) fn is_due(&mut self, now_us: u64) -> bool {
        let Some(late_us) = now_us.checked_sub(self.next_us) else { return false };
        self.next_us += (late_us / self.period_us + 1) * self.period_us;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramp_is_even() {
        let ramp: Ramp = "200/s".parse().unwrap();
        assert_eq!(ramp.start_of(0), Duration::ZERO);
        assert_eq!(ramp.start_of(500), Duration::from_millis(2500));
        for bad in ["", "0", "-1/s", "NaN", "200/m"] {
            assert_eq!(bad.parse::<Ramp>(), Err(RampError), "{bad}");
        }
    }

    #[test]
    fn bots_leave_evenly() {
        let churn: Ramp = "50/s".parse().unwrap();
        let mut bots: Vec<_> = (0..200).map(|turn| Periodic::leaving(churn, turn, 200)).collect();
        let mut left = Vec::new();
        for now_us in (0..12_000_000).step_by(10_000) {
            left.extend(bots.iter_mut().filter_map(|bot| bot.is_due(now_us).then_some(now_us)));
        }
        assert_eq!(left.len(), 600);
        assert_eq!(left.iter().filter(|at_us| **at_us < 1_000_000).count(), 50);
    }

    #[test]
    fn missed_leave_times_do_not_accumulate() {
        let mut bot = Periodic::leaving("1/s".parse().unwrap(), 0, 2);
        assert!(bot.is_due(9_000_000));
        assert!(!bot.is_due(9_500_000));
        assert!(bot.is_due(10_000_000));
    }

    #[test]
    fn all_bots_together_say_four_lines_a_second() {
        let said = |bots: u32, seconds: u64| {
            let mut chats: Vec<_> = (0..bots).map(|number| Periodic::chatting(number, bots, 0)).collect();
            let times = (0..seconds * 10).map(|tenth| tenth * 100_000);
            times
                .map(|now| chats.iter_mut().filter_map(|chat| chat.is_due(now).then_some(())).count())
                .sum::<usize>()
        };
        assert!((390..=410).contains(&said(1000, 100)));
        assert!(
            (38..=42).contains(&said(2, 100)),
            "two bots do not say more than a line in five seconds each"
        );
    }
}
