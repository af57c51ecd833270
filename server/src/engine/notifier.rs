//! Wakes the network threads when the simulation has work for them: shortly before each tick, and when frames are queued.
//! [`Notifier::notify`] never blocks, and a notification is not lost: a thread that is not parked skips its next park.

use std::time::Duration;

use super::sync::{Arc, PoisonError, RwLock, Thread, TryLockError, current, park_timeout};

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
        let this = current();
        let threads = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_registered = threads.iter().any(|thread| thread.id() == this.id());
        drop(threads);
        if !is_registered {
            self.0.write().unwrap_or_else(PoisonError::into_inner).push(this);
        }
        park_timeout(timeout);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::sync::{model, spawn};
    use super::*;

    const NEVER: Duration = Duration::from_secs(60);

    #[test]
    fn notification_ends_the_current_or_the_next_park() {
        model(|| {
            let notifier = Notifier::default();
            notifier.park(Duration::ZERO);
            let other = notifier.clone();
            let thread = spawn(move || other.notify());
            let began = Instant::now();
            notifier.park(NEVER);
            assert!(began.elapsed() < NEVER, "the notification was lost");
            thread.join().unwrap();
        });
    }

    #[test]
    fn every_registered_thread_is_notified() {
        model(|| {
            let notifier = Notifier::default();
            notifier.park(Duration::ZERO);
            let other = notifier.clone();
            let thread = spawn(move || {
                other.park(Duration::ZERO);
                // Both threads are registered.
                other.notify();
                other.park(NEVER);
            });
            let began = Instant::now();
            notifier.park(NEVER);
            thread.join().unwrap();
            assert!(began.elapsed() < NEVER, "a notification was lost");
        });
    }
}
