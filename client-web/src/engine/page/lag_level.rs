//! How the delay is summed up in signal bars and a word, for players who only want to know whether it is bad. The lag readout says what
//! causes it.

use super::strings::PageStrings;
use crate::engine::lag::{Lag, LagPart};

/// From this delay on, in milliseconds, a game is hard to play.
const POOR_MS: f32 = 400.0;

/// How good the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LagLevel {
    /// No part of the delay is longer than it need be.
    Good,
    /// A part is, but it is hardly felt.
    Fair,
    /// It is felt.
    Poor,
    /// There is no game.
    Unknown,
    /// Frames are due and do not come.
    NoSignal,
}

impl LagLevel {
    /// For the delay, if there is a game. `is_silent`: frames are due and do not come.
    pub fn of(lag: Option<&Lag>, is_silent: bool) -> Self {
        match lag {
            _ if is_silent => Self::NoSignal,
            Some(lag) => Self::of_delay(lag.total_ms(), lag.culprit()),
            None => Self::Unknown,
        }
    }

    /// For all of the delay, and the part that is to blame, if any.
    fn of_delay(total_ms: f32, culprit: Option<LagPart>) -> Self {
        match culprit {
            None => Self::Good,
            Some(_) if total_ms < POOR_MS => Self::Fair,
            Some(_) => Self::Poor,
        }
    }

    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
            Self::Unknown => "unknown",
            Self::NoSignal => "none",
        }
    }

    /// The word beside the ping; empty if there is nothing to complain about.
    pub fn word(self, strings: &PageStrings) -> &'static str {
        match self {
            Self::Good | Self::Unknown => "",
            Self::Fair => strings.signal_fair,
            Self::Poor => strings.signal_poor,
            Self::NoSignal => strings.no_signal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::page::strings::ENGLISH;

    #[test]
    fn level_follows_the_delay_only_if_a_part_is_to_blame() {
        let tick = Some(LagPart::Tick);
        assert_eq!(LagLevel::of_delay(90.0, None), LagLevel::Good);
        assert_eq!(LagLevel::of_delay(900.0, None), LagLevel::Good);
        assert_eq!(LagLevel::of_delay(POOR_MS - 1.0, tick), LagLevel::Fair);
        assert_eq!(LagLevel::of_delay(POOR_MS, tick), LagLevel::Poor);
    }

    #[test]
    fn silent_connection_has_no_signal_whatever_its_delay_was() {
        assert_eq!(LagLevel::of(None, false), LagLevel::Unknown);
        assert_eq!(LagLevel::of(None, true), LagLevel::NoSignal);
        assert_eq!(LagLevel::of(Some(&Lag::new(33.0)), true), LagLevel::NoSignal);
        assert_eq!(LagLevel::of(Some(&Lag::new(33.0)), false), LagLevel::Good);
    }

    #[test]
    fn only_a_level_that_is_not_good_has_a_word() {
        let [good, fair, poor, none] =
            [LagLevel::Good, LagLevel::Fair, LagLevel::Poor, LagLevel::NoSignal].map(|it| it.word(&ENGLISH));
        assert_eq!((good, none), ("", "No signal"));
        assert!(!fair.is_empty() && !poor.is_empty() && fair != poor);
    }
}
