//! A bounded queue from the simulation thread to one connection's task: a few messages behind a mutex.
//!
//! A mutex and not a lock-free ring, because the cost is cache misses. With thousands of connections nothing of a queue is
//! in the cache when it is needed. A ring with a separate waker touched five cache lines or more for each frame; this
//! struct touches two or three. A tick with 4,000 players took 3.15 ms with the ring and 2.91 ms with the mutex.
//!
//! The mutex is held only while one message moves. The simulation never waits for it while it sends frames: if a
//! connection's thread was preempted while holding it, that connection misses one frame.

use std::{
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use arrayvec::ArrayVec;
use bytes::Bytes;
use shared::engine::protocol::CloseReason;

use super::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, spin_loop};

/// Messages that may wait for one connection; the last place is reserved for a close. The kernel's send buffer holds more.
/// A client that keeps up never has more than a few waiting.
pub const OUTBOUND_CAPACITY: usize = 8;

/// What the simulation thread sends to a connection.
#[derive(Debug)]
pub enum Outbound {
    /// One encoded `ServerMessage`.
    Message(Bytes),
    /// Close the connection for this reason.
    Close(CloseReason),
}

/// Attempts to take a contended lock before giving up. Moving a message takes less time than this many.
const LOCK_ATTEMPTS: usize = 100;

/// The simulation's end. Dropping it ends the queue.
#[derive(Debug)]
pub struct OutboxSender {
    shared: Arc<Shared>,
    /// An upper bound of the messages that wait, as of the last lock: since then there can only be fewer.
    waiting_max: usize,
    /// See [`Self::queue_delay`].
    queue_delay: Duration,
}

/// The connection's end.
#[derive(Debug)]
pub struct OutboxReceiver(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared(Mutex<State>);

/// The order of the fields keeps a queue with at most one message within two cache lines.
#[derive(Debug, Default)]
#[repr(C)]
struct State {
    waker: Option<Waker>,
    has_ended: bool,
    /// How long the last message waited, in microseconds.
    queue_delay_us: u32,
    /// When the newest message was ready to be sent.
    ready_at: Option<ReadyAt>,
    waiting: ArrayVec<Outbound, OUTBOUND_CAPACITY>,
}

impl State {
    /// Adds a message if there is room. Returns how many wait now, and the waker of the receiving task.
    fn push(&mut self, outbound: Outbound) -> (usize, Option<Waker>) {
        let _ = self.waiting.try_push(outbound);
        (self.waiting.len(), self.waker.take())
    }

    fn pop(&mut self, now: Instant) -> Option<Outbound> {
        let outbound = self.waiting.pop_at(0)?;
        // `ready_at` belongs to the newest message, so the delay is known only for the last one out.
        if let Some(ReadyAt(ready_at)) = self.ready_at.take_if(|_| self.waiting.is_empty()) {
            let delay = now.saturating_duration_since(ready_at);
            self.queue_delay_us = delay.as_micros().min(u32::MAX.into()) as u32;
        }
        Some(outbound)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the lock without blocking; `None` if it stays contended.
    fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        for _ in 0..LOCK_ATTEMPTS {
            match self.0.try_lock() {
                Ok(state) => return Some(state),
                Err(TryLockError::Poisoned(state)) => return Some(state.into_inner()),
                Err(TryLockError::WouldBlock) => spin_loop(),
            }
        }
        None
    }
}

/// When the frames of a tick were ready to be sent. Their queue delay counts from here.
#[derive(Clone, Copy, Debug)]
pub struct ReadyAt(pub Instant);

/// A reserved place in the queue.
#[derive(Debug)]
pub struct Permit<'a>(&'a mut OutboxSender);

/// Why no place could be reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReserveError {
    /// The queue is full: the client reads too slowly.
    Full,
    /// The connection is gone; its `Left` is on the way.
    Closed,
}

/// The receiver held the lock through all attempts, because its thread was preempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contended;

impl OutboxSender {
    /// A queue of [`OUTBOUND_CAPACITY`], and its receiver.
    pub fn new() -> (Self, OutboxReceiver) {
        let shared = Arc::new(Shared::default());
        let sender = Self { shared: Arc::clone(&shared), waiting_max: 0, queue_delay: Duration::ZERO };
        (sender, OutboxReceiver(shared))
    }

    /// Reserves a place, so that nothing is encoded for a client that cannot take it.
    #[inline]
    pub fn try_reserve(&mut self) -> Result<Permit<'_>, ReserveError> {
        if Arc::strong_count(&self.shared) == 1 {
            return Err(ReserveError::Closed);
        }
        // The last place is for the close.
        let is_full = |waiting: usize| waiting + 1 >= OUTBOUND_CAPACITY;
        if is_full(self.waiting_max)
            && let Some(state) = self.shared.try_lock()
        {
            self.waiting_max = state.waiting.len();
        }
        if is_full(self.waiting_max) { Err(ReserveError::Full) } else { Ok(Permit(self)) }
    }

    /// Asks the connection to close, after everything that waits. Uses the reserved last place, so it works even when
    /// the queue is full. Blocks on the lock.
    pub fn close(&mut self, reason: CloseReason) {
        // If even the last place is taken, a close is in it.
        self.push_and_wake(Outbound::Close(reason));
    }

    /// How long the last delivered message waited in the queue.
    pub fn queue_delay(&self) -> Duration {
        self.queue_delay
    }

    fn push_and_wake(&mut self, outbound: Outbound) {
        let waker;
        (self.waiting_max, waker) = self.shared.lock().push(outbound);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Loads into the cache what [`Self::try_reserve`] will read, without waiting for it.
    pub fn prefetch(&self) {
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
    /// Sends, and wakes the connection's task. Blocks on the lock.
    pub fn send(self, outbound: Outbound) {
        self.0.push_and_wake(outbound);
    }

    /// Sends without blocking, and returns the waker of the connection's task: the caller wakes many at once.
    #[inline]
    pub fn try_send(self, outbound: Outbound, ready_at: Option<ReadyAt>) -> Result<Option<Waker>, Contended> {
        let Self(sender) = self;
        let mut state = sender.shared.try_lock().ok_or(Contended)?;
        state.ready_at = ready_at;
        sender.queue_delay = Duration::from_micros(state.queue_delay_us.into());
        let waker;
        (sender.waiting_max, waker) = state.push(outbound);
        Ok(waker)
    }
}

impl OutboxReceiver {
    /// The oldest waiting message, if any.
    pub fn try_recv(&mut self) -> Option<Outbound> {
        self.0.lock().pop(Instant::now())
    }

    /// The oldest waiting message at `now`, up to which it has waited; `None` once the sender is gone and the queue is empty.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Option<Outbound>> {
        let mut state = self.0.lock();
        if let Some(outbound) = state.pop(now) {
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

// The path is written out, because `tests/concurrency.rs` includes this file from another folder.
#[cfg(test)]
#[path = "outbox/tests.rs"]
mod tests;
