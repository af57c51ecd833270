//! Whether and when to try again after a connection ended. It must not know timers: it says how long to wait.

use shared::engine::protocol::CloseReason;

/// Shortest pause before a new attempt.
pub const PAUSE_MS_MIN: f64 = 500.0;
/// A pause is this share of the time since the connection was lost: a link that comes back is found within a tenth of
/// the time that it was gone.
const SHARE: f64 = 0.1;
/// Longest pause.
pub const PAUSE_MS_MAX: f64 = 10_000.0;
/// A pause is shortened by up to this share, so that all the clients of a server that restarts do not come back
/// in the same moment.
const JITTER: f64 = 0.3;

/// A connection on which nothing came for so long, while frames were due, is given up: the way is gone, and nobody said so.
pub const DEAF_MS: f64 = 5000.0;

/// What to do after a connection ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advice {
    /// Try again after this pause.
    Retry {
        /// In milliseconds.
        pause_ms: f64,
    },
    /// The server speaks another version: load the page again, which brings its client.
    ReloadPage,
    /// Trying again would end the same way.
    GiveUp,
}

/// Counts attempts and gives advice.
#[derive(Clone, Debug)]
pub struct Reconnect {
    lost_ms: Option<f64>,
    random: u64,
    reloaded: bool,
}

impl Reconnect {
    /// `reloaded` says that the page was already loaded again for the sake of the version: a second time would
    /// not help either.
    pub fn new(seed: u64, reloaded: bool) -> Self {
        Self { lost_ms: None, random: seed, reloaded }
    }

    /// The connection ended at `now_ms`, or could not be made. `reason` is what the server said, if it said anything.
    pub fn lost(&mut self, reason: Option<CloseReason>, now_ms: f64) -> Advice {
        match reason {
            Some(CloseReason::VersionMismatch) if !self.reloaded => {
                self.reloaded = true;
                Advice::ReloadPage
            }
            Some(
                CloseReason::VersionMismatch
                | CloseReason::ProtocolError
                | CloseReason::UnsupportedData
                | CloseReason::InvalidPayload
                | CloseReason::MessageTooBig
                | CloseReason::Replaced,
            ) => Advice::GiveUp,
            None
            | Some(
                CloseReason::ShuttingDown
                | CloseReason::Full
                | CloseReason::SlowReader
                | CloseReason::IdleTimeout
                | CloseReason::RateLimited,
            ) => self.retry(now_ms),
        }
    }

    fn retry(&mut self, now_ms: f64) -> Advice {
        let gone_ms = now_ms - *self.lost_ms.get_or_insert(now_ms);
        let whole_ms = (gone_ms * SHARE).clamp(PAUSE_MS_MIN, PAUSE_MS_MAX);
        // Knuth's MMIX generator; its high bits are good enough to spread pauses.
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (self.random >> 32) as f64 / f64::from(u32::MAX);
        Advice::Retry { pause_ms: whole_ms * (1.0 - JITTER * share) }
    }

    /// A frame came: the next loss starts over with the shortest pause.
    pub fn succeeded(&mut self) {
        self.lost_ms = None;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pauses_grow_and_are_bounded(seed: u64) {
            let mut reconnect = Reconnect::new(seed, false);
            let mut now_ms = 1000.0;
            let pauses: Vec<f64> = (0..120).filter_map(|_| match reconnect.lost(None, now_ms) {
                Advice::Retry { pause_ms } => {
                    now_ms += pause_ms;
                    Some(pause_ms)
                }
                Advice::ReloadPage | Advice::GiveUp => None,
            }).collect();
            prop_assert_eq!(pauses.len(), 120);
            let least = PAUSE_MS_MIN * (1.0 - JITTER);
            prop_assert!(pauses.iter().all(|pause| (least..=PAUSE_MS_MAX).contains(pause)));
            prop_assert!(pauses[100..].iter().all(|pause| *pause >= PAUSE_MS_MAX * (1.0 - JITTER)));
            reconnect.succeeded();
            let Advice::Retry { pause_ms } = reconnect.lost(Some(CloseReason::Full), now_ms) else {
                return Err(TestCaseError::fail("a full server is tried again"));
            };
            prop_assert!(pause_ms <= PAUSE_MS_MIN);
        }
    }

    #[test]
    fn a_new_version_reloads_the_page_once() {
        let mut reconnect = Reconnect::new(1, false);
        assert_eq!(reconnect.lost(Some(CloseReason::VersionMismatch), 0.0), Advice::ReloadPage);
        assert_eq!(reconnect.lost(Some(CloseReason::VersionMismatch), 0.0), Advice::GiveUp);
        let reloaded = Reconnect::new(1, true).lost(Some(CloseReason::VersionMismatch), 0.0);
        assert_eq!(reloaded, Advice::GiveUp);
    }

    #[test]
    fn what_this_client_did_wrong_it_would_do_again() {
        let mut reconnect = Reconnect::new(1, false);
        assert_eq!(reconnect.lost(Some(CloseReason::ProtocolError), 0.0), Advice::GiveUp);
        assert!(matches!(reconnect.lost(Some(CloseReason::ShuttingDown), 0.0), Advice::Retry { .. }));
    }
}
