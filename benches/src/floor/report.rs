//! What the floor's players saw. The names are those of the bots' report where they mean the same, so that one
//! reader reads both.

use std::fmt;

use serde::Serialize;

use crate::bot::{Percentiles, Spread};

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LoadReport {
    /// Players that were to come.
    pub players_requested: u32,
    /// Players that had a frame.
    pub players_joined: u32,
    /// Players that were connected when the measured time ended.
    pub players_at_end: u32,
    /// By all in the measured time.
    pub frames_received: u64,
    /// Over players.
    pub frames_per_player_second: Percentiles,
    /// Between a player's frames, over all players.
    pub frame_gap_ms: Percentiles,
    /// Of frames, over players that joined.
    pub bytes_per_player_second: Spread,
    /// The measured time.
    pub seconds: f64,
    /// What the load itself took and how well it kept its times.
    pub bots: OwnCost,
    /// Whether the figures are the server's, and not those of a load that was itself too slow.
    pub valid: bool,
    /// Why not, if they are not.
    pub invalid_because: Vec<String>,
}

/// What the load client cost in the measured time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct OwnCost {
    /// From when an input was due to when it was sent.
    pub lateness_ms: Percentiles,
    /// Of this process.
    pub cpu_seconds: f64,
}

impl LoadReport {
    /// What went wrong, if anything did.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let missing = self.players_requested.saturating_sub(self.players_joined);
        if missing > 0 {
            failures.push(format!("{missing} of {} players did not get in", self.players_requested));
        }
        let lost = self.players_joined.saturating_sub(self.players_at_end);
        if lost > 0 {
            failures.push(format!("{lost} players were disconnected"));
        }
        failures
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, text: String| writeln!(f, "{name:<26} {text}");
        let known = |value: Option<f64>| value.unwrap_or_default();
        let (requested, joined) = (self.players_requested, self.players_joined);
        line(
            "players",
            format!("{requested} requested  {joined} joined  {} at the end", self.players_at_end),
        )?;
        line("frames received", self.frames_received.to_string())?;
        let rate = self.frames_per_player_second;
        line("frames per player-second", format!("p1 {:.1}  p50 {:.1}", known(rate.p1), rate.p50))?;
        let gap = self.frame_gap_ms;
        line(
            "frame gap, ms",
            format!("p50 {:.1}  p99 {:.1}  max {:.1}", gap.p50, known(gap.p99), known(gap.max)),
        )?;
        line("kB per player-second", format!("mean {:.1}", self.bytes_per_player_second.mean / 1000.0))?;
        let late = self.bots.lateness_ms;
        line(
            "own lateness, ms",
            format!("p50 {:.1}  p99 {:.1}  max {:.1}", late.p50, known(late.p99), known(late.max)),
        )?;
        line("own CPU, s", format!("{:.2} in {:.1}", self.bots.cpu_seconds, self.seconds))?;
        self.invalid_because.iter().try_for_each(|why| line("not valid", why.clone()))
    }
}
