//! How the delay is summed up in a word and a number, for players who only want to know whether it is bad.

use crate::engine::lag::LagPart;

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
}

impl LagLevel {
    /// For all of the delay, and the part that is to blame, if any.
    pub fn of(total_ms: f32, culprit: Option<LagPart>) -> Self {
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
        }
    }
}

/// The part to name to the player: only one that is felt.
pub fn blamed(total_ms: f32, culprit: Option<LagPart>) -> Option<LagPart> {
    culprit.filter(|_| total_ms >= POOR_MS)
}

/// The part whose time is shown as the ping: the one that is blamed, or else the network.
pub fn ping_part(total_ms: f32, culprit: Option<LagPart>) -> LagPart {
    blamed(total_ms, culprit).unwrap_or(LagPart::Network)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Option<LagPart> = Some(LagPart::Tick);

    #[test]
    fn the_level_follows_the_delay_only_if_a_part_is_to_blame() {
        assert_eq!(LagLevel::of(90.0, None), LagLevel::Good);
        assert_eq!(LagLevel::of(900.0, None), LagLevel::Good);
        assert_eq!(LagLevel::of(POOR_MS - 1.0, TICK), LagLevel::Fair);
        assert_eq!(LagLevel::of(POOR_MS, TICK), LagLevel::Poor);
    }

    #[test]
    fn a_part_is_named_when_it_is_felt_and_its_time_is_the_ping() {
        assert_eq!(blamed(POOR_MS - 1.0, TICK), None);
        assert_eq!(ping_part(POOR_MS - 1.0, TICK), LagPart::Network);
        assert_eq!((blamed(POOR_MS, TICK), ping_part(POOR_MS, TICK)), (TICK, LagPart::Tick));
        assert_eq!((blamed(900.0, None), ping_part(900.0, None)), (None, LagPart::Network));
    }
}
