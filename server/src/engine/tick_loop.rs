//! Runs a simulation thread: calls for a tick whenever one is due, and sleeps in between. Must not know what a tick does.

use std::{
    mem,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    notifier::Notifier,
    ticker::{Due, Ticker},
};

/// Longest sleep, so that a stop is noticed soon even at a slow tick rate.
const SLEEP_MAX: Duration = Duration::from_millis(100);
/// How long before a tick the network's threads are woken, so that what has arrived is in the inbox in time.
const NOTIFY_BEFORE: Duration = Duration::from_millis(2);

/// What a simulation thread does.
pub trait Ticking {
    /// Does one tick, which begins now, at `began`.
    fn tick(&mut self, began: Instant);
    /// Notes what the tick took, and how late it began.
    fn ticked(&mut self, work: Duration, lateness: Duration);
    /// Lets `ticks` pass without doing them: the thread is too far behind to catch up.
    fn skip(&mut self, ticks: u32);
}

/// Ticks until `stop` is set, and then once more, so that what has just arrived (a client that leaves) is mostly in the last tick.
pub fn run(ticking: &mut impl Ticking, tick_rate: u16, notifier: &Notifier, stop: &AtomicBool) {
    let mut ticker = Ticker::new(Instant::now(), tick_rate);
    let mut has_notified = false;
    while !stop.load(Ordering::Relaxed) {
        match ticker.due(Instant::now()) {
            Due::Wait(pause) if pause > NOTIFY_BEFORE => {
                thread::sleep((pause - NOTIFY_BEFORE).min(SLEEP_MAX));
            }
            Due::Wait(pause) => {
                if !mem::replace(&mut has_notified, true) {
                    notifier.notify();
                }
                thread::sleep(pause);
            }
            Due::Skip(ticks) => ticking.skip(ticks),
            Due::Tick { lateness } => {
                has_notified = false;
                let began = Instant::now();
                ticking.tick(began);
                ticking.ticked(began.elapsed(), lateness);
            }
        }
    }
    notifier.notify();
    thread::sleep(NOTIFY_BEFORE);
    ticking.tick(Instant::now());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a quarter of a second for its third tick, and sets `stop` in the tenth.
    struct Slow<'a> {
        ticks: u32,
        work: Vec<Duration>,
        skipped: u32,
        stop: &'a AtomicBool,
    }

    impl Ticking for Slow<'_> {
        fn tick(&mut self, began: Instant) {
            assert!(began.elapsed() < Duration::from_secs(5));
            self.ticks += 1;
            if self.ticks == 3 {
                thread::sleep(Duration::from_millis(250));
            }
            self.stop.store(self.ticks >= 10, Ordering::Relaxed);
        }

        fn ticked(&mut self, work: Duration, _: Duration) {
            self.work.push(work);
        }

        fn skip(&mut self, ticks: u32) {
            self.skipped += ticks;
        }
    }

    #[test]
    fn each_tick_is_measured_and_a_long_one_costs_ticks() {
        let stop = AtomicBool::new(false);
        let mut slow = Slow { ticks: 0, work: Vec::new(), skipped: 0, stop: &stop };
        run(&mut slow, 100, &Notifier::default(), &stop);
        assert_eq!((slow.ticks, slow.work.len()), (11, 10), "and the last one, which no deadline asks for");
        assert!(slow.work[2] >= Duration::from_millis(250));
        // A quarter of a second is 25 ticks, of which a few are caught up with.
        assert!(slow.skipped >= 19, "{}", slow.skipped);
    }
}
