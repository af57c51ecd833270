//! From an arena to its feed subscribers: a document a second while there are subscribers. The simulation never waits for
//! it; a document that is not fetched in time is lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::mpsc;

/// Documents that may wait.
const CAPACITY: usize = 2;

/// The simulation's end.
#[derive(Debug)]
pub struct FeedSender<D> {
    sender: mpsc::Sender<D>,
    subscribers: Subscribers,
}

/// How many subscribers there are. Clones are the same count.
#[derive(Clone, Debug, Default)]
pub struct Subscribers(Arc<AtomicUsize>);

impl Subscribers {
    /// Adds one, unless there are `most` already. Whether it did.
    pub fn enter(&self, most: usize) -> bool {
        let one_more = |count: usize| (count < most).then_some(count + 1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    /// Takes one away.
    pub fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many subscribers there are.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl<D> FeedSender<D> {
    /// A channel without subscribers, and the end at which the documents come out.
    pub fn new() -> (Self, mpsc::Receiver<D>) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        (Self { sender, subscribers: Subscribers::default() }, receiver)
    }

    /// The count of subscribers.
    pub fn subscribers(&self) -> Subscribers {
        self.subscribers.clone()
    }

    /// Sends a document, or drops it if the channel is full.
    pub fn offer(&self, document: D) {
        // The next document replaces it.
        let _ = self.sender.try_send(document);
    }
}
