//! The synchronisation primitives of `outbox` and `notifier`. `tests/concurrency.rs` compiles these two files against loom's
//! instead, which run their tests in every possible interleaving of threads.

pub(super) use std::{
    hint::spin_loop,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError},
    thread::{Thread, current, park_timeout},
};

#[cfg(test)]
pub(super) use std::thread::{park, spawn};

/// Runs a test with real threads, often.
#[cfg(test)]
pub(super) fn model(test: impl Fn() + Send + Sync + 'static) {
    (0..100).for_each(|_| test());
}
