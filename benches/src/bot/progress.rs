//! What all bots of a run share: the plan, the clock, how far the run is, and when to leave.

use std::{
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{Address, Plan, record::Times};

/// How a run stands, for whoever watches it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bots that had their first frame.
    pub joined: AtomicU32,
    /// Bots that never will.
    pub refused: AtomicU32,
    /// Bots in the game.
    pub playing: AtomicU32,
    /// Frames received by all.
    pub frames: AtomicU64,
    /// Bytes of messages received by all.
    pub bytes: AtomicU64,
    /// Whether the measured time has begun.
    pub measuring: AtomicBool,
    /// Bots that are where they are to gather.
    pub gathered: AtomicU32,
    /// Bots that have had their last connection.
    pub(super) over: AtomicU32,
    /// Gaps between frames of healthy bots since they were last taken.
    gaps: Mutex<Times>,
}

impl Progress {
    pub(crate) fn is_measuring(&self) -> bool {
        self.measuring.load(Ordering::Relaxed)
    }

    /// A message came.
    pub(crate) fn message(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// A frame came to a healthy bot, so long after the one before.
    pub(crate) fn gap(&self, us: u64) {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).add_us(us);
    }

    /// Takes the gaps since they were last taken.
    pub(super) fn take_gaps(&self) -> Times {
        mem::take(&mut *self.gaps.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A bot is in the game, for the first time or after another.
    pub(crate) fn enter(&self, first: bool) {
        self.playing.fetch_add(1, Ordering::Relaxed);
        self.joined.fetch_add(u32::from(first), Ordering::Relaxed);
    }

    /// A connection ended. `there` is whether the bot was where it was to gather.
    pub(crate) fn end(&self, joined: bool, first: bool, there: bool) {
        if joined {
            self.playing.fetch_sub(1, Ordering::Relaxed);
        } else {
            self.refused.fetch_add(u32::from(first), Ordering::Relaxed);
        }
        self.gathered.fetch_sub(u32::from(there), Ordering::Relaxed);
    }

    /// A bot had its last connection.
    pub(crate) fn retire(&self) {
        self.over.fetch_add(1, Ordering::Relaxed);
    }

    /// A bot came to where it is to gather, or went.
    pub(crate) fn gather(&self, was_there: bool, is_there: bool) {
        match (was_there, is_there) {
            (false, true) => self.gathered.fetch_add(1, Ordering::Relaxed),
            (true, false) => self.gathered.fetch_sub(1, Ordering::Relaxed),
            _ => return,
        };
    }
}

/// What the bots of a run share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) plan: Plan,
    /// Where bots connect: the server, or the link that leads there.
    pub(crate) address: Address,
    /// Time is counted from here.
    pub(super) began: Instant,
    pub(crate) progress: Arc<Progress>,
    /// Turns true once, when everyone is to leave.
    pub(super) leave: watch::Receiver<bool>,
    /// Whether bots may fire and boost.
    pub(super) fight: AtomicBool,
    /// When the measured time began; 0 for not yet.
    pub(super) measured_from_us: AtomicU64,
    /// What the server said; 0 for nothing yet.
    pub(crate) tick_rate: AtomicU16,
}

impl Shared {
    pub(crate) fn now_us(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }

    pub(super) fn instant(&self, ms: f64) -> tokio::time::Instant {
        (self.began + Duration::from_secs_f64(ms.max(0.0) / 1000.0)).into()
    }

    pub(crate) fn is_over(&self) -> bool {
        // A run that is gone is over too.
        *self.leave.borrow() || self.leave.has_changed().is_err()
    }

    pub(crate) fn may_fight(&self) -> bool {
        self.fight.load(Ordering::Relaxed)
    }

    /// How long the measured time has lasted, if it has begun and not ended.
    pub(crate) fn measured_us(&self, now_us: u64) -> Option<u64> {
        let from_us = self.measured_from_us.load(Ordering::Relaxed);
        (from_us != 0 && self.progress.is_measuring()).then(|| now_us.saturating_sub(from_us))
    }
}
