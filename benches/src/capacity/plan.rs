//! What a run is made of: which kinds of load, with how many players, for how long.

use std::{path::PathBuf, time::Duration};

use clap::ValueEnum;

use super::{Settings, search::Search};

/// Ticks a second, everywhere.
const TICK_RATE: u16 = 20;
/// The p99 of frame gaps up to which players count as held, in ticks.
const GAP_TICKS_MAX: f64 = 1.5;
/// The number of players that the verdict is about.
pub(super) const JUDGED_PLAYERS: u32 = 1000;

/// A kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Work {
    /// Players all over a wide arena, and the baseline with the same numbers
    Spread,
    /// Players in view of one another
    Crowd,
    /// The peer, and ours with its load
    Peer,
    /// With and without slow readers
    Stalled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerAt {
    /// Its scripts, with their modules installed.
    Folder(PathBuf),
    /// Why there is none.
    Missing(String),
}

#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder of the built programs.
    pub programs: PathBuf,
    /// The folder for reports and for what the loads write.
    pub out: PathBuf,
    pub peer: PeerAt,
    /// Empty for everything.
    pub only: Vec<Work>,
    /// Fewer and shorter steps.
    pub quick: bool,
    /// Measured time of each step, if not the default.
    pub seconds: Option<f64>,
}

impl Plan {
    pub(super) fn has(&self, work: Work) -> bool {
        self.only.is_empty() || self.only.contains(&work)
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            quick: self.quick,
            seconds: self.seconds.unwrap_or(if self.quick { 4.0 } else { 10.0 }),
            tick_rate: TICK_RATE,
            gap_ms_max: GAP_TICKS_MAX * 1000.0 / f64::from(TICK_RATE),
        }
    }

    pub(super) fn search(&self) -> Search {
        let (fixed, step, grain, retries) = if self.quick {
            (vec![250, JUDGED_PLAYERS], 0, 0, 0)
        } else {
            (vec![250, 500, JUDGED_PLAYERS, 2000], 500, 125, 1)
        };
        Search { fixed, always: JUDGED_PLAYERS, step, most: 8000, grain, retries }
    }

    /// After this long, a search ends with what it has.
    pub(super) fn search_time(&self, work: Work) -> Duration {
        Duration::from_secs(if work == Work::Spread { 470 } else { 180 })
    }

    pub(super) fn peer_players(&self) -> &'static [u32] {
        if self.quick { &[200] } else { &[200, 500] }
    }

    pub(super) fn peer_modes(&self) -> &'static [&'static str] {
        if self.quick { &["rooms"] } else { &["rooms", "world"] }
    }

    pub(super) fn stalled_players(&self) -> u32 {
        if self.quick { 250 } else { 500 }
    }
}
