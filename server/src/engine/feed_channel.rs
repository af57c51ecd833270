//! The way out of an arena for those who watch it from outside: a document a second, if anybody wants one. The simulation
//! never waits for it, and what is not fetched in time is lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::mpsc;

/// Documents that may wait to be fetched.
const CAPACITY: usize = 2;

/// The simulation's end.
#[derive(Debug)]
pub struct FeedSender<D> {
    sender: mpsc::Sender<D>,
    subscribers: Subscribers,
}

/// How many want to hear. Clones are the same count.
#[derive(Clone, Debug, Default)]
pub struct Subscribers(Arc<AtomicUsize>);

impl Subscribers {
    /// One more, unless there are `most` already.
    pub fn enter(&self, most: usize) -> bool {
        let one_more = |count: usize| (count < most).then_some(count + 1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    /// One less.
    pub fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl<D> FeedSender<D> {
    /// An feed, and the end at which the documents come out.
    pub fn new() -> (Self, mpsc::Receiver<D>) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        (Self { sender, subscribers: Subscribers::default() }, receiver)
    }

    /// Who wants to hear.
    pub fn subscribers(&self) -> Subscribers {
        self.subscribers.clone()
    }

    /// Hands a document out, or drops it.
    pub fn offer(&self, document: D) {
        // Who is behind gets the next one.
        let _ = self.sender.try_send(document);
    }
}
