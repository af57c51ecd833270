//! What a whole measurement found, as plain data.

use serde::Serialize;

use super::{Sweep, Trial};
use crate::{machine::Machine, report::Check};

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CapacityReport {
    pub machine: Machine,
    pub settings: Settings,
    pub verdict: Vec<Check>,
    /// Ours, players all over a wide arena.
    pub spread: Sweep,
    /// Ours, all players in view of one another.
    pub crowd: Sweep,
    /// The bare server, with frames as large as ours to players all over the arena.
    pub baseline: Sweep,
    pub peer: Peer,
    pub stalled: Stalled,
    /// Wall time of the whole run.
    pub took_seconds: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// Fewer and shorter steps.
    pub quick: bool,
    /// Measured time of each step.
    pub seconds: f64,
    /// Ticks, and frames to each player, a second.
    pub tick_rate: u16,
    /// The p99 of frame gaps up to which a number of players counts as held.
    pub gap_ms_max: f64,
}

/// Another server, and ours with its kind of load.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Peer {
    pub name: String,
    /// Why it was not measured, if it was not.
    pub left_out: Option<String>,
    pub runs: Vec<PeerRuns>,
    /// Ours, with as many others in view and no shots.
    pub ours: Vec<Trial>,
}

/// The other server in one of its modes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PeerRuns {
    pub mode: String,
    /// By rising number of players.
    pub trials: Vec<Trial>,
}

/// The same number of players twice.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stalled {
    /// All read.
    pub without: Option<Trial>,
    /// A share reads too slowly; the figures are those of the others.
    pub with: Option<Trial>,
}

impl CapacityReport {
    /// The most CPU that other programs took in a step, in cores.
    pub fn others_cpu_cores_max(&self) -> Option<f64> {
        let sweeps = [&self.spread, &self.crowd, &self.baseline].into_iter().flat_map(|sweep| &sweep.trials);
        let peers = self.peer.runs.iter().flat_map(|runs| &runs.trials).chain(&self.peer.ours);
        let trials = sweeps.chain(peers).chain(&self.stalled.without).chain(&self.stalled.with);
        trials.filter_map(|trial| trial.figures.as_ref()?.others_cpu_cores).max_by(f64::total_cmp)
    }
}
