//! The queue from the simulation to one connection: a few places behind a lock, awaited at the connection's end.
//!
//! All of it is one small piece of memory. With thousands of connections none of it is in the cache when it is needed,
//! and either side of each frame waits for every line of it: a wait-free ring with a waker beside it took five lines and
//! more, this takes two or three. A tick with four thousand players took 3.15 ms with the ring and takes 2.91 ms so.
//!
//! The lock is held for as long as it takes to move one message. The simulation still does not wait for it while it
//! publishes: should the connection's thread have lost its core just then, that one connection is left out of a tick.

use std::{
    hint,
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use arrayvec::ArrayVec;
use bytes::Bytes;
use shared::engine::protocol::CloseReason;

/// Messages that may wait for one connection, the last place for a close. The kernel's send buffer holds more; this
/// much is latency that a healthy reader never sees.
pub const OUTBOUND_CAPACITY: usize = 8;

/// What the simulation thread hands to a connection.
#[derive(Debug)]
pub enum Outbound {
    /// One encoded `ServerMessage`.
    Message(Bytes),
    /// Say why and hang up.
    Close(CloseReason),
}

/// How often a lock that is taken is asked for again: longer than a message takes to be moved.
const TRIES_MAX: usize = 100;

/// The simulation's end of the way to one connection. Dropping it ends the queue.
#[derive(Debug)]
pub struct OutboxSender {
    shared: Arc<Places>,
    /// Messages that waited when it was last looked at; since then there can only have become fewer.
    waiting: usize,
    /// How long the last message waited that has been taken.
    waited: Duration,
}

/// The connection's end.
#[derive(Debug)]
pub struct OutboxReceiver(Arc<Places>);

#[derive(Debug, Default)]
struct Places(Mutex<State>);

/// In this order in memory, so that a queue that is empty but for one message is two lines of it.
#[derive(Debug, Default)]
#[repr(C)]
struct State {
    waker: Option<Waker>,
    has_ended: bool,
    /// How long the last message waited, in microseconds.
    waited_us: u32,
    /// When the newest was ready.
    ready: Option<Ready>,
    waiting: ArrayVec<Outbound, OUTBOUND_CAPACITY>,
}

impl State {
    /// Fills a place, if there is one. How many wait now, and who is to be woken.
    fn put(&mut self, outbound: Outbound) -> (usize, Option<Waker>) {
        let _ = self.waiting.try_push(outbound);
        (self.waiting.len(), self.waker.take())
    }

    fn take(&mut self) -> Option<Outbound> {
        let outbound = self.waiting.pop_at(0)?;
        // Of those behind it is not known when they came.
        if let Some(Ready(ready)) = self.ready.take_if(|_| self.waiting.is_empty()) {
            self.waited_us = ready.elapsed().as_micros().min(u32::MAX.into()) as u32;
        }
        Some(outbound)
    }
}

impl Places {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same without waiting; `None` if whoever has it does not let go.
    fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        for _ in 0..TRIES_MAX {
            match self.0.try_lock() {
                Ok(state) => return Some(state),
                Err(TryLockError::Poisoned(state)) => return Some(state.into_inner()),
                Err(TryLockError::WouldBlock) => hint::spin_loop(),
            }
        }
        None
    }
}

/// When what is put into queues was ready to be: from then on it waits.
#[derive(Clone, Copy, Debug)]
pub struct Ready(Instant);

impl Ready {
    /// This moment.
    pub fn now() -> Self {
        Self(Instant::now())
    }
}

/// A free place in a connection's queue.
#[derive(Debug)]
pub struct Permit<'a>(&'a mut OutboxSender);

/// Why there is no place in a connection's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPermit {
    /// It is full: the reader is slow.
    Full,
    /// The connection is gone; its `Left` is on the way.
    Gone,
}

/// The connection's thread is at its queue, and has lost its core there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl OutboxSender {
    /// A queue of [`OUTBOUND_CAPACITY`], and the connection's end of it.
    pub fn new() -> (Self, OutboxReceiver) {
        let shared = Arc::new(Places::default());
        (Self { shared: Arc::clone(&shared), waiting: 0, waited: Duration::ZERO }, OutboxReceiver(shared))
    }

    /// A place, before anything is made to put there.
    pub fn slot(&mut self) -> Result<Permit<'_>, NoPermit> {
        if Arc::strong_count(&self.shared) == 1 {
            return Err(NoPermit::Gone);
        }
        // The last place is for the close.
        let is_full = |waiting: usize| waiting + 1 >= OUTBOUND_CAPACITY;
        if is_full(self.waiting)
            && let Some(state) = self.shared.try_lock()
        {
            self.waiting = state.waiting.len();
        }
        if is_full(self.waiting) { Err(NoPermit::Full) } else { Ok(Permit(self)) }
    }

    /// Says why to hang up, behind whatever waits. For that there is a place even when there is no other, once. Waits
    /// for the lock.
    pub fn close(&mut self, reason: CloseReason) {
        // Without a place it has been said before.
        self.put_and_wake(Outbound::Close(reason));
    }

    /// How long a message waits here these days.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    fn put_and_wake(&mut self, outbound: Outbound) {
        let waker;
        (self.waiting, waker) = self.shared.lock().put(outbound);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Has the processor fetch what [`Permit::put`] will need, and does not wait for it: other work can be done meanwhile.
    pub fn look_ahead(&self) {
        let _ = Arc::strong_count(&self.shared);
    }
}

impl Drop for OutboxSender {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.has_ended = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Permit<'_> {
    /// Fills the place, and wakes the connection. Waits for the lock.
    pub fn send(self, outbound: Outbound) {
        self.0.put_and_wake(outbound);
    }

    /// Fills the place, and says who is to be woken soon after. Waits for nothing.
    pub fn put(self, outbound: Outbound, ready: Option<Ready>) -> Result<Option<Waker>, Busy> {
        let Self(link) = self;
        let mut state = link.shared.try_lock().ok_or(Busy)?;
        state.ready = ready;
        link.waited = Duration::from_micros(state.waited_us.into());
        let waker;
        (link.waiting, waker) = state.put(outbound);
        Ok(waker)
    }
}

impl OutboxReceiver {
    /// What has waited longest, if anything waits.
    pub fn try_next(&mut self) -> Option<Outbound> {
        self.0.lock().take()
    }

    /// What has waited longest; `None` when nothing more will come.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outbound>> {
        let mut state = self.0.lock();
        if let Some(outbound) = state.take() {
            return Poll::Ready(Some(outbound));
        }
        if state.has_ended {
            return Poll::Ready(None);
        }
        if state.waker.as_ref().is_none_or(|waker| !waker.will_wake(cx.waker())) {
            state.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, thread};

    use super::*;

    fn message(number: u32) -> Outbound {
        Outbound::Message(number.to_le_bytes().to_vec().into())
    }

    #[test]
    fn the_last_place_is_for_the_close() {
        let (mut link, mut queue) = OutboxSender::new();
        let mut sent = 0;
        while let Ok(slot) = link.slot() {
            slot.send(message(sent));
            sent += 1;
        }
        assert_eq!(sent as usize, OUTBOUND_CAPACITY - 1);
        assert_eq!(link.slot().err(), Some(NoPermit::Full));
        link.close(CloseReason::SlowReader);
        link.close(CloseReason::Full);
        let all: Vec<_> = std::iter::from_fn(|| queue.try_next()).collect();
        assert_eq!(all.len(), OUTBOUND_CAPACITY);
        assert!(matches!(all.last(), Some(Outbound::Close(CloseReason::SlowReader))));
        drop(queue);
        assert_eq!(link.slot().err(), Some(NoPermit::Gone));
    }

    #[test]
    fn whoever_keeps_the_lock_is_not_waited_for() {
        let (mut link, mut queue) = OutboxSender::new();
        let shared = Arc::clone(&queue.0);
        let state = shared.lock();
        assert_eq!(link.slot().expect("a place").put(message(1), None).err(), Some(Busy));
        drop(state);
        assert!(link.slot().expect("a place").put(message(2), Some(Ready::now())).is_ok());
        assert!(matches!(queue.try_next(), Some(Outbound::Message(bytes)) if *bytes == 2_u32.to_le_bytes()));
        assert!(queue.try_next().is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_is_lost_between_two_threads_and_the_end_is_noticed() {
        for _ in 0..200 {
            let (mut link, mut queue) = OutboxSender::new();
            let sender = thread::spawn(move || {
                let mut sent = 0;
                while sent < 50 {
                    match link.slot() {
                        Ok(slot) => {
                            slot.send(message(sent));
                            sent += 1;
                        }
                        Err(_) => thread::yield_now(),
                    }
                }
            });
            let mut expected = 0;
            while let Some(Outbound::Message(bytes)) = poll_fn(|cx| queue.poll_next(cx)).await {
                assert_eq!(*bytes, u32::to_le_bytes(expected));
                expected += 1;
            }
            assert_eq!(expected, 50);
            sender.join().expect("it sends");
        }
    }
}
