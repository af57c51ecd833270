//! An overload drill: makes ticks slow for a while, so that an operator can see what the server gives up under overload and
//! how it recovers. Off unless `--slow-tick` asks for it.

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

/// A simulation thread's work with some slow ticks.
#[derive(Debug)]
pub struct OverloadDrill<'a, T: ?Sized> {
    inner: &'a mut T,
    extra: Duration,
    slow: Range<Instant>,
}

impl<'a, T: ?Sized> OverloadDrill<'a, T> {
    /// `inner` starts at `now`.
    pub fn new(inner: &'a mut T, slow_tick: SlowTick, now: Instant) -> Self {
        let SlowTick { extra, lasts, after } = slow_tick;
        Self { inner, extra, slow: now + after..now + after + lasts }
    }
}

impl<T: Ticking + ?Sized> Ticking for OverloadDrill<'_, T> {
    fn tick(&mut self, began: Instant) {
        if self.slow.contains(&began) {
            thread::sleep(self.extra);
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

    struct Nothing;

    impl Ticking for Nothing {
        fn tick(&mut self, _: Instant) {}
        fn ticked(&mut self, _: Duration, _: Duration) {}
        fn skip(&mut self, _: u32) {}
    }

    #[test]
    fn ticks_are_slow_only_while_the_drill_lasts() {
        let start = Instant::now();
        let extra = Duration::from_millis(30);
        let slow_tick = SlowTick { extra, lasts: Duration::from_secs(20), after: Duration::from_secs(5) };
        let mut nothing = Nothing;
        let mut drill = OverloadDrill::new(&mut nothing, slow_tick, start);
        for (second, is_slow) in [(4, false), (5, true), (24, true), (25, false)] {
            let began = Instant::now();
            drill.tick(start + Duration::from_secs(second));
            // A machine that is busy may make any tick slow, so only one side can be told for certain.
            assert!(!is_slow || began.elapsed() >= extra, "second {second}");
            assert_eq!(drill.slow.contains(&(start + Duration::from_secs(second))), is_slow);
        }
    }
}
