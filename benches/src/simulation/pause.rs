//! A process that can be stopped and continued, as by SIGSTOP or a closed laptop: while it is stopped none of its tasks is polled.
//! Time and the network go on.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    mem,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// Whether the tasks of a process run. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Pause(Rc<State>);

#[derive(Debug, Default)]
struct State {
    is_paused: Cell<bool>,
    /// Of tasks that were to be polled meanwhile.
    waiting: RefCell<Vec<Waker>>,
}

impl Pause {
    /// Stops the process.
    pub(super) fn begin(&self) {
        self.0.is_paused.set(true);
    }

    /// Continues it: what was due meanwhile runs now.
    pub(super) fn end(&self) {
        self.0.is_paused.set(false);
        mem::take(&mut *self.0.waiting.borrow_mut()).into_iter().for_each(Waker::wake);
    }

    pub(super) fn is_paused(&self) -> bool {
        self.0.is_paused.get()
    }

    /// `task` as one of this process.
    pub(super) fn stops<F: Future>(&self, task: F) -> impl Future<Output = F::Output> + use<F> {
        Pausable { pause: self.clone(), task: Box::pin(task) }
    }
}

struct Pausable<F> {
    pause: Pause,
    task: Pin<Box<F>>,
}

impl<F: Future> Future for Pausable<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if self.pause.is_paused() {
            self.pause.0.waiting.borrow_mut().push(cx.waker().clone());
            return Poll::Pending;
        }
        self.task.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        task::LocalSet,
        time::{Instant, sleep},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn stopped_task_goes_on_late_and_sees_the_time_that_has_passed() {
        let (pause, start) = (Pause::default(), Instant::now());
        let local = LocalSet::new();
        let task = local.spawn_local(pause.stops(async move {
            sleep(Duration::from_secs(1)).await;
            start.elapsed().as_secs()
        }));
        local
            .run_until(async move {
                // The task begins.
                sleep(Duration::from_millis(1)).await;
                pause.begin();
                sleep(Duration::from_secs(9)).await;
                assert!(!task.is_finished());
                pause.end();
                assert_eq!(task.await.unwrap(), 9);
            })
            .await;
    }
}
