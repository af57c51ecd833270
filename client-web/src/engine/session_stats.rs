//! What a session measures about itself: for the lag readout, the load bots and the tests. Nothing here decides
//! anything.

/// Answers to inputs that are kept until somebody drains them.
const ACKS_MAX: usize = 512;
/// Weight of a new sample in a smoothed value: about the last ten count.
const SMOOTHING: f32 = 0.1;

/// What a session measures about itself. Counts are since the session began.
#[derive(Clone, Debug, Default)]
pub struct SessionStats {
    /// Frames put on.
    pub frames_received: u64,
    /// Bytes of all messages.
    pub bytes_received: u64,
    /// Cells that differed from the server's: none, unless one end has a bug.
    pub checksum_mismatches: u64,
    /// Cells that then came in full.
    pub resyncs: u64,
    /// Chunks of cells that are not in view, which were ignored.
    pub stray_chunks: u64,
    /// Inputs made.
    pub inputs_sent: u64,
    /// Own ticks left out because the caller came too late for them.
    pub ticks_skipped: u64,
    /// Ships in view, without the own one, after the last frame.
    pub visible_ships: u32,
    /// How early the newest input was for its tick at the last frame: see [`shared::game::protocol::FrameHead::lead`].
    pub input_lead: i8,
    /// When the last frame came, in the caller's milliseconds.
    pub last_frame_ms: Option<f64>,
    /// From making an input to its answer, smoothed.
    pub input_to_ack_ms: f32,
    /// How unevenly frames come: mean distance from an even beat.
    pub frame_jitter_ms: f32,
    /// How far in the past others are shown.
    pub interpolation_delay_ms: f32,
    /// Distance by which the last frame moved the own ship against its prediction, in world units.
    pub prediction_error: f32,
    /// Frames that moved it at all.
    pub corrections: u64,
    /// Frames with a full view: the first, and after some were left out.
    pub full_views: u64,
    /// Pictures drawn, and those in which others flew on beyond what was known of them.
    pub pictures: u64,
    /// See [`Self::pictures`].
    pub pictures_extrapolated: u64,
    errors: Vec<f32>,
    acks: Vec<f32>,
}

impl SessionStats {
    pub(crate) fn answered(&mut self, ms: f32) {
        self.input_to_ack_ms = if self.input_to_ack_ms == 0.0 {
            ms
        } else {
            self.input_to_ack_ms + (ms - self.input_to_ack_ms) * SMOOTHING
        };
        if self.acks.len() < ACKS_MAX {
            self.acks.push(ms);
        }
    }

    /// The last frame moved the own ship so far from where it was predicted, if it was.
    pub(crate) fn corrected(&mut self, error: Option<f32>) {
        self.prediction_error = error.unwrap_or(0.0);
        let Some(error) = error else { return };
        self.corrections += u64::from(error > 0.0);
        if self.errors.len() < ACKS_MAX {
            self.errors.push(error);
        }
    }

    pub(crate) fn drain_errors(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.errors.drain(..)
    }

    pub(crate) fn drain_acks(&mut self) -> impl Iterator<Item = f32> + '_ {
        self.acks.drain(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undrained_samples_are_bounded() {
        let mut stats = SessionStats::default();
        (0..10 * ACKS_MAX).for_each(|_| stats.answered(20.0));
        assert_eq!(stats.drain_acks().count(), ACKS_MAX);
        assert_eq!(stats.drain_acks().count(), 0);
        assert_eq!(stats.input_to_ack_ms, 20.0);
    }
}
