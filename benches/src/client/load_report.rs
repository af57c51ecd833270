//! What a run of the load generator measured, and whether it went well and can be relied on. Its JSON is what other
//! programs read; the capacity measurement reads it, and the peer's load writes the same names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Plan,
    record::{ConnectionRecord, End, Measured, Results},
};
use crate::report::{Spread, rank, ratio};

/// Connections that ended before the run did, by reason.
pub(super) type Disconnects = BTreeMap<String, u32>;

/// The bots themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BotFigures {
    pub full: u32,
    pub lite: u32,
    /// How late the bots' own turns were.
    pub lateness_ms: Spread,
    /// Of the bots' process, in the measured time.
    pub cpu_seconds: f64,
    pub cpu_cores: Option<f64>,
}

/// Bots that read too slowly.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StalledFigures {
    pub count: u32,
    /// Of those that joined, the ones whose connection the server closed, by reason.
    pub closed: Disconnects,
}

/// What a server measured of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerFigures {
    /// From the first scrape to the last.
    pub seconds: f64,
    /// Of the server's process.
    pub cpu_seconds: Option<f64>,
    pub rss_bytes_start: Option<f64>,
    pub rss_bytes_end: Option<f64>,
    /// Work of a tick, as exact as the server's buckets.
    pub tick_ms: Option<Spread>,
    pub ticks: Option<f64>,
    /// Frames that were not made because their reader was slow.
    pub frames_skipped: Option<f64>,
    /// Slow readers that got a full view again.
    pub resyncs: Option<f64>,
}

/// Everything measured is of the bots that read at full speed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadReport {
    pub scenario: String,
    /// What the network conditioner did, as on the command line.
    pub link: Option<String>,
    /// Whether the bots kept up, so that the figures are the server's.
    pub valid: bool,
    pub invalid_because: Vec<String>,
    pub tick_rate: u16,
    /// Measured time.
    pub seconds: f64,
    pub players_requested: u32,
    /// Bots that received a frame.
    pub players_joined: u32,
    /// Bots in the game when the measured time ended.
    pub players_at_end: u32,
    /// Bots that replaced another.
    pub joins: u64,
    /// Bots that left to be replaced.
    pub leaves: u64,
    /// Bots that followed what they play in to another server of a cluster, at any time.
    pub moves: u64,
    /// Replacements that did not get in.
    pub joins_failed: u32,
    pub frames_received: u64,
    /// Each bot's frames by its own time in the game.
    pub frames_per_player_second: Spread,
    /// Between a bot's frames, over all bots.
    pub frame_gap_ms: Spread,
    /// Each bot's bytes of messages by its own time in the game; the mean is over the time of all.
    pub bytes_per_player_second: Spread,
    /// A frame's bytes by the other bodies in view that moved in it: the mean over frames of full bots with at least
    /// ten such bodies.
    pub bytes_per_moving_body: Option<f64>,
    /// Other bodies in view, over all frames of full bots.
    pub visible_bodies: Spread,
    /// From an input to the frame that acknowledges it.
    pub input_to_ack_ms: Spread,
    /// Frames that visibly moved a full bot's own body against its prediction, of a hundred.
    pub corrected_frames_percent: Option<f64>,
    /// Cells of full bots that differed from the server's.
    pub checksum_mismatches: u64,
    /// Bots whose connection was lost while they played.
    pub players_lost: u32,
    pub disconnects: Disconnects,
    pub stalled: StalledFigures,
    pub bots: BotFigures,
    pub server: Option<ServerFigures>,
}

impl LoadReport {
    /// Of a run that has not been measured yet.
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            scenario: plan.baseline.map_or_else(|| plan.scenario.name(), |_| "baseline".to_owned()),
            link: plan.conditions.map(|conditions| conditions.to_string()),
            players_requested: plan.bots,
            ..Self::default()
        }
    }

    /// Adds what the bots saw, once all have left.
    pub(super) fn add_results(&mut self, results: &Results) {
        self.add_connections(&results.connections);
        self.add_measured(&results.measured);
        self.validate();
    }

    fn add_connections(&mut self, connections: &[ConnectionRecord]) {
        let (mut frame_rates, mut byte_rates) = (Vec::new(), Vec::new());
        let (mut seconds, mut bytes) = (0.0, 0);
        for record in connections {
            self.players_joined += u32::from(record.first && record.joined);
            self.checksum_mismatches += record.checksum_mismatches;
            if let End::Lost(reason) = &record.end {
                let is_slow = record.slow && record.joined;
                let reasons = if is_slow { &mut self.stalled.closed } else { &mut self.disconnects };
                *reasons.entry(reason.clone()).or_default() += 1;
                self.players_lost += u32::from(record.joined && !is_slow);
                self.joins_failed += u32::from(!record.joined && !record.first);
            }
            if record.slow {
                continue;
            }
            self.frames_received += record.frames;
            bytes += record.bytes;
            seconds += record.played_seconds;
            frame_rates.extend(ratio(record.frames as f64, record.played_seconds));
            byte_rates.extend(ratio(record.bytes as f64, record.played_seconds));
        }
        let [p1, p50] = [0.01, 0.5].map(|share| rank(&mut frame_rates, share));
        self.frames_per_player_second = Spread { p1, p50, ..Spread::default() };
        let (mean, p99) = (ratio(bytes as f64, seconds), rank(&mut byte_rates, 0.99));
        self.bytes_per_player_second = Spread { mean, p99, ..Spread::default() };
    }

    fn add_measured(&mut self, measured: &Measured) {
        let full_frames = measured.full_frames as f64;
        (self.joins, self.leaves, self.moves) = (measured.joins, measured.leaves, measured.moves);
        self.bots.lateness_ms = measured.lateness.percentiles_ms();
        self.frame_gap_ms = measured.gaps.percentiles_ms();
        self.input_to_ack_ms = Spread { max: None, ..measured.input_to_ack.percentiles_ms() };
        self.bytes_per_moving_body = ratio(measured.bytes_per_moving_body_sum, measured.moving_frames as f64);
        if measured.full_frames > 0 {
            let mean = ratio(measured.bodies_sum as f64, full_frames);
            self.visible_bodies =
                Spread { mean, max: Some(f64::from(measured.bodies_max)), ..Spread::default() };
        }
        self.corrected_frames_percent = ratio(100.0 * measured.corrections as f64, full_frames);
    }

    /// Whether the bots were quick enough to measure anything but themselves.
    fn validate(&mut self) {
        let half_tick_ms = 500.0 / f64::from(self.tick_rate.max(1));
        if let Some(late_ms) = self.bots.lateness_ms.p99.filter(|late_ms| *late_ms > half_tick_ms) {
            self.invalid_because.push(format!(
                "the bots' own turns were late by more than half a tick (p99 {late_ms:.1} ms): the figures are the \
                 bots' as much as the server's"
            ));
        }
        self.valid = self.invalid_because.is_empty();
    }

    /// How a program that measured this ends: 0 if all went well, 1 if something failed, 3 if nothing failed but the bots
    /// were too late for their figures to mean anything. (2 is for a wrong command line.)
    pub fn exit_code(&self) -> u8 {
        match (self.failures().is_empty(), self.valid) {
            (true, true) => 0,
            (true, false) => 3,
            (false, _) => 1,
        }
    }

    /// What went wrong, if anything did.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let missing = self.players_requested.saturating_sub(self.players_joined);
        if missing > 0 {
            failures.push(format!("{missing} of {} players did not get in", self.players_requested));
        }
        if self.joins_failed > 0 {
            failures.push(format!("{} replacements did not get in", self.joins_failed));
        }
        if self.players_lost > 0 {
            failures.push(format!("{} players were disconnected while they played", self.players_lost));
        }
        if self.checksum_mismatches > 0 {
            failures.push(format!("{} cells differed from the server's", self.checksum_mismatches));
        }
        failures
    }
}

#[cfg(test)]
mod tests;
