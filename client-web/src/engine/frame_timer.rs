//! How long the client works on a picture: the mean of the last ones, and what one in twenty of them exceeds. It must
//! not know a clock.

/// Pictures that count.
const PICTURES: usize = 120;

/// The last pictures' work, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct FrameTimer {
    last_ms: Vec<f32>,
    next: usize,
}

impl FrameTimer {
    /// A picture took so long.
    pub fn note(&mut self, ms: f32) {
        if self.last_ms.len() < PICTURES {
            self.last_ms.push(ms);
        } else {
            self.last_ms[self.next] = ms;
        }
        self.next = (self.next + 1) % PICTURES;
    }

    /// Mean and 95th percentile, in milliseconds; 0 before the first picture.
    pub fn mean_and_p95_ms(&self) -> (f32, f32) {
        let count = self.last_ms.len();
        if count == 0 {
            return (0.0, 0.0);
        }
        // As few as these are compared with one another sooner than sorted.
        let slower = |ms: f32| self.last_ms.iter().filter(|other| **other > ms).count();
        let few = |ms: &f32| slower(*ms) * 20 <= count;
        let p95_ms = self.last_ms.iter().copied().filter(few).fold(f32::MAX, f32::min);
        (self.last_ms.iter().sum::<f32>() / count as f32, p95_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_pictures_count() {
        let mut work = FrameTimer::default();
        assert_eq!(work.mean_and_p95_ms(), (0.0, 0.0));
        for _ in 0..PICTURES {
            work.note(500.0);
        }
        for ms in 1..=PICTURES {
            work.note(ms as f32);
        }
        assert_eq!(work.mean_and_p95_ms(), (60.5, 114.0));
    }
}
