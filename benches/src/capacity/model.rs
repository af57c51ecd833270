//! What a measurement came to, as plain data. It knows what figures there are; not where they come from, nor what
//! they should be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::machine::Machine;

/// Everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Where it was measured.
    pub machine: Machine,
    /// What was asked for.
    pub settings: Settings,
    /// Each figure beside its bar.
    pub verdict: Vec<Judged>,
    /// Ours, players all over a wide arena.
    pub spread: Ladder,
    /// Ours, all players in view of one another.
    pub crowd: Ladder,
    /// The bare server, with frames of the bytes that ours sent to players all over the arena.
    pub floor: Ladder,
    /// Another server, and ours on its work.
    pub peer: Peer,
    /// Ours, with some who do not read.
    pub stalled: Stalled,
    /// Wall time of the whole run.
    pub took_seconds: f64,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// Fewer and shorter steps.
    pub quick: bool,
    /// Measured time of each step.
    pub seconds: f64,
    /// Ticks, and frames to each player, a second.
    pub tick_rate: u16,
    /// What 99 of 100 frame gaps may be for a step to hold.
    pub gap_ms_max: f64,
}

/// One kind of work with more and more players.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ladder {
    /// In the order in which they were made.
    pub attempts: Vec<Attempt>,
    /// How many players it carried; none if none.
    pub held: Option<Held>,
}

/// How many players were carried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Held {
    /// The most that held.
    pub players: u32,
    /// The least above it that did not, and why; none if no more were tried.
    pub above: Option<(u32, String)>,
}

/// One try with a number of players.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Attempt {
    /// Players asked for.
    pub players: u32,
    /// None if it could not be measured.
    pub figures: Option<Figures>,
    /// Why not.
    pub failure: Option<String>,
}

/// Percentiles of one measure; which are known depends on who measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Percentiles {
    /// Half are below.
    pub p50: Option<f64>,
    /// One in a hundred is above.
    pub p99: Option<f64>,
    /// One in a thousand is above.
    pub p999: Option<f64>,
    /// None is above.
    pub max: Option<f64>,
}

/// What was measured in one step. Figures that nobody told are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Players that had a frame.
    pub joined: u32,
    /// Players in the game when the measured time ended.
    pub at_end: u32,
    /// The measured time.
    pub seconds: f64,
    /// Each player's, in the middle.
    pub frames_per_player_second: Option<f64>,
    /// Between a player's frames, over all players.
    pub frame_gap_ms: Percentiles,
    /// Mean over players.
    pub bytes_per_player_second: Option<f64>,
    /// CPU of the server's process by the frames that players received, in microseconds.
    pub cpu_us_per_client_tick: Option<f64>,
    /// CPU of the server's process, in cores.
    pub cpu_cores: Option<f64>,
    /// Work of the server's ticks.
    pub tick_ms: Percentiles,
    /// Other ships in view, mean over frames.
    pub ships_in_view: Option<f64>,
    /// Of a frame, by the ships in view that moved.
    pub bytes_per_moving_ship: Option<f64>,
    /// Memory of the server's process when the measured time ended.
    pub rss_bytes: Option<f64>,
    /// That by what it was when the measured time began: 1 is flat.
    pub rss_growth: Option<f64>,
    /// CPU of the load's process, in cores.
    pub load_cpu_cores: Option<f64>,
    /// CPU that neither took: other programs', and what a shared machine gave to others.
    pub others_cpu_cores: Option<f64>,
    /// By how much the load was late itself.
    pub load_late_ms: Percentiles,
    /// Why the load does not vouch for its own figures; empty if it does.
    pub invalid_because: Vec<String>,
    /// Players who read and were thrown out all the same.
    pub healthy_lost: u32,
    /// Why players left before they were to.
    pub disconnects: BTreeMap<String, u32>,
}

/// Another server's figures, and ours on its work.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// Why it was not measured, if it was not.
    pub left_out: Option<String>,
    /// By its way of working.
    pub runs: Vec<PeerRuns>,
    /// Ours, with as many others in view and nobody shooting.
    pub ours: Vec<Attempt>,
}

/// Another server's figures in one way of working.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PeerRuns {
    /// The way.
    pub mode: String,
    /// By rising number of players.
    pub attempts: Vec<Attempt>,
}

/// The same players twice.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stalled {
    /// All read.
    pub without: Option<Attempt>,
    /// Some do not; the figures are of those who do.
    pub with: Option<Attempt>,
}

/// A figure beside its bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// What it is, with its unit.
    pub figure: String,
    /// None if it was not measured.
    pub measured: Option<f64>,
    /// On which side of the bar it should be.
    pub sense: Sense,
    /// What it should be.
    pub bar: f64,
    /// How it stands.
    pub outcome: Outcome,
    /// What it was made from, or why it was not measured.
    pub note: String,
}

/// On which side of its bar a figure should be; on the bar is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sense {
    /// The less, the better.
    AtMost,
    /// The more, the better.
    AtLeast,
}

/// How a figure stands to its bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// On the good side.
    Pass,
    /// On the other.
    Miss,
    /// There is no figure.
    NotMeasured,
}
