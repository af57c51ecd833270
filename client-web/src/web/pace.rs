//! How fast pictures come, and how sharp they can be at that pace. It must not know what they show.

/// Weight of a new picture in the mean.
const SMOOTHING: f64 = 0.06;
/// Slower than this for long costs sharpness, in milliseconds a picture, for each degree but the last. The last
/// degree is blurred, so it takes what can hardly be played to get there.
const SLOW_MS: [f64; 2] = [46.0, 75.0];
/// Faster than this for long gives it back, in milliseconds a picture.
const FAST_MS: f64 = 19.0;
/// Pictures to wait for after a change, before the next; longer before sharpness is given back, and longer each
/// time, so that it does not swing.
const PATIENCE: u32 = 70;
const PATIENCE_UP: u32 = 400;
/// The degrees of sharpness.
const SHARPNESS: [f64; 3] = [1.0, 0.75, 0.55];

/// The pace.
#[derive(Debug, Default)]
pub(super) struct Pace {
    mean_ms: f64,
    since_change: u32,
    degree: usize,
    lost: u32,
}

impl Pace {
    /// Takes in a picture that came so long after the last.
    pub(super) fn picture(&mut self, passed_ms: f64) {
        if !(1.0..1000.0).contains(&passed_ms) {
            // The first one, or the page was hidden.
            return;
        }
        if self.mean_ms == 0.0 {
            self.mean_ms = passed_ms;
        }
        self.mean_ms += (passed_ms - self.mean_ms) * SMOOTHING;
        self.since_change += 1;
        let slow = SLOW_MS.get(self.degree).is_some_and(|slow_ms| self.mean_ms > *slow_ms);
        if self.since_change > PATIENCE && slow {
            self.degree += 1;
            self.lost += 1;
            self.since_change = 0;
        } else if self.since_change > PATIENCE_UP * self.lost && self.mean_ms < FAST_MS && self.degree > 0 {
            self.degree -= 1;
            self.since_change = 0;
        }
    }

    /// Pictures a second.
    pub(super) fn fps(&self) -> f32 {
        if self.mean_ms > 0.0 { (1000.0 / self.mean_ms) as f32 } else { 0.0 }
    }

    /// Share of the full number of pixels along a side that pictures should have.
    pub(super) fn sharpness(&self) -> f64 {
        SHARPNESS[self.degree]
    }
}
