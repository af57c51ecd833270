//! When ticks are due. Deadlines are counted from the start and never from the last tick, so the tick rate does not drift.
//! Pure: time is an argument.

use std::time::{Duration, Instant};

/// Most ticks to catch up with after a delay; ticks further behind are skipped.
pub const CATCH_UP_MAX: u64 = 5;

/// Says when the next tick is due.
#[derive(Clone, Debug)]
pub struct Ticker {
    started: Instant,
    rate: u64,
    next: u64,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The next tick is due after this time.
    Wait(Duration),
    /// The next tick is due.
    Tick {
        /// How long after its deadline.
        lateness: Duration,
    },
    /// Skip this number of ticks: the loop is too far behind to catch up. Then ask again.
    Skip(u32),
}

impl Ticker {
    /// Ticks `rate` times a second; the first is due one period after `started`.
    pub fn new(started: Instant, rate: u16) -> Self {
        Self { started, rate: u64::from(rate), next: 1 }
    }

    /// Has the deadlines of all tickers of this rate that are aligned to `epoch`, from the next one after `now` on: what they run is
    /// due at the same time, so that its thread and the network's are woken once for all.
    pub fn aligned(epoch: Instant, now: Instant, rate: u16) -> Self {
        let passed = now.saturating_duration_since(epoch);
        let ticks = passed.as_nanos() * u128::from(rate) / 1_000_000_000;
        Self { started: epoch, rate: u64::from(rate), next: ticks as u64 + 1 }
    }

    /// Ticks per second.
    pub fn rate(&self) -> u16 {
        self.rate as u16
    }

    fn deadline(&self, tick: u64) -> Instant {
        // From the start, in whole nanoseconds: 30 Hz has no exact period. Seconds are apart, so that nothing overflows in years.
        let (seconds, rest) = (tick / self.rate, tick % self.rate);
        self.started + Duration::from_secs(seconds) + Duration::from_nanos(rest * 1_000_000_000 / self.rate)
    }

    /// How long it is until something is due; zero if it is.
    pub fn time_left(&self, now: Instant) -> Duration {
        self.deadline(self.next).saturating_duration_since(now)
    }

    /// What is due at `now`.
    pub fn due(&mut self, now: Instant) -> Due {
        let deadline = self.deadline(self.next);
        let Some(lateness) = now.checked_duration_since(deadline) else {
            return Due::Wait(deadline - now);
        };
        let behind = lateness.as_nanos() as u64 * self.rate / 1_000_000_000;
        if behind > CATCH_UP_MAX {
            let skipped = behind - CATCH_UP_MAX;
            self.next += skipped;
            return Due::Skip(skipped.try_into().unwrap_or(u32::MAX));
        }
        self.next += 1;
        Due::Tick { lateness }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs for `span`, each tick taking what `work` says of its number; returns ticks done and skipped.
    fn run(rate: u16, span: Duration, work: impl Fn(u64) -> Duration) -> (u64, u64) {
        let start = Instant::now();
        let (mut ticker, mut now) = (Ticker::new(start, rate), start);
        let (mut done, mut skipped) = (0, 0);
        while now < start + span {
            match ticker.due(now) {
                Due::Wait(pause) => now += pause,
                Due::Tick { .. } => {
                    done += 1;
                    now += work(done);
                }
                Due::Skip(ticks) => skipped += u64::from(ticks),
            }
        }
        (done, skipped)
    }

    #[test]
    fn tick_rate_does_not_drift_in_an_hour() {
        for rate in [10, 30, 60, 128] {
            let (done, skipped) = run(rate, Duration::from_secs(3600), |_| Duration::from_micros(900));
            assert_eq!(skipped, 0);
            assert!((u64::from(rate) * 3600).abs_diff(done) <= 1, "{done} ticks at {rate} Hz");
        }
    }

    #[test]
    fn aligned_tickers_have_the_same_deadlines() {
        let epoch = Instant::now();
        for rate in [10, 30, 128] {
            let from_the_start = Ticker::new(epoch, rate);
            for late_ms in [0, 1, 33, 34, 100, 12_345, 86_400_000 * 400] {
                let now = epoch + Duration::from_millis(late_ms);
                let mut aligned = Ticker::aligned(epoch, now, rate);
                let (left, period) = (aligned.time_left(now), Duration::from_secs(1) / u32::from(rate));
                assert!(left <= period + Duration::from_nanos(1), "{left:?}");
                assert_eq!(now + left, from_the_start.deadline(aligned.next));
                assert_eq!(aligned.due(now + left), Due::Tick { lateness: Duration::ZERO });
            }
        }
    }

    #[test]
    fn short_delay_is_caught_up_with() {
        let delay = |tick| Duration::from_millis(if tick == 100 { 150 } else { 1 });
        let (done, skipped) = run(30, Duration::from_secs(60), delay);
        assert_eq!(skipped, 0);
        assert!(done.abs_diff(1800) <= 1, "{done}");
    }

    #[test]
    fn long_delay_is_skipped_but_for_five_ticks() {
        let delay = |tick| Duration::from_millis(if tick == 100 { 10_000 } else { 1 });
        let (done, skipped) = run(30, Duration::from_secs(60), delay);
        assert!((done + skipped).abs_diff(1800) <= 1);
        assert!((300 - CATCH_UP_MAX).abs_diff(skipped) <= 2, "{skipped}");
    }
}
