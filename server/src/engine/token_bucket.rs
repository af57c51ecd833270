//! A token bucket: bounds how often something may happen, and lets a burst through. Pure: time is an argument.

use std::time::Instant;

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
        self.tokens = (self.tokens + elapsed * self.rate.per_second).min(f64::from(self.rate.burst));
        self.tokens >= count as f64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
    fn tokens_are_capped_at_the_burst_and_an_earlier_time_adds_none() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RATE, start);
        let later = start + Duration::from_secs(3600);
        assert!(!bucket.take(later, 4));
        assert!(bucket.take(later, 3));
        assert!(!bucket.take(start, 1));
    }
}
