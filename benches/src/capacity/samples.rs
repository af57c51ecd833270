//! A process's usage over time, and what of it falls into a measured time. Pure.

use std::time::Instant;

use crate::usage::Usage;

/// What a process had used at these moments, by rising time.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples(Vec<(Instant, Usage)>);

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
}

impl Samples {
    /// Adds the newest.
    pub(super) fn push(&mut self, at: Instant, usage: Usage) {
        self.0.push((at, usage));
    }

    /// What falls between these moments; none unless samples tell.
    pub(super) fn between(&self, from: Instant, to: Instant) -> Option<Used> {
        let (first, last) = (self.0.first()?.0, self.0.last()?.0);
        let (from, to) = (from.max(first), to.min(last));
        let (before, after) = (self.at(from)?, self.at(to)?);
        (to > from).then(|| Used {
            cpu_seconds: after.cpu_seconds - before.cpu_seconds,
            seconds: (to - from).as_secs_f64(),
            rss_bytes_before: before.rss_bytes,
            rss_bytes_after: after.rss_bytes,
        })
    }

    /// CPU time between the samples around that moment, memory as in the one before it.
    fn at(&self, moment: Instant) -> Option<Usage> {
        let next = self.0.partition_point(|(at, _)| *at <= moment);
        let (before_at, before) = *self.0.get(next.checked_sub(1)?)?;
        let Some((after_at, after)) = self.0.get(next) else { return Some(before) };
        let share = (moment - before_at).as_secs_f64() / (*after_at - before_at).as_secs_f64();
        let cpu_seconds = before.cpu_seconds + share * (after.cpu_seconds - before.cpu_seconds);
        Some(Usage { cpu_seconds, rss_bytes: before.rss_bytes })
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
            samples.push(at(ms), Usage { cpu_seconds, rss_bytes });
        }
        let used = samples.between(at(50), at(150)).unwrap();
        assert!((used.cpu_seconds - 0.15).abs() < 1e-9, "{used:?}");
        assert!((used.seconds - 0.1).abs() < 1e-9);
        assert_eq!((used.rss_bytes_before, used.rss_bytes_after), (10, 20));
        // Beyond the samples nothing is known, so nothing is made up.
        let used = samples.between(at(100), at(900)).unwrap();
        assert!((used.seconds - 0.1).abs() < 1e-9 && (used.cpu_seconds - 0.2).abs() < 1e-9, "{used:?}");
        assert_eq!(samples.between(at(500), at(900)), None);
    }
}
