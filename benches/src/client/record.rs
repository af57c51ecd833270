//! What all bots of a run share (the plan, the clock, how far the run is), and what they record: what they saw of the game,
//! and how each of their connections ended. Plain counting: the report says what it means.

use std::{
    fmt,
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering},
    time::Instant,
};

use super::{Address, Plan, rooms::Rooms};
use crate::{baseline, report::Times};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Joining,
    /// Bots go where they are to be while they are measured.
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
    /// Where each bot plays.
    pub(super) rooms: Rooms,
    /// Where bots connect: the server, or the network conditioner before it.
    pub(super) at: SocketAddr,
    pub(super) began: Instant,
    /// Turns true once, when all bots are to leave.
    pub(super) is_over: AtomicBool,
    /// A thread of bots has panicked, which ends the run.
    pub(super) has_panicked: AtomicBool,
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
    /// Bots that are where a crowd wants them.
    pub(super) gathered: AtomicU32,
    /// Bots that had their last connection.
    pub(super) retired: AtomicU32,
}

impl RunState {
    pub(super) fn new(plan: &Plan, rooms: Rooms, at: SocketAddr) -> Self {
        Self {
            plan: plan.clone(),
            rooms,
            at,
            began: Instant::now(),
            is_over: AtomicBool::new(false),
            has_panicked: AtomicBool::new(false),
            may_fight: AtomicBool::new(!plan.peaceful && !plan.scenario.behaviour().gathers),
            is_measuring: AtomicBool::new(false),
            measured_from_us: AtomicU64::new(0),
            tick_rate: AtomicU16::new(plan.baseline.map_or(0, |_| baseline::TICK_RATE)),
            joined: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            playing: AtomicU32::new(0),
            gathered: AtomicU32::new(0),
            retired: AtomicU32::new(0),
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

    /// A bot is in the game, for the first time or as a replacement.
    pub(super) fn join(&self, first: bool) {
        self.playing.fetch_add(1, Ordering::Relaxed);
        self.joined.fetch_add(u32::from(first), Ordering::Relaxed);
    }

    pub(super) fn end(&self, joined: bool, first: bool, had_gathered: bool) {
        if joined {
            self.playing.fetch_sub(1, Ordering::Relaxed);
        } else {
            self.refused.fetch_add(u32::from(first), Ordering::Relaxed);
        }
        self.gathered.fetch_sub(u32::from(had_gathered), Ordering::Relaxed);
    }

    pub(super) fn gather(&self, had_gathered: bool, has_gathered: bool) {
        match (had_gathered, has_gathered) {
            (false, true) => self.gathered.fetch_add(1, Ordering::Relaxed),
            (true, false) => self.gathered.fetch_sub(1, Ordering::Relaxed),
            _ => return,
        };
    }
}

/// A correction of the own body that can be seen, in world units.
pub(super) const VISIBLE_CORRECTION: f32 = 0.5;

/// What healthy bots measured in the measured time, one by one or a thread's together.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// Between a frame and the one before.
    pub(super) gaps: Times,
    pub(super) input_to_ack: Times,
    /// By how much the bots' own turns were late; of all bots.
    pub(super) lateness: Times,
    /// Frames of full bots.
    pub(super) full_frames: u64,
    /// Of those, frames that moved the own body against its prediction by more than [`VISIBLE_CORRECTION`].
    pub(super) corrections: u64,
    /// Other bodies in view, summed over those frames.
    pub(super) bodies_sum: u64,
    pub(super) bodies_max: u32,
    /// A frame's bytes divided by the bodies that moved in it, summed over `moving_frames`.
    pub(super) bytes_per_moving_body_sum: f64,
    pub(super) moving_frames: u64,
    /// Bots that replaced another.
    pub(super) joins: u64,
    /// Bots that left to be replaced.
    pub(super) leaves: u64,
    /// Bots that were sent to another server of a cluster, at any time.
    pub(super) moves: u64,
}

impl Measured {
    pub(super) fn merge(&mut self, other: &Self) {
        self.gaps.merge(&other.gaps);
        self.input_to_ack.merge(&other.input_to_ack);
        self.lateness.merge(&other.lateness);
        self.full_frames += other.full_frames;
        self.corrections += other.corrections;
        self.bodies_sum += other.bodies_sum;
        self.bodies_max = self.bodies_max.max(other.bodies_max);
        self.bytes_per_moving_body_sum += other.bytes_per_moving_body_sum;
        self.moving_frames += other.moving_frames;
        self.joins += other.joins;
        self.leaves += other.leaves;
        self.moves += other.moves;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// The bot left as planned.
    #[default]
    Left,
    /// What the bot plays in is at another server of a cluster.
    Moved(Address),
    Lost(String),
}

impl End {
    pub(super) fn connection_lost() -> Self {
        Self::Lost("connection lost".to_owned())
    }
}

/// One connection of a bot, from its beginning to its end.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionRecord {
    /// The bot's first. Others follow where bots leave and are replaced.
    pub(super) first: bool,
    /// Of a slow reader.
    pub(super) slow: bool,
    /// It received a frame.
    pub(super) joined: bool,
    pub(super) end: End,
    /// In the measured time, as are frames and bytes.
    pub(super) played_seconds: f64,
    pub(super) frames: u64,
    pub(super) bytes: u64,
    /// In the whole connection.
    pub(super) checksum_mismatches: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Results {
    pub(super) connections: Vec<ConnectionRecord>,
    pub(super) measured: Measured,
}

impl Results {
    pub(super) fn merge(&mut self, other: Self) {
        self.connections.extend(other.connections);
        self.measured.merge(&other.measured);
    }
}

/// One connection's part of the measured time, counted frame by frame.
#[derive(Clone, Debug, Default)]
pub(super) struct PlayTime {
    /// Since when it counts.
    from_us: Option<u64>,
    /// The last frame that counted.
    last_us: u64,
    last_frame_us: Option<u64>,
    played_us: u64,
    pub(super) frames: u64,
    pub(super) bytes: u64,
}

impl PlayTime {
    /// A frame came. If it counts: the time since the one before. The frame from which time counts does not itself.
    pub(super) fn frame(&mut self, now_us: u64, bytes: usize, measuring: bool, tick_us: u64) -> Option<u64> {
        let before_us = self.last_frame_us.replace(now_us);
        if !measuring {
            self.pause(now_us, tick_us);
            return None;
        }
        self.last_us = now_us;
        if self.from_us.is_none() {
            self.from_us = Some(now_us);
            return None;
        }
        self.frames += 1;
        self.bytes += bytes as u64;
        before_us.map(|before_us| now_us - before_us)
    }

    /// Adds the time so far.
    pub(super) fn pause(&mut self, now_us: u64, tick_us: u64) {
        let Some(from_us) = self.from_us.take() else {
            return;
        };
        // Up to the last frame, so that n frames take n times their gap; but a frame that is overdue by then counts
        // against the server.
        let until_us = if now_us - self.last_us < 2 * tick_us { self.last_us } else { now_us };
        self.played_us += until_us.saturating_sub(from_us);
    }

    pub(super) fn seconds(&self) -> f64 {
        self.played_us as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn play_time_ends_with_the_last_frame_unless_one_is_overdue() {
        let mut time = PlayTime::default();
        assert_eq!(time.frame(0, 100, false, 50), None);
        assert_eq!(time.frame(50, 100, true, 50), None);
        assert_eq!(time.frame(100, 100, true, 50), Some(50));
        assert_eq!(time.frame(160, 100, true, 50), Some(60));
        let mut overdue = time.clone();
        time.pause(200, 50);
        overdue.pause(1_000_050, 50);
        assert_eq!((time.frames, time.bytes, time.played_us), (2, 200, 110));
        assert_eq!(overdue.seconds(), 1.0);
    }
}
