//! A failure drill: a simulation thread panics after a while, so that an operator sees what happens then: the recording, the exit
//! code, what the supervisor does, and players that come back.

use std::time::{Duration, Instant};

use super::tick_loop::Ticking;

/// A simulation thread's work that fails.
#[derive(Debug)]
pub struct FailureDrill<'a, T: ?Sized> {
    inner: &'a mut T,
    fails_at: Instant,
}

impl<'a, T: ?Sized> FailureDrill<'a, T> {
    /// `inner` starts at `now`, and fails `after` that.
    pub fn new(inner: &'a mut T, after: Duration, now: Instant) -> Self {
        Self { inner, fails_at: now + after }
    }
}

impl<T: Ticking + ?Sized> Ticking for FailureDrill<'_, T> {
    fn tick(&mut self, began: Instant) {
        assert!(began < self.fails_at, "a failure drill, by --fail-after");
        self.inner.tick(began);
    }

    fn ticked(&mut self, work: Duration, lateness: Duration) {
        self.inner.ticked(work, lateness);
    }

    fn skip(&mut self, ticks: u32) {
        self.inner.skip(ticks);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[derive(Default)]
    struct Counting(u32);

    impl Ticking for Counting {
        fn tick(&mut self, _: Instant) {
            self.0 += 1;
        }
        fn ticked(&mut self, _: Duration, _: Duration) {}
        fn skip(&mut self, _: u32) {}
    }

    #[test]
    fn ticks_are_done_until_the_drill_begins() {
        let start = Instant::now();
        let mut counting = Counting::default();
        let mut drill = FailureDrill::new(&mut counting, Duration::from_secs(5), start);
        drill.tick(start);
        drill.tick(start + Duration::from_secs(4));
        let failed = catch_unwind(AssertUnwindSafe(|| drill.tick(start + Duration::from_secs(5))));
        assert!(failed.is_err());
        assert_eq!(counting.0, 2);
    }
}
