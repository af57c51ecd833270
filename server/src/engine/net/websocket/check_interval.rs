//! A periodic timer that is cheap to poll. A connection polls it with every event, forty times a second, and it fires once a
//! second. So it asks the runtime's timer only when it is due or not yet registered.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Fires periodically, for one task.
#[derive(Debug)]
pub(crate) struct CheckInterval {
    period: Duration,
    due: Instant,
    sleep: Pin<Box<Sleep>>,
    /// Whether the runtime will wake the task when it is due.
    is_registered: bool,
}

impl CheckInterval {
    pub(crate) fn new(period: Duration, now: Instant) -> Self {
        let due = now + period;
        Self { period, due, sleep: Box::pin(sleep_until(due)), is_registered: false }
    }

    /// Ready once each period. Always call it from the same task.
    pub(crate) fn poll_tick(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        if now < self.due && (self.is_registered || self.sleep.as_mut().poll(cx).is_pending()) {
            self.is_registered = true;
            return Poll::Pending;
        }
        self.due = now + self.period;
        self.sleep.as_mut().reset(self.due);
        self.is_registered = false;
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn fires_once_a_period_however_often_it_is_polled() {
        let period = Duration::from_secs(1);
        let start = Instant::now();
        let mut interval = CheckInterval::new(period, start);
        for round in 1..5 {
            for _ in 0..10 {
                let polled = poll_fn(|cx| Poll::Ready(interval.poll_tick(cx, Instant::now())));
                assert_eq!(polled.await, Poll::Pending);
            }
            // Nothing else wakes this task, so the paused clock jumps to the next tick.
            poll_fn(|cx| interval.poll_tick(cx, Instant::now())).await;
            assert_eq!(start.elapsed().as_secs(), round);
        }
    }
}
