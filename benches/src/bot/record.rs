//! What one bot saw of the game, and how it ended. Plain counting; what it means is the report's business.

use hdrhistogram::Histogram;

/// Longest time that is told apart, in microseconds: a minute.
const TIME_US_MAX: u64 = 60_000_000;
/// Two figures: to a hundredth, in ten kilobytes a histogram.
const FIGURES: u8 = 2;

/// A correction of the own ship that could be seen, in world units.
pub(super) const SEEN_UNITS: f32 = 0.5;

/// Times in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Times(Histogram<u32>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, TIME_US_MAX, FIGURES).expect("constant bounds are valid"))
    }
}

impl Times {
    pub(super) fn add_ms(&mut self, ms: f64) {
        self.0.saturating_record((ms * 1000.0) as u64);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        // Bounds are the same, so there is nothing that does not fit.
        let _ = self.0.add(&other.0);
    }

    /// In milliseconds; 0 if there was none.
    pub(super) fn percentile_ms(&self, percentile: f64) -> f64 {
        if self.0.is_empty() { 0.0 } else { self.0.value_at_percentile(percentile) as f64 / 1000.0 }
    }

    /// In milliseconds; 0 if there was none.
    pub(super) fn max_ms(&self) -> f64 {
        self.0.max() as f64 / 1000.0
    }
}

/// What a bot counted in the measured time.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// Time in the game.
    pub(super) played_seconds: f64,
    pub(super) frames: u64,
    pub(super) bytes: u64,
    /// Between a frame and the one before.
    pub(super) gaps: Times,
    pub(super) input_to_ack: Times,
    /// Frames that moved the own ship against its prediction by more than [`SEEN_UNITS`].
    pub(super) corrections: u64,
    /// Over all frames.
    pub(super) ships_sum: u64,
    pub(super) ships_max: u32,
}

/// How a bot's connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The bot left when all did.
    Left,
    /// For this reason.
    Lost(String),
}

/// A bot's life.
#[derive(Clone, Debug)]
pub(super) struct Life {
    /// It had a frame.
    pub(super) joined: bool,
    pub(super) end: End,
    pub(super) record: Record,
    /// In all its life.
    pub(super) checksum_mismatches: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_to_a_hundredth_and_bounded() {
        let mut times = Times::default();
        assert_eq!(times.percentile_ms(50.0), 0.0);
        (1..=1000).for_each(|ms| times.add_ms(f64::from(ms)));
        assert!((times.percentile_ms(50.0) - 500.0).abs() < 5.0);
        times.add_ms(1e12);
        assert!((times.max_ms() - 60_000.0).abs() < 600.0);
        let mut other = Times::default();
        other.merge(&times);
        assert_eq!(other.percentile_ms(99.0), times.percentile_ms(99.0));
    }
}
