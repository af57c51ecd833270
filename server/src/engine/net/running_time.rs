//! Deadlines that count only the time in which the server runs. A process can be stopped for seconds: a paused virtual machine, a
//! closed laptop, a throttled container. Peers must not be judged by that time.
//!
//! Invariant: after a pause a deadline is at least a step away, so that what has arrived is read before a peer is judged.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::rt::{Sleep, Timer};
use tokio::time::{Instant, error::Elapsed, sleep_until};

/// Time is counted in steps of this length. A step during which the server paused does not count.
const STEP: Duration = Duration::from_secs(1);
/// A timer that fires this late means that the server did not run. A busy server is late by milliseconds.
const PAUSE: Duration = Duration::from_secs(1);

/// Waits until the server has run for `time`.
pub(super) async fn sleep(time: Duration) {
    let mut left = time;
    while !left.is_zero() {
        let step = left.min(STEP);
        let due = Instant::now() + step;
        sleep_until(due).await;
        left = if due.elapsed() < PAUSE { left - step } else { left.max(STEP) };
    }
}

/// Waits for `future` until the server has run for `time`.
///
/// # Errors
/// If that passes first.
pub(super) async fn timeout<F: Future>(time: Duration, future: F) -> Result<F::Output, Elapsed> {
    tokio::select! {
        biased;
        output = future => Ok(output),
        () = sleep(time) => tokio::time::timeout(Duration::ZERO, std::future::pending()).await,
    }
}

/// The timer of hyper's deadlines.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunningTimer;

impl Timer for RunningTimer {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(RunningSleep(Box::pin(sleep(time))))
    }

    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(deadline.saturating_duration_since(self.now()))
    }

    fn now(&self) -> std::time::Instant {
        Instant::now().into_std()
    }
}

struct RunningSleep(Pin<Box<dyn Future<Output = ()> + Send + Sync>>);

impl Future for RunningSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl Sleep for RunningSleep {}

/// What a check that runs every `interval`, and runs at `now` after having run at `before`, is to take off the time that has
/// passed, because the server did not run.
pub(super) fn pause(before: Instant, now: Instant, interval: Duration) -> Duration {
    let gap = now.saturating_duration_since(before);
    if gap > interval + PAUSE { gap - interval } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_in_which_the_server_does_not_run_does_not_count() {
        let start = Instant::now();
        let sleeping = tokio::spawn(sleep(Duration::from_millis(4500)));
        tokio::task::yield_now().await;
        // As SIGSTOP and SIGCONT do: the clock jumps.
        advance(Duration::from_secs(60)).await;
        sleeping.await.expect("it ends");
        // The step that the pause was in starts again.
        assert_eq!(start.elapsed(), Duration::from_millis(60_000 + 4500));
    }

    #[tokio::test(start_paused = true)]
    async fn deadline_is_at_least_a_step_away_after_a_pause() {
        for is_hypers in [false, true] {
            let (start, time) = (Instant::now(), Duration::from_millis(10));
            let sleeping = tokio::spawn(async move {
                if is_hypers { RunningTimer.sleep(time).await } else { sleep(time).await }
            });
            tokio::task::yield_now().await;
            advance(Duration::from_secs(60)).await;
            sleeping.await.expect("it ends");
            assert!(start.elapsed() >= Duration::from_secs(60) + STEP, "{:?}", start.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_arrived_during_a_pause_comes_before_the_timeout() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let waiting = tokio::spawn(timeout(Duration::from_secs(5), receiver));
        tokio::task::yield_now().await;
        sender.send(7).expect("it waits");
        advance(Duration::from_secs(60)).await;
        assert_eq!(waiting.await.expect("it ends").expect("in time"), Ok(7));
        let (_kept, silent) = tokio::sync::oneshot::channel::<u8>();
        assert!(timeout(Duration::from_secs(5), silent).await.is_err());
    }

    #[test]
    fn late_check_is_no_pause_until_it_is_a_second_late() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        assert_eq!(pause(start, start + second, second), Duration::ZERO);
        assert_eq!(pause(start, start + 2 * second, second), Duration::ZERO);
        assert_eq!(pause(start, start + 17 * second, second), 16 * second);
    }
}
