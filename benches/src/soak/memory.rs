//! The server's memory over time, and whether it grew. Medians of a part of the time are compared, because a single
//! reading has peaks.

use serde::Serialize;

use crate::report::ratio;

/// The share of the time after which caches and tables that grow by doubling have grown.
const WARM_UP: f64 = 0.25;
/// The share of the time at whose end, and at whose beginning after the warm-up, the memory is read.
const PART: f64 = 0.2;
/// Growth in one half of the time after the warm-up from which on it counts, as a share. A leak grows in both; a table that doubles,
/// or a thread that starts, grows in one.
pub(super) const HALF_GROWTH_MAX: f64 = 0.01;
/// Growth in all of that time that is always too much.
pub(super) const GROWTH_MAX: f64 = 0.1;
/// Fewer readings than this say nothing.
const SAMPLES_MIN: usize = 20;

/// The resident memory of the server's process.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Memory {
    /// Evenly over the time, in bytes.
    pub samples: Vec<u64>,
    /// The median after the warm-up, in bytes.
    pub early: Option<u64>,
    /// The median in the middle between the two, in bytes.
    pub middle: Option<u64>,
    /// The median at the end, in bytes.
    pub late: Option<u64>,
}

impl Memory {
    pub(super) fn new(samples: Vec<u64>) -> Self {
        let place = |share: f64| (samples.len() as f64 * share) as usize;
        let part = place(PART);
        let [early, middle, late] = match samples.len() {
            0..SAMPLES_MIN => [None; 3],
            count => {
                let (early, late) = (place(WARM_UP), count - part);
                [early, (early + late) / 2, late].map(|start| median(&samples[start..start + part]))
            }
        };
        Self { early, middle, late, samples }
    }

    /// From early to late, as a share of the early memory; negative if it shrank.
    pub fn growth(&self) -> Option<f64> {
        let (early, late) = (self.early? as f64, self.late? as f64);
        ratio(late - early, early)
    }

    pub(super) fn failure(&self) -> Option<String> {
        let (Some(growth), Some(is_steady)) = (self.growth(), self.grows_in_both_halves()) else {
            return Some("the server's memory could not be read often enough".to_owned());
        };
        let is_leak = is_steady || growth >= GROWTH_MAX;
        is_leak.then(|| format!("the server's memory grew by {:.1} %", 100.0 * growth))
    }

    fn grows_in_both_halves(&self) -> Option<bool> {
        let [early, middle, late] = [self.early?, self.middle?, self.late?].map(|bytes| bytes as f64);
        Some((middle - early).min(late - middle) >= HALF_GROWTH_MAX * early)
    }
}

fn median(samples: &[u64]) -> Option<u64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_from_the_end_of_the_warm_up_to_the_end() {
        // Grows in the warm-up, is level, and grows by a hundredth in the end.
        let sample = |at: u64| if at < 50 { 500 + 10 * at } else { 1000 + u64::from(at >= 150) * 10 };
        let memory = Memory::new((0..200).map(sample).collect());
        assert_eq!((memory.early, memory.late), (Some(1000), Some(1010)));
        assert_eq!((memory.growth(), memory.failure()), (Some(0.01), None));
    }

    #[test]
    fn a_leak_is_a_failure_and_a_peak_is_none() {
        let leak = Memory::new((0..200).map(|at| 1000 + at).collect());
        assert_eq!(leak.failure().as_deref(), Some("the server's memory grew by 10.3 %"));
        let peaks = Memory::new((0..200).map(|at| if at % 10 == 0 { 5000 } else { 1000 }).collect());
        assert_eq!(peaks.failure(), None);
    }

    #[test]
    fn a_single_step_is_no_leak_unless_it_is_a_large_one() {
        let step = |by: u64| Memory::new((0..200).map(|at| 1000 + u64::from(at >= 80) * by).collect());
        assert_eq!(step(38).failure(), None);
        assert_eq!(step(110).failure().as_deref(), Some("the server's memory grew by 11.0 %"));
        // Two percent in all, but all the time.
        let slow = Memory::new((0..200).map(|at| 10_000 + 2 * at).collect());
        assert!(slow.failure().is_some());
    }

    #[test]
    fn a_few_readings_are_no_proof() {
        assert!(Memory::new(vec![1000; SAMPLES_MIN - 1]).failure().is_some());
    }
}
