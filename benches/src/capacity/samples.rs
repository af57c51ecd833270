//! Samples of a process's and the machine's usage, and what was used in a measured time.

use std::time::Instant;

use crate::usage::{Busy, Usage};

/// By rising time.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples(Vec<Sample>);

#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) at: Instant,
    pub(super) usage: Usage,
    /// None where the system does not report it.
    pub(super) busy: Option<Busy>,
}

/// What was used in a measured time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Used {
    pub(super) cpu_seconds: f64,
    /// The part of the measured time that samples cover.
    pub(super) seconds: f64,
    pub(super) rss_bytes_before: u64,
    pub(super) rss_bytes_after: u64,
    /// Cores of the machine that were busy with any process.
    pub(super) machine_cores: Option<f64>,
}

impl Samples {
    pub(super) fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// None if no samples cover the time.
    pub(super) fn between(&self, from: Instant, to: Instant) -> Option<Used> {
        let (from, to) = (from.max(self.0.first()?.at), to.min(self.0.last()?.at));
        let (before, after) = (self.at(from)?, self.at(to)?);
        let busy = || after.busy?.cores_since(before.busy?);
        (to > from).then(|| Used {
            cpu_seconds: after.usage.cpu_seconds - before.usage.cpu_seconds,
            seconds: (to - from).as_secs_f64(),
            rss_bytes_before: before.usage.rss_bytes,
            rss_bytes_after: after.usage.rss_bytes,
            machine_cores: busy(),
        })
    }

    /// CPU time is interpolated between the samples around the moment; the rest is from the one before it.
    fn at(&self, moment: Instant) -> Option<Sample> {
        let next = self.0.partition_point(|sample| sample.at <= moment);
        let mut sample = *self.0.get(next.checked_sub(1)?)?;
        if let Some(after) = self.0.get(next) {
            let share = (moment - sample.at).as_secs_f64() / (after.at - sample.at).as_secs_f64();
            sample.usage.cpu_seconds += share * (after.usage.cpu_seconds - sample.usage.cpu_seconds);
        }
        Some(sample)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn cpu_is_interpolated_and_memory_is_not() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut samples = Samples::default();
        assert_eq!(samples.between(at(0), at(100)), None);
        for (ms, cpu_seconds, rss_bytes) in [(0, 1.0, 10), (100, 1.1, 20), (200, 1.3, 30)] {
            samples.push(Sample { at: at(ms), usage: Usage { cpu_seconds, rss_bytes }, busy: None });
        }
        let used = samples.between(at(50), at(150)).unwrap();
        assert!((used.cpu_seconds - 0.15).abs() < 1e-9, "{used:?}");
        assert!((used.seconds - 0.1).abs() < 1e-9);
        assert_eq!((used.rss_bytes_before, used.rss_bytes_after, used.machine_cores), (10, 20, None));
        // There is no extrapolation beyond the samples.
        let used = samples.between(at(100), at(900)).unwrap();
        assert!((used.seconds - 0.1).abs() < 1e-9 && (used.cpu_seconds - 0.2).abs() < 1e-9, "{used:?}");
        assert_eq!(samples.between(at(500), at(900)), None);
    }
}
