//! A recording of where something was shown, frame by frame, for tests that look for jumps.

use std::collections::VecDeque;

use shared::Vec2;

/// Frames that are kept: half a minute at 60 FPS.
const FRAMES_MAX: usize = 1800;

/// The last frames.
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

    /// Milliseconds, x and y of each frame, oldest first; x and y are no numbers while nothing was shown.
    pub fn numbers(&self) -> Vec<f64> {
        self.frames.iter().flatten().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
