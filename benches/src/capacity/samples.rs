//! A process's usage over time and the machine's, and what of it falls into a measured time. Pure.

use std::time::Instant;

use crate::usage::{Busy, Usage};

/// What a process had used at these moments, by rising time.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples(Vec<Sample>);

/// At one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) at: Instant,
    pub(super) usage: Usage,
    /// None where the system does not tell.
    pub(super) busy: Option<Busy>,
}

/// What of it falls into a measured time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Used {
    /// CPU time in it.
    pub(super) cpu_seconds: f64,
    /// Its length, as far as samples reach.
    pub(super) seconds: f64,
    /// Memory when it began.
    pub(super) rss_bytes_before: u64,
    /// Memory when it ended.
    pub(super) rss_bytes_after: u64,
    /// Cores of the machine that were busy with anything.
    pub(super) machine_cores: Option<f64>,
}

impl Samples {
    /// Adds the newest.
    pub(super) fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// What falls between these moments; none unless samples tell.
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

    /// CPU time between the samples around that moment, all else as in the one before it.
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
    fn cpu_is_told_between_samples_and_memory_at_them() {
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
        // Beyond the samples nothing is known, so nothing is made up.
        let used = samples.between(at(100), at(900)).unwrap();
        assert!((used.seconds - 0.1).abs() < 1e-9 && (used.cpu_seconds - 0.2).abs() < 1e-9, "{used:?}");
        assert_eq!(samples.between(at(500), at(900)), None);
    }
}
