//! What a session measures of itself, for the lag panel, load bots and tests; and a recording of where something was shown, for
//! tests that look for jumps. Nothing here decides anything.

use std::collections::VecDeque;

use shared::Vec2;

/// Samples kept until they are drained.
const SAMPLES_MAX: usize = 512;
/// Weight of a new sample in a smoothed value: about the last ten count.
const SMOOTHING: f32 = 0.1;

/// Measurements of a session. Counts are since it began.
#[derive(Clone, Debug, Default)]
pub struct SessionStats {
    /// Frames applied.
    pub frames_received: u64,
    /// Bytes of all messages.
    pub bytes_received: u64,
    /// Cells that differed from the server's: none, unless one end has a bug.
    pub checksum_mismatches: u64,
    /// Cells that were resent in full after a mismatch.
    pub resyncs: u64,
    /// Chunks of cells out of view, which were ignored.
    pub stray_chunks: u64,
    /// Inputs made.
    pub inputs_sent: u64,
    /// Own ticks whose input was left out because the caller came too late for them.
    pub ticks_skipped: u64,
    /// Bodies in view after the last frame, without the own one.
    pub visible_bodies: u32,
    /// How many ticks early the newest input was at the last frame.
    pub input_lead: i8,
    /// When the last frame arrived, in the caller's milliseconds.
    pub last_frame_ms: Option<f64>,
    /// From making an input to its acknowledgement, smoothed.
    pub input_to_ack_ms: f32,
    /// Mean deviation of frame arrivals from an even schedule.
    pub frame_jitter_ms: f32,
    /// How far in the past remote bodies are shown.
    pub interpolation_delay_ms: f32,
    /// How far the last frame moved the own body from its prediction, in world units.
    pub prediction_error: f32,
    /// Frames that moved it at all.
    pub corrections: u64,
    /// Frames with a full view: the first one, and one after each time that frames were skipped.
    pub full_views: u64,
    /// Frames drawn on the screen.
    pub rendered_frames: u64,
    /// Of these, frames that showed remote bodies beyond the last sample.
    pub extrapolated_frames: u64,
    errors: Vec<f32>,
    acks_ms: Vec<f32>,
}

impl SessionStats {
    /// An input was acknowledged this long after it was made.
    pub(crate) fn record_ack(&mut self, ms: f32) {
        self.input_to_ack_ms = if self.input_to_ack_ms == 0.0 {
            ms
        } else {
            self.input_to_ack_ms + (ms - self.input_to_ack_ms) * SMOOTHING
        };
        if self.acks_ms.len() < SAMPLES_MAX {
            self.acks_ms.push(ms);
        }
    }

    /// A frame moved the own body this far from its prediction; `None` if nothing was predicted.
    pub(crate) fn record_prediction_error(&mut self, error: Option<f32>) {
        self.prediction_error = error.unwrap_or(0.0);
        let Some(error) = error else { return };
        self.corrections += u64::from(error > 0.0);
        if self.errors.len() < SAMPLES_MAX {
            self.errors.push(error);
        }
    }

    pub(crate) fn drain_prediction_errors(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.errors.drain(..)
    }

    pub(crate) fn drain_acks_ms(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.acks_ms.drain(..)
    }
}

/// Frames that are kept: half a minute at 60 FPS.
const FRAMES_MAX: usize = 1800;

/// Where something was shown in the last frames.
#[derive(Debug, Default)]
pub struct Trace {
    frames: VecDeque<[f64; 3]>,
}

impl Trace {
    /// Records a frame, and forgets the oldest if there are too many. `place` is `None` while nothing was shown.
    pub fn record(&mut self, now_ms: f64, place: Option<Vec2>) {
        if self.frames.len() == FRAMES_MAX {
            self.frames.pop_front();
        }
        let [x, y] = place.map_or([f64::NAN; 2], |place| [place.x.into(), place.y.into()]);
        self.frames.push_back([now_ms, x, y]);
    }

    /// Milliseconds, x and y of each frame, oldest first; x and y are NaN while nothing was shown.
    pub fn numbers(&self) -> Vec<f64> {
        self.frames.iter().flatten().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_that_are_not_drained_are_bounded() {
        let mut stats = SessionStats::default();
        for _ in 0..10 * SAMPLES_MAX {
            stats.record_ack(20.0);
            stats.record_prediction_error(Some(0.0));
        }
        assert_eq!(
            (stats.drain_acks_ms().count(), stats.drain_prediction_errors().count()),
            (SAMPLES_MAX, SAMPLES_MAX)
        );
        assert_eq!((stats.drain_acks_ms().count(), stats.drain_prediction_errors().count()), (0, 0));
        assert_eq!(stats.input_to_ack_ms, 20.0);
    }

    #[test]
    fn only_an_error_counts_as_a_correction() {
        let mut stats = SessionStats::default();
        for error in [Some(0.0), None, Some(2.5), Some(0.0)] {
            stats.record_prediction_error(error);
        }
        assert_eq!((stats.corrections, stats.prediction_error), (1, 0.0));
        assert_eq!(stats.drain_prediction_errors().collect::<Vec<_>>(), [0.0, 2.5, 0.0]);
    }

    #[test]
    fn a_frame_is_three_numbers() {
        let mut trace = Trace::default();
        trace.record(16.0, Some(Vec2::new(1.5, -2.0)));
        assert_eq!(trace.numbers(), [16.0, 1.5, -2.0]);
        trace.record(33.0, None);
        assert!(trace.numbers()[3] == 33.0 && trace.numbers()[4..].iter().all(|number| number.is_nan()));
    }

    #[test]
    fn the_oldest_frames_are_forgotten() {
        let mut trace = Trace::default();
        (0..FRAMES_MAX + 5).for_each(|frame| trace.record(frame as f64, Some(Vec2::ZERO)));
        assert_eq!(trace.numbers().len(), 3 * FRAMES_MAX);
        assert_eq!(trace.numbers()[0], 5.0);
    }
}
