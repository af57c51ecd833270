//! The queue from the simulation to one connection: a ring of a few places, filled without a lock or a wait, and
//! awaited at the other end.
//!
//! A wait-free ring of one producer and one consumer (`rtrb`) and a waker, instead of tokio's channel, which is made
//! for many producers that wait: at a thousand connections its semaphore and its list of blocks are several lines of
//! cold memory more on either side of each frame.

use std::{
    sync::{
        Arc,
        atomic::{Ordering, fence},
    },
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;
use rtrb::{Consumer, Producer, RingBuffer};
use shared::protocol::CloseReason;

use super::{OUTBOUND_CAPACITY, Outbound};

/// The simulation's end of the way to one connection. Dropping it ends the queue.
#[derive(Debug)]
pub struct Link {
    places: Producer<Outbound>,
    // Dropped after the producer, so that whoever it wakes then finds the queue ended.
    waker: WakeOnDrop,
}

/// The connection's end.
#[derive(Debug)]
pub struct Queue {
    places: Consumer<Outbound>,
    waker: Arc<AtomicWaker>,
}

#[derive(Debug)]
struct WakeOnDrop(Arc<AtomicWaker>);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        self.0.wake();
    }
}

/// A free place in a connection's queue.
#[derive(Debug)]
pub struct Slot<'a>(&'a mut Link);

/// Why there is no place in a connection's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSlot {
    /// It is full: the reader is slow.
    Full,
    /// The connection is gone; its `Left` is on the way.
    Gone,
}

impl Link {
    /// A queue of [`OUTBOUND_CAPACITY`], and the connection's end of it.
    pub fn new() -> (Self, Queue) {
        let (producer, consumer) = RingBuffer::new(OUTBOUND_CAPACITY);
        let waker = Arc::new(AtomicWaker::new());
        let link = Self { places: producer, waker: WakeOnDrop(Arc::clone(&waker)) };
        (link, Queue { places: consumer, waker })
    }

    /// A place, before anything is made to put there.
    pub fn slot(&mut self) -> Result<Slot<'_>, NoSlot> {
        if self.places.is_abandoned() {
            Err(NoSlot::Gone)
        // How many there were when it was last looked at is enough to know, and costs no look at what the other thread
        // writes.
        } else if self.places.cached_slots() <= 1 && self.places.slots() <= 1 {
            Err(NoSlot::Full)
        } else {
            Ok(Slot(self))
        }
    }

    /// Says why to hang up, behind whatever waits. For that there is a place even when there is no other, once.
    pub fn close(&mut self, reason: CloseReason) {
        // Without a place it has been said before.
        if self.put(Outbound::Close(reason)) {
            self.wake();
        }
    }

    /// Whether there was a place.
    fn put(&mut self, outbound: Outbound) -> bool {
        self.places.push(outbound).is_ok()
    }

    /// Wakes the connection, for what was put into its queue.
    pub fn wake(&self) {
        self.waker.0.wake();
    }

    /// Has the processor fetch what [`Self::slot`] and [`Self::wake`] will need, and waits for none of it. With
    /// thousands of connections none of that is in its cache, and other work can be done meanwhile.
    pub fn look_ahead(&self) {
        self.places.is_abandoned();
        let _ = Arc::strong_count(&self.waker.0);
    }
}

impl Slot<'_> {
    /// Fills the place, and wakes the connection.
    pub fn send(self, outbound: Outbound) {
        let Self(link) = self;
        link.put(outbound);
        link.wake();
    }

    /// Fills the place. The connection is to be woken soon after.
    pub fn put(self, outbound: Outbound) {
        self.0.put(outbound);
    }
}

impl Queue {
    /// What has waited longest, if anything waits.
    pub fn try_next(&mut self) -> Option<Outbound> {
        self.places.pop().ok()
    }

    /// What has waited longest; `None` when nothing more will come.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outbound>> {
        if let Some(outbound) = self.try_next() {
            return Poll::Ready(Some(outbound));
        }
        self.waker.register(cx.waker());
        // What came, or ended, before the waker was known has woken nobody.
        let has_ended = self.places.is_abandoned();
        // Whoever sees the end must see what was put in before it, on machines that reorder loads too.
        fence(Ordering::Acquire);
        match self.try_next() {
            None if !has_ended => Poll::Pending,
            last => Poll::Ready(last),
        }
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
        let (mut link, mut queue) = Link::new();
        let mut sent = 0;
        while let Ok(slot) = link.slot() {
            slot.send(message(sent));
            sent += 1;
        }
        assert_eq!(sent as usize, OUTBOUND_CAPACITY - 1);
        assert_eq!(link.slot().err(), Some(NoSlot::Full));
        link.close(CloseReason::TooSlow);
        link.close(CloseReason::Full);
        let all: Vec<_> = std::iter::from_fn(|| queue.try_next()).collect();
        assert_eq!(all.len(), OUTBOUND_CAPACITY);
        assert!(matches!(all.last(), Some(Outbound::Close(CloseReason::TooSlow))));
        drop(queue);
        assert_eq!(link.slot().err(), Some(NoSlot::Gone));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_is_lost_between_two_threads_and_the_end_is_noticed() {
        for _ in 0..200 {
            let (mut link, mut queue) = Link::new();
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
