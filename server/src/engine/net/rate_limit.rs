//! Bounds what is logged about peers. Time is an argument.

use std::{
    fmt::Display,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use tokio::time::Instant;

use crate::engine::token_bucket::{Rate, TokenBucket};

/// Log lines about bad peers, for all of them together.
const LOG_LINES: Rate = Rate::new(5, 20);

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
        let fresh = || TokenBucket::new(LOG_LINES, now.into_std());
        if state.bucket.get_or_insert_with(fresh).take(now.into_std(), 1) {
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
    fn lines_over_the_rate_are_counted() {
        let start = Instant::now();
        let limit = LogLimit::default();
        for _ in 0..LOG_LINES.burst {
            assert_eq!(limit.admit(start), Some(0));
        }
        assert_eq!(limit.admit(start), None);
        assert_eq!(limit.admit(start), None);
        assert_eq!(limit.admit(start + Duration::from_secs(1)), Some(2));
    }
}
