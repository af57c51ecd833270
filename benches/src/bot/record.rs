//! What bots saw of the game, and how each ended. Plain counting; what it means is the report's business.

use hdrhistogram::Histogram;

/// Longest time that is told apart, in microseconds: a minute.
const TIME_US_MAX: u64 = 60_000_000;
/// Two figures: to a hundredth, in ten kilobytes a histogram.
const FIGURES: u8 = 2;

/// A correction of the own ship that could be seen, in world units.
pub(super) const SEEN_UNITS: f32 = 0.5;

/// Times in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Times(Histogram<u32>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, TIME_US_MAX, FIGURES).expect("constant bounds are valid"))
    }
}

impl Times {
    pub(crate) fn add_us(&mut self, us: u64) {
        self.0.saturating_record(us);
    }

    pub(crate) fn add_ms(&mut self, ms: f64) {
        self.add_us((ms * 1000.0) as u64);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        // Bounds are the same, so there is nothing that does not fit.
        let _ = self.0.add(&other.0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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

/// What healthy bots measured in the measured time, each for itself or a thread's together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// Between a frame and the one before.
    pub(crate) gaps: Times,
    pub(crate) input_to_ack: Times,
    /// By how much the bots' own ticks came too late; of all bots.
    pub(crate) lateness: Times,
    /// Frames in which ships were counted: those of whole clients.
    pub(super) full_frames: u64,
    /// Of those, frames that moved the own ship against its prediction by more than [`SEEN_UNITS`].
    pub(super) corrections: u64,
    /// Over all those frames.
    pub(super) ships_sum: u64,
    pub(super) ships_max: u32,
    /// Bytes of a frame by the ships that moved in it, summed up over [`Self::mover_frames`].
    pub(super) bytes_per_mover_sum: f64,
    pub(super) mover_frames: u64,
    /// Bots that came after another had left.
    pub(crate) joins: u64,
    /// Bots that left so that another could come.
    pub(crate) leaves: u64,
}

impl Measured {
    pub(super) fn merge(&mut self, other: &Self) {
        self.gaps.merge(&other.gaps);
        self.input_to_ack.merge(&other.input_to_ack);
        self.lateness.merge(&other.lateness);
        self.full_frames += other.full_frames;
        self.corrections += other.corrections;
        self.ships_sum += other.ships_sum;
        self.ships_max = self.ships_max.max(other.ships_max);
        self.bytes_per_mover_sum += other.bytes_per_mover_sum;
        self.mover_frames += other.mover_frames;
        self.joins += other.joins;
        self.leaves += other.leaves;
    }
}

/// How a bot's connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The bot left, as it was to.
    Left,
    /// For this reason.
    Lost(String),
}

/// One life of a bot: from a connection to its end.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    /// The bot's first. Others follow where bots come and go.
    pub(crate) first: bool,
    /// Of a bot that did not read as it should.
    pub(crate) stalled: bool,
    /// It had a frame.
    pub(crate) joined: bool,
    pub(crate) end: End,
    /// Time in the game within the measured time.
    pub(crate) played_seconds: f64,
    /// In that time.
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// In all its life.
    pub(crate) checksum_mismatches: u64,
}

/// All that came of some bots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) lives: Vec<Life>,
    pub(crate) measured: Measured,
}

/// One life's part of the measured time, counted frame by frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stay {
    /// Since when the time in the game is being measured.
    from_us: Option<u64>,
    /// The last frame within that time.
    last_us: u64,
    last_frame_us: Option<u64>,
    played_us: u64,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
}

impl Stay {
    /// A frame came. If it counts: the time since the one before. The frame that begins the time in the game is not
    /// itself within it.
    pub(crate) fn frame(&mut self, now_us: u64, bytes: usize, measuring: bool, tick_us: u64) -> Option<u64> {
        let before_us = self.last_frame_us.replace(now_us);
        if !measuring {
            self.pause(now_us, tick_us);
            return None;
        }
        self.last_us = now_us;
        if self.from_us.is_none() {
            self.from_us = Some(now_us);
            return None;
        }
        self.frames += 1;
        self.bytes += bytes as u64;
        before_us.map(|before_us| now_us - before_us)
    }

    /// Adds the time in the game so far.
    pub(crate) fn pause(&mut self, now_us: u64, tick_us: u64) {
        let Some(from_us) = self.from_us.take() else {
            return;
        };
        // Up to the last frame, so that n frames took n times their gap; but a frame that is overdue by then
        // counts against the server.
        let until_us = if now_us - self.last_us < 2 * tick_us { self.last_us } else { now_us };
        self.played_us += until_us.saturating_sub(from_us);
    }

    /// Time in the game that was added so far.
    pub(crate) fn played_seconds(&self) -> f64 {
        self.played_us as f64 / 1e6
    }
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

    #[test]
    fn a_stay_is_as_long_as_its_frames_unless_one_is_overdue() {
        let mut stay = Stay::default();
        assert_eq!(stay.frame(0, 100, false, 50), None);
        assert_eq!(stay.frame(50, 100, true, 50), None);
        assert_eq!(stay.frame(100, 100, true, 50), Some(50));
        assert_eq!(stay.frame(160, 100, true, 50), Some(60));
        let mut overdue = stay.clone();
        stay.pause(200, 50);
        overdue.pause(1_000_050, 50);
        assert_eq!((stay.frames, stay.bytes, stay.played_us), (2, 200, 110));
        assert_eq!(overdue.played_seconds(), 1.0);
    }
}
