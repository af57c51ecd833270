//! A timer that is cheap to look at. A connection looks at its timer whenever anything happens, forty times a second,
//! and the timer goes off once; so the runtime's timer is asked only when it could have an answer.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Goes off every so often, for one task.
#[derive(Debug)]
pub(super) struct Alarm {
    every: Duration,
    due: Instant,
    sleep: Pin<Box<Sleep>>,
    /// The runtime knows whom to wake.
    is_set: bool,
}

impl Alarm {
    pub(super) fn new(every: Duration, now: Instant) -> Self {
        let due = now + every;
        Self { every, due, sleep: Box::pin(sleep_until(due)), is_set: false }
    }

    /// Ready when it has gone off, and then again after as long. To be called by the same task always.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        if now < self.due && (self.is_set || self.sleep.as_mut().poll(cx).is_pending()) {
            self.is_set = true;
            return Poll::Pending;
        }
        self.due = now + self.every;
        self.sleep.as_mut().reset(self.due);
        self.is_set = false;
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_goes_off_every_so_often_however_often_it_is_looked_at() {
        let every = Duration::from_secs(1);
        let start = Instant::now();
        let mut alarm = Alarm::new(every, start);
        for round in 1..5 {
            for _ in 0..10 {
                let look = poll_fn(|cx| Poll::Ready(alarm.poll(cx, Instant::now())));
                assert_eq!(look.await, Poll::Pending);
            }
            // Nothing else wakes this task: the clock jumps to the alarm.
            poll_fn(|cx| alarm.poll(cx, Instant::now())).await;
            assert_eq!(start.elapsed().as_secs(), round);
        }
    }
}
