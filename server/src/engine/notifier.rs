//! Wakes the network threads when the simulation has work for them: shortly before each tick, and when frames are queued.
//! [`Notifier::notify`] never blocks, and a notification is not lost: a thread that is not parked skips its next park.

use std::{
    sync::{Arc, PoisonError, RwLock, TryLockError},
    thread::{self, Thread},
    time::Duration,
};

/// The notifier of one server. Clones share the list of threads.
#[derive(Clone, Debug, Default)]
pub struct Notifier(Arc<RwLock<Vec<Thread>>>);

impl Notifier {
    /// Unparks every thread that has ever parked here.
    pub fn notify(&self) {
        let threads = match self.0.try_read() {
            Ok(threads) => threads,
            Err(TryLockError::Poisoned(threads)) => threads.into_inner(),
            // A thread parks for the first time, which happens once for each thread. Its timeout makes up for this.
            Err(TryLockError::WouldBlock) => return,
        };
        threads.iter().for_each(Thread::unpark);
    }

    /// Parks the current thread until the next notification, for at most `timeout`.
    pub fn park(&self, timeout: Duration) {
        let this = thread::current();
        let threads = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_registered = threads.iter().any(|thread| thread.id() == this.id());
        drop(threads);
        if !is_registered {
            self.0.write().unwrap_or_else(PoisonError::into_inner).push(this);
        }
        thread::park_timeout(timeout);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Instant};

    use super::*;

    #[test]
    fn notification_ends_the_current_or_the_next_park() {
        const NEVER: Duration = Duration::from_secs(60);
        let notifier = Notifier::default();
        let (ready, rounds) = mpsc::channel();
        let parked = notifier.clone();
        let thread = thread::spawn(move || {
            parked.park(Duration::ZERO);
            for round in 0..3 {
                ready.send(round).unwrap();
                let began = Instant::now();
                parked.park(NEVER);
                assert!(began.elapsed() < NEVER, "the notification was lost");
            }
        });
        for round in 0..3 {
            assert_eq!(rounds.recv(), Ok(round));
            notifier.notify();
        }
        thread.join().unwrap();
    }
}
