//! A notifier that the simulation rings when there is something to do for the network's threads, which rest meanwhile.
//! Ringing waits for nothing, and a ring that nobody hears is not lost: the next rest ends at once.

use std::{
    sync::{Arc, PoisonError, RwLock, TryLockError},
    thread::{self, Thread},
    time::Duration,
};

/// The notifier of one server. Clones are the same notifier.
#[derive(Clone, Debug, Default)]
pub struct Notifier(Arc<RwLock<Vec<Thread>>>);

impl Notifier {
    /// Ends the rest of every thread that has ever rested here.
    pub fn notify(&self) {
        let threads = match self.0.try_read() {
            Ok(threads) => threads,
            Err(TryLockError::Poisoned(threads)) => threads.into_inner(),
            // A thread is about to rest for the first time; this happens as often as there are threads.
            Err(TryLockError::WouldBlock) => return,
        };
        threads.iter().for_each(Thread::unpark);
    }

    /// Rests until the notifier rings, for at most `most`.
    pub fn rest(&self, most: Duration) {
        let this = thread::current();
        let threads = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_known = threads.iter().any(|thread| thread.id() == this.id());
        drop(threads);
        if !is_known {
            self.0.write().unwrap_or_else(PoisonError::into_inner).push(this);
        }
        thread::park_timeout(most);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Instant};

    use super::*;

    #[test]
    fn a_ring_ends_the_rest_it_comes_in_or_the_next() {
        const FOR_EVER: Duration = Duration::from_secs(60);
        let notifier = Notifier::default();
        let (rested, rests) = mpsc::channel();
        let sleeper = notifier.clone();
        let thread = thread::spawn(move || {
            sleeper.rest(Duration::ZERO);
            for round in 0..3 {
                rested.send(round).unwrap();
                let began = Instant::now();
                sleeper.rest(FOR_EVER);
                assert!(began.elapsed() < FOR_EVER, "it heard nothing");
            }
        });
        for round in 0..3 {
            assert_eq!(rests.recv(), Ok(round));
            notifier.notify();
        }
        thread.join().unwrap();
    }
}
