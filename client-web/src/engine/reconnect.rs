//! Whether and when to reconnect. It says how long to wait, and waits for nothing itself.

use shared::engine::protocol::CloseReason;

/// Shortest pause before an attempt.
pub const PAUSE_MS_MIN: f64 = 500.0;
/// Longest pause before an attempt.
pub const PAUSE_MS_MAX: f64 = 10_000.0;
/// Longest first pause after the server said that it restarts. A connect may wait in the socket that the next process takes over, so
/// an early attempt is not lost.
const RESTART_PAUSE_MS_MAX: f64 = 300.0;
/// It is shortened by up to this share: a wider spread than of other pauses, because all clients of a server begin it at once.
const RESTART_JITTER: f64 = 0.8;
/// A client that is sent on this often without a frame takes longer pauses: nodes that disagree are not to be asked without end.
const MOVES_MAX: u32 = 3;
/// A pause is this share of the time since the connection was lost: a network that comes back is found within a tenth of
/// the time that it was gone.
const SHARE: f64 = 0.1;
/// A pause is shortened by up to this share, so that the clients of a server that restarts do not come back all at once.
const JITTER: f64 = 0.3;

/// A connection is given up when it is silent for this long while frames are due: the network is gone, and the browser has
/// not noticed.
pub const SILENCE_MS_MAX: f64 = 5000.0;

/// What to do after a connection ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advice {
    /// Connect again after this pause.
    Retry {
        /// In milliseconds.
        pause_ms: f64,
    },
    /// The server speaks another version: reload the page, which brings the matching client.
    ReloadPage,
    /// The next attempt would end the same way.
    GiveUp,
}

/// Decides what to do about a lost connection.
#[derive(Clone, Debug)]
pub struct Reconnect {
    lost_ms: Option<f64>,
    /// How often it was sent to another node since the last frame.
    moves: u32,
    random: u64,
    reloaded: bool,
}

impl Reconnect {
    /// `reloaded` says whether the page was reloaded for the version already. A second time would not help.
    pub fn new(seed: u64, reloaded: bool) -> Self {
        Self { lost_ms: None, moves: 0, random: seed, reloaded }
    }

    /// The connection ended, or could not be made. `reason` is the server's, if it gave one.
    pub fn on_lost(&mut self, reason: Option<CloseReason>, now_ms: f64) -> Advice {
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
                | CloseReason::Replaced
                | CloseReason::TicketRejected
                | CloseReason::OtherGame
                | CloseReason::Removed
                | CloseReason::RoomLocked,
            ) => Advice::GiveUp,
            Some(CloseReason::Restarting) => {
                self.lost_ms.get_or_insert(now_ms);
                self.pause(RESTART_PAUSE_MS_MAX, RESTART_JITTER)
            }
            // All clients of a room that moves are told at once.
            Some(CloseReason::Moved) if self.moves < MOVES_MAX => {
                self.moves += 1;
                self.lost_ms.get_or_insert(now_ms);
                self.pause(RESTART_PAUSE_MS_MAX, RESTART_JITTER)
            }
            None
            | Some(
                CloseReason::ShuttingDown
                | CloseReason::Full
                | CloseReason::TooManyFromNetwork
                | CloseReason::SlowReader
                | CloseReason::IdleTimeout
                | CloseReason::RateLimited
                // A challenge may have been used or too old: the next attempt has a new one.
                | CloseReason::IdentityRejected
                | CloseReason::Moved,
            ) => self.retry(now_ms),
        }
    }

    fn retry(&mut self, now_ms: f64) -> Advice {
        let gone_ms = now_ms - *self.lost_ms.get_or_insert(now_ms);
        self.pause((gone_ms * SHARE).clamp(PAUSE_MS_MIN, PAUSE_MS_MAX), JITTER)
    }

    fn pause(&mut self, most_ms: f64, jitter: f64) -> Advice {
        // Knuth's MMIX generator: its high bits are random enough to spread pauses.
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (self.random >> 32) as f64 / f64::from(u32::MAX);
        Advice::Retry { pause_ms: most_ms * (1.0 - jitter * share) }
    }

    /// A frame arrived. The next loss starts over with the shortest pause.
    pub fn on_frame(&mut self) {
        (self.lost_ms, self.moves) = (None, 0);
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
            let pauses: Vec<f64> = (0..120).filter_map(|_| match reconnect.on_lost(None, now_ms) {
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
            reconnect.on_frame();
            let Advice::Retry { pause_ms } = reconnect.on_lost(Some(CloseReason::Full), now_ms) else {
                return Err(TestCaseError::fail("a full server is retried"));
            };
            prop_assert!(pause_ms <= PAUSE_MS_MIN);
        }
    }

    #[test]
    fn first_pause_after_a_restart_is_short_and_widely_spread() {
        let pauses: Vec<f64> = (0..300)
            .filter_map(|seed| {
                match Reconnect::new(seed << 32, false).on_lost(Some(CloseReason::Restarting), 0.0) {
                    Advice::Retry { pause_ms } => Some(pause_ms),
                    Advice::ReloadPage | Advice::GiveUp => None,
                }
            })
            .collect();
        let least = RESTART_PAUSE_MS_MAX * (1.0 - RESTART_JITTER);
        assert!(pauses.iter().all(|pause| (least..=RESTART_PAUSE_MS_MAX).contains(pause)));
        let early = pauses.iter().filter(|pause| **pause < 2.5 * least).count();
        assert!((60..170).contains(&early), "{early} of 300 in the first three eighths");
        // The next pause is as after any loss.
        let mut reconnect = Reconnect::new(1, false);
        let _ = reconnect.on_lost(Some(CloseReason::Restarting), 0.0);
        let Advice::Retry { pause_ms } = reconnect.on_lost(None, 200.0) else { panic!("no retry") };
        assert!(pause_ms >= PAUSE_MS_MIN * (1.0 - JITTER));
    }

    #[test]
    fn client_that_is_sent_on_goes_soon_but_not_for_ever() {
        let mut reconnect = Reconnect::new(1, false);
        let mut pauses =
            (0..5).map(|turn| match reconnect.on_lost(Some(CloseReason::Moved), f64::from(turn)) {
                Advice::Retry { pause_ms } => pause_ms,
                other => panic!("{other:?}"),
            });
        assert!(pauses.by_ref().take(3).all(|pause| pause <= RESTART_PAUSE_MS_MAX));
        assert!(pauses.all(|pause| pause >= PAUSE_MS_MIN * (1.0 - JITTER)));
    }

    #[test]
    fn version_mismatch_reloads_the_page_once() {
        let mut reconnect = Reconnect::new(1, false);
        assert_eq!(reconnect.on_lost(Some(CloseReason::VersionMismatch), 0.0), Advice::ReloadPage);
        assert_eq!(reconnect.on_lost(Some(CloseReason::VersionMismatch), 0.0), Advice::GiveUp);
        let reloaded = Reconnect::new(1, true).on_lost(Some(CloseReason::VersionMismatch), 0.0);
        assert_eq!(reloaded, Advice::GiveUp);
    }

    #[test]
    fn error_of_this_client_is_not_retried() {
        let mut reconnect = Reconnect::new(1, false);
        assert_eq!(reconnect.on_lost(Some(CloseReason::ProtocolError), 0.0), Advice::GiveUp);
        assert!(matches!(reconnect.on_lost(Some(CloseReason::ShuttingDown), 0.0), Advice::Retry { .. }));
    }
}
