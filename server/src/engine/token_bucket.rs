//! A token bucket: bounds how often something may happen, and lets a burst through. Pure: time is an argument.
//!
//! Invariant: in any time it gives at most a full bucket and what it gains in that time. Pauses of the server count as time, the
//! longest as a minute.

use std::time::{Duration, Instant};

/// What a client may have sent during a pause of the server, at most: no kernel holds more back.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Tokens gained a second.
    pub per_second: f64,
    /// Tokens in a full bucket.
    pub burst: u32,
}

impl Rate {
    /// `per_second` tokens a second, and `burst` at once.
    pub const fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: per_second as f64, burst }
    }

    /// The rate of this many buckets together.
    pub fn times(self, buckets: u32) -> Self {
        Self { per_second: self.per_second * f64::from(buckets), burst: self.burst.saturating_mul(buckets) }
    }
}

/// A bucket of tokens that fills at a steady rate.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    rate: Rate,
    tokens: f64,
    filled_at: Instant,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, tokens: f64::from(rate.burst), filled_at: now }
    }

    /// A bucket that holds `tokens`, but never more than a full one.
    pub fn holding(tokens: u32, rate: Rate, now: Instant) -> Self {
        Self { tokens: f64::from(tokens.min(rate.burst)), ..Self::new(rate, now) }
    }

    /// Takes `count` tokens. Returns false and takes none if there are fewer.
    pub fn take(&mut self, now: Instant, count: u64) -> bool {
        let is_enough = self.has(now, count);
        if is_enough {
            self.tokens -= count as f64;
        }
        is_enough
    }

    /// Whether it has all of its tokens.
    pub fn is_full(&mut self, now: Instant) -> bool {
        self.has(now, u64::from(self.rate.burst))
    }

    /// Whether there are `count` tokens.
    pub fn has(&mut self, now: Instant, count: u64) -> bool {
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.filled_at = self.filled_at.max(now);
        let filled = (self.tokens + elapsed * self.rate.per_second).min(f64::from(self.rate.burst));
        // There are more than a full bucket after a pause.
        self.tokens = self.tokens.max(filled);
        self.tokens >= count as f64
    }

    /// The server did not run for `pause`. What was sent meanwhile arrives at once, so the tokens of that time are there at once
    /// too, however many a full bucket has.
    pub fn on_pause(&mut self, pause: Duration) {
        self.tokens += pause.min(PAUSE_MAX).as_secs_f64() * self.rate.per_second;
        self.filled_at += pause;
    }

    /// What the pause brought has arrived: a full bucket is full again.
    pub fn end_pause(&mut self) {
        self.tokens = self.tokens.min(f64::from(self.rate.burst));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate::new(10, 3);

    #[test]
    fn burst_passes_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RATE, start);
        assert!((0..3).all(|_| bucket.take(start, 1)));
        assert!(!bucket.take(start, 1));
        assert!(!bucket.take(start + Duration::from_millis(99), 1));
        assert!(bucket.take(start + Duration::from_millis(101), 1));
        assert!(!bucket.take(start + Duration::from_millis(102), 1));
    }

    #[test]
    fn bucket_begins_with_what_it_is_given_and_never_more_than_full() {
        let start = Instant::now();
        let mut two = TokenBucket::holding(2, RATE, start);
        assert!(two.take(start, 2) && !two.take(start, 1));
        let mut full = TokenBucket::holding(4, RATE, start);
        assert!(full.take(start, 3) && !full.take(start, 1));
    }

    #[test]
    fn tokens_are_capped_at_the_burst_and_an_earlier_time_adds_none() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RATE, start);
        let later = start + Duration::from_secs(3600);
        assert!(!bucket.take(later, 4));
        assert!(bucket.take(later, 3));
        assert!(!bucket.take(start, 1));
    }

    #[test]
    fn tokens_of_a_pause_are_there_at_once_and_only_once() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RATE, start);
        assert!(bucket.take(start, 3));
        let resumed = start + Duration::from_secs(7);
        bucket.on_pause(Duration::from_secs(7));
        assert!(bucket.take(resumed, 70));
        assert!(!bucket.take(resumed, 1));
        assert!(!bucket.take(resumed + Duration::from_secs(7), 4));
        // Not for later, and not without a bound.
        bucket.on_pause(Duration::from_secs(3600));
        assert!(bucket.has(resumed, 600) && !bucket.has(resumed, 604));
        bucket.end_pause();
        assert!(!bucket.has(resumed, 4));
    }

    proptest! {
        #[test]
        fn no_time_gives_more_than_a_full_bucket_and_its_gain(
            per_second in 1..300_u32,
            burst in 1..100_u32,
            steps in prop::collection::vec((0..2000_u64, 1..40_u64), 1..60),
        ) {
            let start = Instant::now();
            let mut bucket = TokenBucket::new(Rate::new(per_second, burst), start);
            let mut now = start;
            let mut taken = Vec::new();
            for (pause_ms, count) in steps {
                now += Duration::from_millis(pause_ms);
                if bucket.take(now, count) {
                    taken.push((now, count));
                }
            }
            for from in 0..taken.len() {
                let mut sum = 0;
                for (at, count) in &taken[from..] {
                    sum += count;
                    let time = (*at - taken[from].0).as_secs_f64();
                    let most = f64::from(burst) + time * f64::from(per_second);
                    // What rounding may add is far less than a token.
                    prop_assert!(sum as f64 <= most + 1e-6, "{sum} in {time} s");
                }
            }
        }

        #[test]
        fn sender_within_the_rate_is_never_refused(
            per_second in 1..300_u32,
            burst in 1..100_u32,
            gaps in prop::collection::vec(0..20_u64, 1..300),
        ) {
            let start = Instant::now();
            let mut bucket = TokenBucket::new(Rate::new(per_second, burst), start);
            // A burst, and then no more than the rate, rounded up to whole intervals.
            prop_assert!(bucket.take(start, u64::from(burst)));
            let interval = Duration::from_secs(1).div_f64(f64::from(per_second)) + Duration::from_nanos(1);
            let mut now = start;
            for intervals in gaps {
                now += interval * (intervals as u32 + 1);
                prop_assert!(bucket.take(now, 1));
            }
        }
    }
}
