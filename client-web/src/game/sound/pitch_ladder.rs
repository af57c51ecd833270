//! Embers collected in a row rise in pitch, and those collected at once are played one after the other.

/// A row ends after this long without an ember, in milliseconds.
const ENDS_MS: f64 = 1200.0;
/// Least time from one note to the next, in milliseconds.
const APART_MS: f64 = 58.0;
/// A note that would have to wait longer is left out, in milliseconds.
const WAITS_MS: f64 = 240.0;
/// The major pentatonic, in semitones: any two of its notes sound well together.
const SCALE: [u8; 5] = [0, 2, 4, 7, 9];
/// The highest octave, which a long row repeats.
const TOP_OCTAVE: usize = 2;

/// The place in the present row.
#[derive(Clone, Copy, Debug)]
pub(super) struct PitchLadder {
    step: usize,
    last_ms: f64,
}

impl Default for PitchLadder {
    fn default() -> Self {
        Self { step: 0, last_ms: f64::NEG_INFINITY }
    }
}

impl PitchLadder {
    /// The note of an ember that was collected now: its pitch as a factor of the lowest, and its delay in milliseconds.
    pub(super) fn climb(&mut self, now_ms: f64) -> Option<(f32, f64)> {
        if now_ms - self.last_ms > ENDS_MS {
            self.step = 0;
        }
        let at_ms = now_ms.max(self.last_ms + APART_MS);
        if at_ms - now_ms > WAITS_MS {
            return None;
        }
        let octave = (self.step / SCALE.len()).min(TOP_OCTAVE);
        let semitones = octave as f32 * 12.0 + f32::from(SCALE[self.step % SCALE.len()]);
        self.step += 1;
        self.last_ms = at_ms;
        Some((libm::exp2f(semitones / 12.0), at_ms - now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitch_rises_and_starts_over_after_a_pause() {
        let mut ladder = PitchLadder::default();
        let mut pitches = (0..12).map(|i| ladder.climb(f64::from(i) * 300.0).expect("it is played").0);
        let first = pitches.next().expect("there are twelve");
        assert_eq!(first, 1.0);
        assert!(pitches.try_fold(first, |last, pitch| (pitch > last).then_some(pitch)).is_some());
        assert_eq!(ladder.climb(11.0 * 300.0 + ENDS_MS + 1.0), Some((1.0, 0.0)));
    }

    #[test]
    fn long_row_stays_in_the_top_octave() {
        let mut ladder = PitchLadder::default();
        let late: Vec<f32> =
            (0..60).filter_map(|i| ladder.climb(f64::from(i) * 100.0)).map(|(pitch, _)| pitch).collect();
        assert!(late[20..].iter().all(|pitch| (4.0..8.0).contains(pitch)));
        assert!(late[20..].windows(2).all(|two| two[0] != two[1]), "it keeps changing");
    }

    #[test]
    fn notes_at_once_are_spread_and_bounded() {
        let mut ladder = PitchLadder::default();
        let delays: Vec<f64> = (0..40).filter_map(|_| ladder.climb(0.0)).map(|(_, delay)| delay).collect();
        assert_eq!(delays.len(), 5);
        assert!(delays.windows(2).all(|two| (two[1] - two[0] - APART_MS).abs() < 1e-9));
    }
}
