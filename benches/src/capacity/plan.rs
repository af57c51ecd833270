//! What a run is made of: which work, with how many players, for how long. Plain values.

use std::{path::PathBuf, time::Duration};

use clap::ValueEnum;

use super::{climb::Climb, model::Settings};

/// Ticks a second, everywhere.
const TICK_RATE: u16 = 20;
/// What 99 of 100 frame gaps may be for a step to hold, in ticks.
const GAP_TICKS_MAX: f64 = 1.5;
/// Players at which the verdict looks.
pub(super) const JUDGED_PLAYERS: u32 = 1000;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Players all over a wide arena; with the floor at the same numbers
    Spread,
    /// Players in view of one another
    Crowd,
    /// The peer, and ours on its work
    Peer,
    /// Some who do not read
    Stalled,
}

/// Where the peer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerAt {
    /// Its scripts, with what they need installed.
    Folder(PathBuf),
    /// Nowhere, and why.
    Missing(String),
}

/// What to measure, and with what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the built programs are.
    pub programs: PathBuf,
    /// Where reports go, and what the loads write on the way.
    pub out: PathBuf,
    /// The other server.
    pub peer: PeerAt,
    /// What to measure; nothing for everything.
    pub only: Vec<Part>,
    /// Fewer and shorter steps.
    pub quick: bool,
    /// Measured time of each step; none for what is usual.
    pub seconds: Option<f64>,
}

impl Plan {
    /// Whether this kind of work is asked for.
    pub(super) fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// What is told with the figures.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            quick: self.quick,
            seconds: self.seconds.unwrap_or(if self.quick { 4.0 } else { 10.0 }),
            tick_rate: TICK_RATE,
            gap_ms_max: GAP_TICKS_MAX * 1000.0 / f64::from(TICK_RATE),
        }
    }

    /// How far to go with one kind of work.
    pub(super) fn climb(&self) -> Climb {
        let (fixed, step, grain, retries) = if self.quick {
            (vec![250, JUDGED_PLAYERS], 0, 0, 0)
        } else {
            (vec![250, 500, JUDGED_PLAYERS, 2000], 500, 125, 1)
        };
        Climb { fixed, always: JUDGED_PLAYERS, step, most: 8000, grain, retries }
    }

    /// After this long, a climb ends with what it has.
    pub(super) fn climb_time(&self, part: Part) -> Duration {
        Duration::from_secs(if part == Part::Spread { 470 } else { 180 })
    }

    /// Players of the peer.
    pub(super) fn peer_players(&self) -> &'static [u32] {
        if self.quick { &[200] } else { &[200, 500] }
    }

    /// Its ways of working.
    pub(super) fn peer_modes(&self) -> &'static [&'static str] {
        if self.quick { &["rooms"] } else { &["rooms", "world"] }
    }

    /// Players of whom some do not read.
    pub(super) fn stalled_players(&self) -> u32 {
        if self.quick { 250 } else { 500 }
    }
}
