//! Counters, gauges and histograms that any thread may use at any time.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds one.
    pub fn inc(&self) {
        self.add(1);
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The value now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that is what it was set to last.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// At `value`.
    pub fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    /// Sets it.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Adds one.
    pub fn inc(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes one away; there must be one.
    pub fn dec(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// The value now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often durations were up to each of some bounds.
#[derive(Debug)]
pub struct Histogram {
    bounds_us: &'static [u64],
    /// One for each bound, and one for what is beyond the last.
    counts: Vec<Counter>,
    sum_ns: Counter,
}

impl Histogram {
    /// Without observations. `bounds_us` are in microseconds, and rise.
    pub fn new(bounds_us: &'static [u64]) -> Self {
        let counts = (0..=bounds_us.len()).map(|_| Counter::default()).collect();
        Self { bounds_us, counts, sum_ns: Counter::default() }
    }

    /// Another one with the same bounds, without observations.
    pub fn empty(&self) -> Self {
        Self::new(self.bounds_us)
    }

    /// Counts a duration.
    pub fn observe(&self, duration: Duration) {
        let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let bucket = self.bounds_us.partition_point(|bound| bound * 1000 < ns);
        self.counts[bucket].inc();
        self.sum_ns.add(ns);
    }

    /// Adds the durations that another one has counted, which has the same bounds.
    pub fn absorb(&self, other: &Self) {
        debug_assert_eq!(self.bounds_us, other.bounds_us);
        self.counts.iter().zip(&other.counts).for_each(|(own, other)| own.add(other.get()));
        self.sum_ns.add(other.sum_ns.get());
    }

    /// For each bound, in seconds, how many durations were at most that.
    pub fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        let sums = self.counts.iter().scan(0, |sum, count| {
            *sum += count.get();
            Some(*sum)
        });
        self.bounds_us.iter().map(|us| *us as f64 / 1e6).zip(sums)
    }

    /// How many durations there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().map(Counter::get).sum()
    }

    /// All durations together.
    pub fn sum_seconds(&self) -> f64 {
        self.sum_ns.get() as f64 / 1e9
    }
}

/// One instrument for each value of a label. All are there from the start, so that the first event of a kind is a rise
/// from 0 and not a new series.
#[derive(Debug)]
pub struct ByLabel<T>(Vec<(&'static str, T)>);

impl<T> ByLabel<T> {
    /// One `instrument` for each of `values`.
    pub fn new(values: impl IntoIterator<Item = &'static str>, instrument: impl Fn() -> T) -> Self {
        Self(values.into_iter().map(|value| (value, instrument())).collect())
    }

    /// The instrument of this value.
    ///
    /// # Panics
    /// In tests, if there is none. Otherwise the first one is used: to count in the wrong place is better than to stop.
    pub fn get(&self, value: &str) -> &T {
        let found = self.0.iter().find(|(own, _)| *own == value);
        debug_assert!(found.is_some(), "no instrument for the label {value:?}");
        &found.unwrap_or(&self.0[0]).1
    }

    /// All, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.0.iter().map(|(value, instrument)| (*value, instrument))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histogram_counts_a_duration_at_its_bound_and_above() {
        let histogram = Histogram::new(&[1000, 2000]);
        for us in [1, 1000, 1001, 5000] {
            histogram.observe(Duration::from_micros(us));
        }
        assert_eq!(histogram.cumulative().collect::<Vec<_>>(), [(0.001, 2), (0.002, 3)]);
        assert_eq!((histogram.count(), histogram.sum_seconds()), (4, 0.007_002));
    }

    #[test]
    fn labels_are_there_from_the_start() {
        let counters = ByLabel::new(["a", "b"], Counter::default);
        counters.get("b").inc();
        let values: Vec<_> = counters.iter().map(|(label, counter)| (label, counter.get())).collect();
        assert_eq!(values, [("a", 0), ("b", 1)]);
    }
}
