//! What all bots of a run share: the plan, the clock, how far the run is, and counters of its progress.

use std::{
    fmt, mem,
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering},
    },
    time::Instant,
};

use super::Plan;
use crate::{baseline, report::Times};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Joining,
    /// Bots fly to the centre.
    Gathering,
    Measuring,
    Measured,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Joining => "joining",
            Self::Gathering => "gathering",
            Self::Measuring => "measuring",
            Self::Measured => "measured",
        })
    }
}

#[derive(Debug)]
pub(super) struct RunState {
    pub(super) plan: Plan,
    /// Where bots connect: the server, or the network conditioner before it.
    pub(super) at: SocketAddr,
    pub(super) began: Instant,
    /// Turns true once, when all bots are to leave.
    pub(super) is_over: AtomicBool,
    pub(super) may_fight: AtomicBool,
    pub(super) is_measuring: AtomicBool,
    /// When the measured time began; 0 before.
    pub(super) measured_from_us: AtomicU64,
    /// What the server said; 0 before.
    pub(super) tick_rate: AtomicU16,
    /// Bots that had their first frame.
    pub(super) joined: AtomicU32,
    /// Bots that never will.
    pub(super) refused: AtomicU32,
    /// Bots in the game.
    pub(super) playing: AtomicU32,
    /// Bots of the centre that are there.
    pub(super) gathered: AtomicU32,
    /// Bots that had their last connection.
    pub(super) retired: AtomicU32,
    /// Frames received by all.
    pub(super) frames: AtomicU64,
    /// Bytes of messages received by all.
    pub(super) bytes: AtomicU64,
    /// Gaps between frames of healthy bots since they were last taken.
    gaps: Mutex<Times>,
}

impl RunState {
    pub(super) fn new(plan: &Plan, at: SocketAddr) -> Self {
        Self {
            plan: plan.clone(),
            at,
            began: Instant::now(),
            is_over: AtomicBool::new(false),
            may_fight: AtomicBool::new(!plan.peaceful && !plan.behaviour().gathers),
            is_measuring: AtomicBool::new(false),
            measured_from_us: AtomicU64::new(0),
            tick_rate: AtomicU16::new(plan.baseline.map_or(0, |_| baseline::TICK_RATE)),
            joined: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            playing: AtomicU32::new(0),
            gathered: AtomicU32::new(0),
            retired: AtomicU32::new(0),
            frames: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            gaps: Mutex::default(),
        }
    }

    pub(super) fn now_us(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }

    pub(super) fn is_measuring(&self) -> bool {
        self.is_measuring.load(Ordering::Relaxed)
    }

    /// How long the measured time has lasted, while it lasts.
    pub(super) fn measured_us(&self, now_us: u64) -> Option<u64> {
        let from_us = self.measured_from_us.load(Ordering::Relaxed);
        (from_us != 0 && self.is_measuring()).then(|| now_us.saturating_sub(from_us))
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

    pub(super) fn end(&self, joined: bool, first: bool, was_at_centre: bool) {
        if joined {
            self.playing.fetch_sub(1, Ordering::Relaxed);
        } else {
            self.refused.fetch_add(u32::from(first), Ordering::Relaxed);
        }
        self.gathered.fetch_sub(u32::from(was_at_centre), Ordering::Relaxed);
    }

    pub(super) fn gather(&self, was_at_centre: bool, is_at_centre: bool) {
        match (was_at_centre, is_at_centre) {
            (false, true) => self.gathered.fetch_add(1, Ordering::Relaxed),
            (true, false) => self.gathered.fetch_sub(1, Ordering::Relaxed),
            _ => return,
        };
    }
}
