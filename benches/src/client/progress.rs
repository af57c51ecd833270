//! What all bots of a run share: the plan, the clock, how far the run is, and counters of its progress.

use std::{
    mem,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering},
    },
    time::Instant,
};

use super::Plan;
use crate::report::Times;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Joining,
    /// Bots fly to the centre.
    Gathering,
    Measuring,
    Measured,
}

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
    pub measuring: AtomicBool,
    /// Bots of the centre that are there.
    pub gathered: AtomicU32,
    /// Bots that had their last connection.
    pub(super) retired: AtomicU32,
    /// Gaps between frames of healthy bots since they were last taken.
    gaps: Mutex<Times>,
}

impl Progress {
    pub(super) fn is_measuring(&self) -> bool {
        self.measuring.load(Ordering::Relaxed)
    }

    pub(super) fn message(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// A frame came to a healthy bot, so long after the one before.
    pub(super) fn gap(&self, us: u64) {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).add_us(us);
    }

    pub(super) fn take_gaps(&self) -> Times {
        mem::take(&mut *self.gaps.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A bot is in the game, for the first time or as a replacement.
    pub(super) fn join(&self, first: bool) {
        self.playing.fetch_add(1, Ordering::Relaxed);
        self.joined.fetch_add(u32::from(first), Ordering::Relaxed);
    }

    /// A connection ended.
    pub(super) fn end(&self, joined: bool, first: bool, was_at_centre: bool) {
        if joined {
            self.playing.fetch_sub(1, Ordering::Relaxed);
        } else {
            self.refused.fetch_add(u32::from(first), Ordering::Relaxed);
        }
        self.gathered.fetch_sub(u32::from(was_at_centre), Ordering::Relaxed);
    }

    /// A bot had its last connection.
    pub(super) fn retire(&self) {
        self.retired.fetch_add(1, Ordering::Relaxed);
    }

    /// A bot came to the centre or left it.
    pub(super) fn gather(&self, was_at_centre: bool, is_at_centre: bool) {
        match (was_at_centre, is_at_centre) {
            (false, true) => self.gathered.fetch_add(1, Ordering::Relaxed),
            (true, false) => self.gathered.fetch_sub(1, Ordering::Relaxed),
            _ => return,
        };
    }
}

#[derive(Debug)]
pub(super) struct RunState {
    pub(super) plan: Plan,
    /// Where bots connect: the server, or the network conditioner before it.
    pub(super) at: SocketAddr,
    /// Time is counted from here.
    pub(super) began: Instant,
    pub(super) progress: Arc<Progress>,
    /// Turns true once, when all bots are to leave.
    pub(super) is_over: AtomicBool,
    pub(super) may_fight: AtomicBool,
    /// When the measured time began; 0 before.
    pub(super) measured_from_us: AtomicU64,
    /// What the server said; 0 before.
    pub(super) tick_rate: AtomicU16,
}

impl RunState {
    pub(super) fn now_us(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }

    pub(super) fn may_fight(&self) -> bool {
        self.may_fight.load(Ordering::Relaxed)
    }

    /// How long the measured time has lasted, while it lasts.
    pub(super) fn measured_us(&self, now_us: u64) -> Option<u64> {
        let from_us = self.measured_from_us.load(Ordering::Relaxed);
        (from_us != 0 && self.progress.is_measuring()).then(|| now_us.saturating_sub(from_us))
    }
}
