//! What a simulation thread lets others know of an arena that it runs. Written by the thread, read by the watch and by what places
//! arenas on threads.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    time::Duration,
};

/// Weight of a new tick in the mean load.
const SMOOTHING: f32 = 1.0 / 32.0;
/// No thread runs the arena yet.
const NO_THREAD: usize = usize::MAX;

/// The state of one arena on its simulation thread.
#[derive(Debug)]
pub struct ArenaStatus {
    has_failed: AtomicBool,
    has_ended: AtomicBool,
    is_in_tick: AtomicBool,
    thread: AtomicUsize,
    /// The bits of a float.
    load: AtomicU32,
}

impl Default for ArenaStatus {
    fn default() -> Self {
        Self {
            has_failed: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
            is_in_tick: AtomicBool::new(false),
            thread: AtomicUsize::new(NO_THREAD),
            load: AtomicU32::new(0),
        }
    }
}

impl ArenaStatus {
    /// Whether it has panicked.
    pub fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    /// Whether it will not tick again.
    pub fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }

    /// Whether a tick has begun that is not done.
    pub fn is_in_tick(&self) -> bool {
        self.is_in_tick.load(Ordering::Relaxed)
    }

    /// The number of the thread that runs it, if one has begun to.
    pub fn thread(&self) -> Option<usize> {
        Some(self.thread.load(Ordering::Acquire)).filter(|thread| *thread != NO_THREAD)
    }

    /// Its share of a thread's time, as a mean over about a second; 1 is all of it.
    pub fn load(&self) -> f32 {
        f32::from_bits(self.load.load(Ordering::Relaxed))
    }

    pub(crate) fn fail(&self) {
        self.has_failed.store(true, Ordering::Release);
    }

    pub(crate) fn end(&self) {
        self.has_ended.store(true, Ordering::Release);
    }

    pub(super) fn set_in_tick(&self, is_in_tick: bool) {
        self.is_in_tick.store(is_in_tick, Ordering::Relaxed);
    }

    pub(super) fn set_thread(&self, thread: usize) {
        self.thread.store(thread, Ordering::Release);
    }

    /// A tick took this long; `rate` ticks are due in a second.
    pub(super) fn on_tick(&self, work: Duration, rate: u16) {
        let (before, now) = (self.load(), work.as_secs_f32() * f32::from(rate));
        self.load.store((before + (now - before) * SMOOTHING).to_bits(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_follows_the_work_of_the_ticks() {
        let status = ArenaStatus::default();
        assert_eq!((status.load(), status.thread()), (0.0, None));
        (0..200).for_each(|_| status.on_tick(Duration::from_millis(10), 20));
        assert!((status.load() - 0.2).abs() < 0.01, "{}", status.load());
        status.on_tick(Duration::from_millis(100), 20);
        assert!(status.load() < 0.27, "a single slow tick says little: {}", status.load());
    }
}
