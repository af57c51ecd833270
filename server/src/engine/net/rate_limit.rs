//! Token buckets: for what a peer sends, and for what is logged about peers. Time is an argument.

use std::{
    fmt::Display,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use tokio::time::Instant;

/// A bucket of tokens that fills at a steady rate.
#[derive(Clone, Debug)]
pub(super) struct TokenBucket {
    tokens: f64,
    most: f64,
    per_second: f64,
    filled_at: Instant,
}

impl TokenBucket {
    /// A full bucket of `burst` tokens that gains `per_second`.
    pub(super) fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        Self {
            tokens: f64::from(burst),
            most: f64::from(burst),
            per_second: f64::from(per_second),
            filled_at: now,
        }
    }

    /// Takes `count` tokens; false, and none taken, if there are not as many.
    pub(super) fn take(&mut self, now: Instant, count: u64) -> bool {
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.filled_at = self.filled_at.max(now);
        self.tokens = (self.tokens + elapsed * self.per_second).min(self.most);
        let count = count as f64;
        let enough = self.tokens >= count;
        if enough {
            self.tokens -= count;
        }
        enough
    }
}

/// Log lines about bad peers, for all of them together.
const LOG_LINES_PER_SECOND: u32 = 5;
const LOG_LINES_BURST: u32 = 20;

/// Keeps a crowd of bad peers from filling the disk: lines beyond the rate are counted, and the next line that is
/// written tells the count.
#[derive(Debug, Default)]
pub(super) struct LogLimit(Mutex<LogState>);

#[derive(Debug, Default)]
struct LogState {
    bucket: Option<TokenBucket>,
    kept_back: u64,
}

impl LogLimit {
    /// Writes a line about `peer` in an arena, or counts it.
    pub(super) fn peer(&self, now: Instant, peer: SocketAddr, arena: &str, what: &dyn Display) {
        if let Some(kept_back) = self.admit(now) {
            tracing::warn!(%peer, arena, kept_back, "{what}");
        }
    }

    /// Writes a line about no peer in particular, or counts it.
    pub(super) fn note(&self, now: Instant, what: &dyn Display) {
        if let Some(kept_back) = self.admit(now) {
            tracing::warn!(kept_back, "{what}");
        }
    }

    /// How many lines were kept back since the last, if there may be another now.
    fn admit(&self, now: Instant) -> Option<u64> {
        // A panic elsewhere leaves a bucket that is still a bucket.
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || TokenBucket::new(LOG_LINES_PER_SECOND, LOG_LINES_BURST, now);
        if state.bucket.get_or_insert_with(fresh).take(now, 1) {
            Some(std::mem::take(&mut state.kept_back))
        } else {
            state.kept_back += 1;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(10, 3, start);
        assert!((0..3).all(|_| bucket.take(start, 1)));
        assert!(!bucket.take(start, 1));
        assert!(!bucket.take(start + Duration::from_millis(99), 1));
        assert!(bucket.take(start + Duration::from_millis(101), 1));
        assert!(!bucket.take(start + Duration::from_millis(102), 1));
    }

    #[test]
    fn tokens_do_not_pile_up_beyond_the_burst_and_time_may_stand_still() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(10, 3, start);
        let later = start + Duration::from_secs(3600);
        assert!(!bucket.take(later, 4));
        assert!(bucket.take(later, 3));
        assert!(!bucket.take(start, 1), "an earlier time adds nothing");
    }

    #[test]
    fn lines_over_the_rate_are_counted() {
        let start = Instant::now();
        let limit = LogLimit::default();
        for _ in 0..LOG_LINES_BURST {
            assert_eq!(limit.admit(start), Some(0));
        }
        assert_eq!(limit.admit(start), None);
        assert_eq!(limit.admit(start), None);
        assert_eq!(limit.admit(start + Duration::from_secs(1)), Some(2));
    }
}
