//! Waits for other threads, always with a limit. It blocks, so it is not for a simulation or network thread that runs.

use std::{
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How often it looks.
const CHECK_EVERY: Duration = Duration::from_millis(2);

/// How much of a limit passes between two looks, at most. More means that the process did not run.
const LOOK_MAX: Duration = Duration::from_secs(1);

/// The limit in tests: far more than any machine needs, so that a test which would hang fails instead.
#[cfg(test)]
pub const TEST_LIMIT: Duration = Duration::from_secs(120);

/// Waits until `condition` holds. Returns whether it did within `limit`, which does not count time in which the process was stopped.
pub fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let (mut waited, mut looked) = (Duration::ZERO, Instant::now());
    while !condition() {
        waited += looked.elapsed().min(LOOK_MAX);
        if waited >= limit {
            return false;
        }
        looked = Instant::now();
        thread::sleep(CHECK_EVERY);
    }
    true
}

/// Waits for the end of a thread. `None` if it still runs after `limit`; it is abandoned then.
pub fn join_within<T>(limit: Duration, thread: JoinHandle<T>) -> Option<thread::Result<T>> {
    wait_until(limit, || thread.is_finished()).then(|| thread.join())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn condition_is_looked_at_even_without_time() {
        assert!(wait_until(Duration::ZERO, || true));
        let mut looks = 0;
        assert!(!wait_until(Duration::ZERO, || {
            looks += 1;
            false
        }));
        assert_eq!(looks, 1);
        assert!(wait_until(TEST_LIMIT, || {
            looks += 1;
            looks > 3
        }));
    }

    #[test]
    fn time_in_which_the_process_is_stopped_counts_little() {
        let mut looks = 0;
        // Between two looks, as SIGSTOP and SIGCONT do.
        let is_there = wait_until(Duration::from_millis(1500), || {
            looks += 1;
            if looks == 2 {
                thread::sleep(Duration::from_millis(1600));
            }
            looks == 3
        });
        assert!(is_there, "after {looks} looks");
    }

    #[test]
    fn thread_that_does_not_end_is_abandoned() {
        let (end, ended) = mpsc::channel::<()>();
        let running = thread::spawn(move || ended.recv().is_err());
        assert!(join_within(Duration::from_millis(10), running).is_none());
        drop(end);
        let ending = thread::spawn(|| 7);
        assert!(matches!(join_within(TEST_LIMIT, ending), Some(Ok(7))));
        let failing = thread::spawn(|| assert!(Duration::ZERO > CHECK_EVERY, "a failure for the test"));
        assert!(matches!(join_within(TEST_LIMIT, failing), Some(Err(_))));
    }
}
