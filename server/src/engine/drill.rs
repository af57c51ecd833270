//! Drills, for operators. An overload drill (`--slow-tick`) makes ticks slow for a while: it shows what the server gives up under
//! overload, and how it recovers. A failure drill (`--fail-after`) lets a simulation panic: it shows the recording, the exit code,
//! what the supervisor does, and players that come back. Without a drill, ticks are as they are.

use std::{
    ops::Range,
    str::FromStr,
    thread,
    time::{Duration, Instant},
};

use super::tick_loop::Ticking;

/// How slow, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowTick {
    /// What each tick takes longer.
    pub extra: Duration,
    /// How long ticks are slow.
    pub lasts: Duration,
    /// From the start to the first slow tick.
    pub after: Duration,
}

impl FromStr for SlowTick {
    type Err = String;

    /// From milliseconds and seconds, as in `45ms/20s`, or `45ms/20s@5s` to begin later.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str, unit: &str| text.strip_suffix(unit)?.parse::<u16>().ok().map(u64::from);
        let parsed = text.split_once('/').and_then(|(extra, lasts)| {
            let (lasts, after) = lasts.split_once('@').unwrap_or((lasts, "0s"));
            Some(Self {
                extra: Duration::from_millis(number(extra, "ms")?),
                lasts: Duration::from_secs(number(lasts, "s")?),
                after: Duration::from_secs(number(after, "s")?),
            })
        });
        parsed.ok_or_else(|| "expected milliseconds and seconds, such as 45ms/20s or 45ms/20s@5s".to_owned())
    }
}

/// A simulation thread's work, with the drills that are asked for.
#[derive(Debug)]
pub struct Drill<T> {
    inner: T,
    /// When ticks are slow, and how long each takes more.
    slow: Option<(Range<Instant>, Duration)>,
    fails_at: Option<Instant>,
}

impl<T> Drill<T> {
    /// `inner` starts at `now`, and fails after `fail_after`.
    pub fn new(inner: T, slow_tick: Option<SlowTick>, fail_after: Option<Duration>, now: Instant) -> Self {
        let slow =
            slow_tick.map(|SlowTick { extra, lasts, after }| (now + after..now + after + lasts, extra));
        Self { inner, slow, fails_at: fail_after.map(|after| now + after) }
    }

    /// What has the drills.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// The same without them.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// How long a tick that begins at `now` takes more.
    fn extra(&self, now: Instant) -> Option<Duration> {
        self.slow.as_ref().and_then(|(slow, extra)| slow.contains(&now).then_some(*extra))
    }
}

impl<T: Ticking> Ticking for Drill<T> {
    fn tick(&mut self, began: Instant) {
        assert!(self.fails_at.is_none_or(|at| began < at), "a failure drill, by --fail-after");
        if let Some(extra) = self.extra(began) {
            thread::sleep(extra);
        }
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

    #[test]
    fn drill_is_read_from_a_flag() {
        let drill = |extra, lasts, after| SlowTick {
            extra: Duration::from_millis(extra),
            lasts: Duration::from_secs(lasts),
            after: Duration::from_secs(after),
        };
        assert_eq!("45ms/20s".parse(), Ok(drill(45, 20, 0)));
        assert_eq!("45ms/20s@5s".parse(), Ok(drill(45, 20, 5)));
        for text in ["45", "45ms", "45/20", "45ms/20", "45ms/20s@", "-1ms/2s", "45ms/70000s"] {
            assert!(text.parse::<SlowTick>().is_err_and(|error| error.contains("45ms/20s")), "{text}");
        }
    }

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
    fn ticks_are_slow_only_while_the_drill_lasts() {
        let start = Instant::now();
        let extra = Duration::from_millis(30);
        let slow_tick = SlowTick { extra, lasts: Duration::from_secs(20), after: Duration::from_secs(5) };
        let mut drill = Drill::new(Counting::default(), Some(slow_tick), None, start);
        for (second, is_slow) in [(4, false), (5, true), (24, true), (25, false)] {
            let began = Instant::now();
            let tick = start + Duration::from_secs(second);
            drill.tick(tick);
            // A machine that is busy may make any tick slow, so only one side can be told for certain.
            assert!(!is_slow || began.elapsed() >= extra, "second {second}");
            assert_eq!(drill.extra(tick).is_some(), is_slow);
        }
        assert_eq!(drill.inner().0, 4);
    }

    #[test]
    fn ticks_are_done_until_the_failure() {
        let start = Instant::now();
        let mut drill = Drill::new(Counting::default(), None, Some(Duration::from_secs(5)), start);
        drill.tick(start);
        drill.tick(start + Duration::from_secs(4));
        let failed = catch_unwind(AssertUnwindSafe(|| drill.tick(start + Duration::from_secs(5))));
        assert!(failed.is_err());
        assert_eq!(drill.inner().0, 2);
    }
}
