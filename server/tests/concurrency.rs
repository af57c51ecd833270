//! The outbox and the notifier under shuttle, whose scheduler interleaves threads at every operation on a lock or a thread.
//! These are the production files and their own unit tests; only the primitives below them are replaced.
//!
//! Not loom, because it loses the token of an unparked thread when a lock is released (0.7.3), and so reports deadlocks
//! that do not exist.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the two files are part of the server's API; here they are private"
)]

#[path = "../src/engine/notifier.rs"]
mod notifier;
#[path = "../src/engine/outbox.rs"]
mod outbox;

mod sync {
    use std::time::Duration;

    pub(crate) use shuttle::{
        hint::spin_loop,
        sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError},
        thread::{Thread, current, park, spawn},
    };

    /// Schedules that each test runs under, each drawn at random.
    const SCHEDULES: usize = 1000;

    pub(crate) fn model(test: impl Fn() + Send + Sync + 'static) {
        shuttle::check_random(test, SCHEDULES);
    }

    /// No time passes in a schedule: a time-out of zero is over at once, and any other never. So a lost wake-up is a
    /// deadlock, which shuttle reports.
    pub(crate) fn park_timeout(timeout: Duration) {
        if !timeout.is_zero() {
            park();
        }
    }
}
