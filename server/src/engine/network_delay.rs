//! How long the network's tasks wait for their thread. A probe task on the network side sleeps and notes how late it wakes; the
//! simulation reads it. When the network's threads have too little of the machine, frames wait in outboxes although ticks take no
//! time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Between two probes.
const INTERVAL: Duration = Duration::from_millis(25);

/// The newest measurement. Clones are the same.
#[derive(Clone, Debug)]
pub struct NetworkDelay(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    start: Instant,
    /// When the probe should wake next, in µs since `start`; 0 while none runs.
    due_us: AtomicU64,
    /// How late it woke last, in µs.
    late_us: AtomicU64,
}

impl Default for NetworkDelay {
    /// Without a probe, which is no delay.
    fn default() -> Self {
        let start = tokio::time::Instant::now().into_std();
        Self(Arc::new(Shared { start, due_us: AtomicU64::new(0), late_us: AtomicU64::new(0) }))
    }
}

impl NetworkDelay {
    /// Measures, for as long as it is polled.
    pub async fn probe(&self) {
        loop {
            let due = tokio::time::Instant::now() + INTERVAL;
            self.expect(due.into_std());
            tokio::time::sleep_until(due).await;
            self.woke(tokio::time::Instant::now().into_std());
        }
    }

    /// How late the probe woke last, or how late it is by now, if that is more.
    pub fn get(&self, now: Instant) -> Duration {
        let due_us = self.0.due_us.load(Ordering::Relaxed);
        if due_us == 0 {
            return Duration::ZERO;
        }
        let overdue_us = self.us(now).saturating_sub(due_us);
        Duration::from_micros(self.0.late_us.load(Ordering::Relaxed).max(overdue_us))
    }

    fn expect(&self, due: Instant) {
        self.0.due_us.store(self.us(due).max(1), Ordering::Relaxed);
    }

    fn woke(&self, now: Instant) {
        let late_us = self.us(now).saturating_sub(self.0.due_us.load(Ordering::Relaxed));
        self.0.late_us.store(late_us, Ordering::Relaxed);
    }

    fn us(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.0.start).as_micros() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_is_known_before_the_late_task_runs() {
        let delay = NetworkDelay::default();
        let at = |ms| delay.0.start + Duration::from_millis(ms);
        assert_eq!(delay.get(at(9000)), Duration::ZERO, "there is no probe");
        delay.expect(at(25));
        assert_eq!(delay.get(at(20)), Duration::ZERO);
        assert_eq!(delay.get(at(125)), Duration::from_millis(100));
        delay.woke(at(200));
        delay.expect(at(225));
        assert_eq!(delay.get(at(210)), Duration::from_millis(175));
        delay.woke(at(226));
        delay.expect(at(251));
        assert_eq!(delay.get(at(230)), Duration::from_millis(1));
    }

    #[tokio::test]
    async fn probe_sees_a_thread_that_is_busy_with_something_else() {
        let delay = NetworkDelay::default();
        let probed = delay.clone();
        let probe = tokio::spawn(async move { probed.probe().await });
        tokio::time::sleep(INTERVAL).await;
        std::thread::sleep(Duration::from_millis(300));
        assert!(delay.get(Instant::now()) >= Duration::from_millis(200));
        probe.abort();
    }
}
