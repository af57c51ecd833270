//! How fast frames are drawn, and how much there is time to draw. A frame here is one on the screen.

use super::settings::QualityChoice;

/// Weight of a new frame in the mean time between frames.
const SMOOTHING: f64 = 0.06;
/// Slower than this for long costs a level, in milliseconds a frame: from high, and from medium. The lowest level is
/// blurred, so it is used only where the game is hardly playable otherwise.
const SLOW_MS: [f64; 2] = [40.0, 62.0];
/// Faster than this for long gains a level, in milliseconds a frame.
const FAST_MS: f64 = 19.0;
/// Least time from one change to the next. A level is gained later than it is lost, and later each time it was lost,
/// so that quality does not swing on a machine that is between two levels.
const LOSS_DELAY_MS: f64 = 2500.0;
const GAIN_DELAY_MS: f64 = 8000.0;
/// A frame counts as at most this many times the mean: a single hitch says little about the next frames.
const HITCH: f64 = 3.0;
/// Frames whose work is remembered.
const FRAMES: usize = 120;

/// How much is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Quality {
    /// What is needed to play.
    Low,
    /// Most of it.
    Medium,
    /// Everything.
    #[default]
    High,
}

impl Quality {
    /// Its name, the same as that of the choice.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Adapts the quality to the frame rate, unless the visitor chose one.
#[derive(Debug, Default)]
pub struct QualityControl {
    mean_ms: f64,
    since_change_ms: f64,
    levels_lost: f64,
    automatic: Quality,
    choice: QualityChoice,
}

impl QualityControl {
    /// A frame was drawn this long after the one before.
    pub fn on_frame(&mut self, passed_ms: f64) {
        if !(1.0..1000.0).contains(&passed_ms) {
            // The first frame, or the page was hidden.
            return;
        }
        if self.mean_ms == 0.0 {
            self.mean_ms = passed_ms;
        }
        self.mean_ms += (passed_ms.min(self.mean_ms * HITCH) - self.mean_ms) * SMOOTHING;
        if self.choice != QualityChoice::Auto {
            return;
        }
        self.since_change_ms += passed_ms;
        let (less, more) = match self.automatic {
            Quality::High => (Some((Quality::Medium, SLOW_MS[0])), None),
            Quality::Medium => (Some((Quality::Low, SLOW_MS[1])), Some(Quality::High)),
            Quality::Low => (None, Some(Quality::Medium)),
        };
        if let Some((less, slow_ms)) = less
            && self.since_change_ms > LOSS_DELAY_MS
            && self.mean_ms > slow_ms
        {
            self.automatic = less;
            self.levels_lost += 1.0;
            self.since_change_ms = 0.0;
        } else if let Some(more) = more
            && self.since_change_ms > GAIN_DELAY_MS * self.levels_lost
            && self.mean_ms < FAST_MS
        {
            self.automatic = more;
            self.since_change_ms = 0.0;
        }
    }

    /// The visitor's choice from now on.
    pub fn choose(&mut self, choice: QualityChoice) {
        if choice != self.choice {
            *self = Self { mean_ms: self.mean_ms, choice, ..Self::default() };
        }
    }

    /// The quality to draw with.
    pub fn quality(&self) -> Quality {
        match self.choice {
            QualityChoice::Auto => self.automatic,
            QualityChoice::Low => Quality::Low,
            QualityChoice::Medium => Quality::Medium,
            QualityChoice::High => Quality::High,
        }
    }

    /// Frames a second; 0 before the second frame.
    pub fn fps(&self) -> f32 {
        if self.mean_ms > 0.0 { (1000.0 / self.mean_ms) as f32 } else { 0.0 }
    }
}

/// How long the client works on a frame.
#[derive(Clone, Debug, Default)]
pub struct FrameTimer {
    /// A ring of the last frames, in milliseconds.
    last_ms: Vec<f32>,
    next: usize,
}

impl FrameTimer {
    /// Records the work on one frame.
    pub fn record(&mut self, ms: f32) {
        if self.last_ms.len() < FRAMES {
            self.last_ms.push(ms);
        } else {
            self.last_ms[self.next] = ms;
        }
        self.next = (self.next + 1) % FRAMES;
    }

    /// Mean and 95th percentile of the last frames, in milliseconds; 0 before the first.
    pub fn mean_and_p95_ms(&self) -> (f32, f32) {
        let count = self.last_ms.len();
        if count == 0 {
            return (0.0, 0.0);
        }
        // So few are compared with each other faster than they are sorted.
        let slower = |ms: f32| self.last_ms.iter().filter(|other| **other > ms).count();
        let few = |ms: &f32| slower(*ms) * 20 <= count;
        let p95_ms = self.last_ms.iter().copied().filter(few).fold(f32::MAX, f32::min);
        (self.last_ms.iter().sum::<f32>() / count as f32, p95_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(control: &mut QualityControl, frames: u32, ms: f64) -> Quality {
        (0..frames).for_each(|_| control.on_frame(ms));
        control.quality()
    }

    #[test]
    fn slow_frames_lower_the_quality_and_a_hitch_does_not() {
        let mut control = QualityControl::default();
        assert_eq!(run(&mut control, 200, 16.7), Quality::High);
        assert_eq!(run(&mut control, 5, 120.0), Quality::High, "a hitch");
        assert_eq!(run(&mut control, 200, 16.7), Quality::High);
        assert_eq!(run(&mut control, 200, 50.0), Quality::Medium);
        assert_eq!(run(&mut control, 1000, 50.0), Quality::Medium, "it is playable");
        assert_eq!(run(&mut control, 200, 90.0), Quality::Low);
        assert!((control.fps() - 11.1).abs() < 0.1);
    }

    #[test]
    fn quality_does_not_swing_between_two_levels() {
        let mut control = QualityControl::default();
        let mut changes = 0;
        let mut before = control.quality();
        // A machine that is fast on medium and slow on high.
        for _ in 0..20_000 {
            control.on_frame(if control.quality() == Quality::High { 50.0 } else { 16.7 });
            changes += u32::from(control.quality() != before);
            before = control.quality();
        }
        assert!((2..=20).contains(&changes), "{changes} changes in more than five minutes");
    }

    #[test]
    fn chosen_quality_stays_whatever_the_frame_rate() {
        let mut control = QualityControl::default();
        control.choose(QualityChoice::High);
        assert_eq!(run(&mut control, 500, 90.0), Quality::High);
        control.choose(QualityChoice::Auto);
        assert_eq!(run(&mut control, 20, 90.0), Quality::High, "the delay starts over");
        assert_eq!(run(&mut control, 500, 90.0), Quality::Low);
        control.choose(QualityChoice::Medium);
        assert_eq!(control.quality().name(), "medium");
    }

    #[test]
    fn only_the_last_frames_count_as_work() {
        let mut timer = FrameTimer::default();
        assert_eq!(timer.mean_and_p95_ms(), (0.0, 0.0));
        for _ in 0..FRAMES {
            timer.record(500.0);
        }
        for ms in 1..=FRAMES {
            timer.record(ms as f32);
        }
        assert_eq!(timer.mean_and_p95_ms(), (60.5, 114.0));
    }
}
