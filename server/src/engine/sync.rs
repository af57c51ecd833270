//! The synchronisation primitives of `outbox` and `notifier`. `tests/concurrency.rs` compiles these two files against loom's
//! instead, which run their tests in every possible interleaving of threads.

pub(super) use std::{
    hint::spin_loop,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError},
    thread::{Thread, current, park_timeout},
};

#[cfg(test)]
pub(super) use std::thread::{park, spawn};

#[cfg(test)]
use super::wait::{TEST_LIMIT, join_within};

/// Runs a test with real threads, often.
#[cfg(test)]
pub(super) fn model(test: impl Fn() + Send + Sync + 'static) {
    // A lost wake-up would be a thread that waits for ever.
    let tests = std::thread::spawn(move || (0..100).for_each(|_| test()));
    if let Err(panic) = join_within(TEST_LIMIT, tests).expect("a thread waits for ever") {
        std::panic::resume_unwind(panic);
    }
}
