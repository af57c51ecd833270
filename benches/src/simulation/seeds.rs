//! Many seeds, side by side.

use std::{
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use super::run::{Failure, check};

/// The search stops after this number of failing seeds.
const FAILURES_MAX: usize = 10;

/// What came of them.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Seeds that were played, each twice.
    pub played: u64,
    /// By rising seed.
    pub failures: Vec<Failure>,
    /// Simulated hours of one run of each.
    pub hours: f64,
    /// Of everything that was observed in those that kept the laws: the same for the same seeds.
    pub hash: u64,
}

/// Plays seeds twice each, on this many threads. `on_failure` is called as soon as one breaks a law.
pub fn check_all(seeds: Range<u64>, threads: usize, on_failure: impl Fn(&Failure) + Sync) -> Summary {
    let next = AtomicU64::new(seeds.start);
    let summary = Mutex::new(Summary::default());
    let shared = || summary.lock().unwrap_or_else(PoisonError::into_inner);
    let play = || {
        while shared().failures.len() < FAILURES_MAX {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                return;
            }
            let checked = check(seed, None);
            let mut summary = shared();
            summary.played += 1;
            match checked {
                Ok(outcome) => {
                    summary.hours += outcome.seconds / 3600.0;
                    summary.hash ^= outcome.hash;
                }
                Err(failure) => {
                    on_failure(&failure);
                    summary.failures.push(failure);
                }
            }
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(play))));
    let mut summary = summary.into_inner().unwrap_or_else(PoisonError::into_inner);
    summary.failures.sort_by_key(|failure| failure.seed);
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many as the tests have time for; `cargo xtask simulate` plays thousands.
    const SEEDS: u64 = 200;

    #[test]
    fn seeds_keep_the_laws_and_both_runs_are_equal() {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let summary = check_all(0..SEEDS, threads, |_| ());
        if let Some(failure) = summary.failures.first() {
            panic!("{failure}\n{}", failure.timeline.join("\n"));
        }
        assert_eq!(summary.played, SEEDS);
    }
}
