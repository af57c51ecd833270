//! What a run came to, and whether it went well and can be relied upon. Serialised it is the report for programs;
//! the table and the page for people are in rooms of their own.

mod page;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Plan, Scenario, ServerFigures,
    record::{End, Life, Measured, Outcome, Times},
};
use crate::link::LinkSpec;

pub use page::report_page;

/// Connections that ended before the run did, by reason.
pub type Disconnects = BTreeMap<String, u32>;

/// Percentiles of the curve of gaps: finer where it is steep.
const CURVE_PERCENTILES: [f64; 30] = [
    0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 75.0, 80.0, 85.0, 90.0, 92.5, 95.0, 96.0, 97.0, 98.0,
    98.5, 99.0, 99.25, 99.5, 99.7, 99.8, 99.85, 99.9, 99.93, 99.95, 99.97, 99.98, 99.99,
];

/// Percentiles; which ones are filled in depends on the measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// One in a hundred is below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p1: Option<f64>,
    /// Half are below.
    pub p50: f64,
    /// One in a hundred is above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
    /// None is above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

impl Percentiles {
    fn upper(times: &Times) -> Self {
        let [p50, p99] = [50.0, 99.0].map(|percentile| times.percentile_ms(percentile));
        Self { p1: None, p50, p99: Some(p99), max: Some(times.max_ms()) }
    }
}

/// A mean and how far it is exceeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// One in a hundred is above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
    /// None is above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// The bots themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct BotFigures {
    /// Whole clients: they check checksums, predict, and know what is in view.
    pub full: u32,
    /// Light ones: they know their own ship.
    pub light: u32,
    /// How late the bots' own ticks were.
    pub lateness_ms: Percentiles,
    /// CPU time of the bots' process in the measured time.
    pub cpu_seconds: f64,
    /// The same by the measured time.
    pub cpu_cores: f64,
    /// The same by the frames that all bots received, in microseconds.
    pub cpu_us_per_client_tick: f64,
}

/// Bots that did not read as they should.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StalledFigures {
    /// How many there were.
    pub count: u32,
    /// Of those that got in, who was thrown out, by reason.
    pub closed: Disconnects,
}

/// One second of the measured time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Second {
    /// Which, from 1.
    pub second: f64,
    /// Bots in the game when it ended.
    pub players: u32,
    /// Received by all.
    pub frames_per_second: f64,
    /// Received by all.
    pub bytes_per_second: f64,
    /// Of the gaps between frames of healthy bots one in a hundred was longer; none without frames.
    pub gap_p99_ms: Option<f64>,
    /// CPU time of the bots' process.
    pub bots_cpu_cores: f64,
}

/// What a run came to. Everything measured is of the bots that read as they should.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// What the bots were there for.
    pub scenario: Scenario,
    /// The link that they reached the server by, as it is written; none if straight.
    pub link: Option<String>,
    /// Whether the figures can be relied upon.
    pub valid: bool,
    /// Why not.
    pub invalid_because: Vec<String>,
    /// Ticks a second; 0 if no bot was told.
    pub tick_rate: u16,
    /// Measured time.
    pub seconds: f64,
    /// Bots that were to come.
    pub players_requested: u32,
    /// Bots that had a frame.
    pub players_joined: u32,
    /// Bots in the game when the measured time ended.
    pub players_at_end: u32,
    /// Bots that came after another had left.
    pub joins: u64,
    /// Bots that left so that another could come.
    pub leaves: u64,
    /// Of those that were to come after another, how many did not get in.
    pub joins_failed: u32,
    /// By all in the measured time.
    pub frames_received: u64,
    /// Each bot's frames by its own time in the game.
    pub frames_per_player_second: Percentiles,
    /// Between a bot's frames, over all bots.
    pub frame_gap_ms: Percentiles,
    /// The same as a curve: percentile, milliseconds.
    pub frame_gap_curve_ms: Vec<(f64, f64)>,
    /// Each bot's bytes of messages by its own time in the game; the mean is over the time of all.
    pub bytes_per_player_second: Spread,
    /// Bytes of a frame by the other ships in view that moved in it: mean over frames of whole clients with at least
    /// ten such ships.
    pub bytes_per_moving_ship: Option<f64>,
    /// Other ships in view, over all frames of whole clients.
    pub visible_ships: Spread,
    /// From making an input to its answer.
    pub input_to_ack_ms: Percentiles,
    /// Frames that visibly moved a whole client's own ship against its prediction, of a hundred.
    pub corrected_frames_percent: f64,
    /// Cells that differed from the server's, for whole clients.
    pub checksum_mismatches: u64,
    /// Players who were thrown out while they played.
    pub players_lost: u32,
    /// Why bots left before they were to.
    pub disconnects: Disconnects,
    /// The bots that did not read as they should, apart.
    pub stalled: StalledFigures,
    /// What the bots cost, and whether they kept up.
    pub bots: BotFigures,
    /// What the server measured of itself, if it tells.
    pub server: Option<ServerFigures>,
    /// Second by second.
    pub timeline: Vec<Second>,
}

/// What is known of a run besides what its bots tell.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) requested: u32,
    pub(super) scenario: Scenario,
    pub(super) link: Option<LinkSpec>,
    pub(super) full: u32,
    pub(super) light: u32,
    pub(super) stalled: u32,
    pub(super) at_end: u32,
    pub(super) tick_rate: u16,
    pub(super) seconds: f64,
    pub(super) cpu_seconds: f64,
    /// Received by all bots.
    pub(super) frames_of_all: u64,
    pub(super) timeline: Vec<Second>,
    pub(super) server: Option<ServerFigures>,
}

impl Report {
    pub(super) fn new(facts: Facts, outcomes: Vec<Outcome>) -> Self {
        let mut measured = Measured::default();
        let mut lives = Vec::new();
        for outcome in outcomes {
            measured.merge(&outcome.measured);
            lives.extend(outcome.lives);
        }
        let mut report = Self {
            scenario: facts.scenario,
            link: facts.link.map(|link| link.to_string()),
            tick_rate: facts.tick_rate,
            seconds: facts.seconds,
            players_requested: facts.requested,
            players_at_end: facts.at_end,
            bots: BotFigures {
                full: facts.full,
                light: facts.light,
                lateness_ms: Percentiles::upper(&measured.lateness),
                cpu_seconds: facts.cpu_seconds,
                cpu_cores: ratio(facts.cpu_seconds, facts.seconds),
                cpu_us_per_client_tick: ratio(facts.cpu_seconds * 1e6, facts.frames_of_all as f64),
            },
            server: facts.server,
            timeline: facts.timeline,
            ..Self::default()
        };
        report.stalled.count = facts.stalled;
        report.count(&lives);
        report.take(&measured);
        report.judge();
        report
    }

    /// Of a run that ended before it began.
    pub(super) fn nobody_came(plan: &Plan, reason: String) -> Self {
        let facts =
            Facts { requested: plan.players, scenario: plan.scenario, link: plan.link, ..Facts::default() };
        Self { disconnects: Disconnects::from([(reason, plan.players)]), ..Self::new(facts, Vec::new()) }
    }

    /// What is known of each life.
    fn count(&mut self, lives: &[Life]) {
        let (mut frame_rates, mut byte_rates) = (Vec::new(), Vec::new());
        let (mut seconds, mut bytes) = (0.0, 0);
        for life in lives {
            self.players_joined += u32::from(life.first && life.joined);
            self.checksum_mismatches += life.checksum_mismatches;
            if let End::Lost(reason) = &life.end {
                let stalled = life.stalled && life.joined;
                let reasons = if stalled { &mut self.stalled.closed } else { &mut self.disconnects };
                *reasons.entry(reason.clone()).or_default() += 1;
                self.players_lost += u32::from(life.joined && !stalled);
                self.joins_failed += u32::from(!life.joined && !life.first);
            }
            if life.stalled {
                continue;
            }
            self.frames_received += life.frames;
            bytes += life.bytes;
            seconds += life.played_seconds;
            if life.played_seconds > 0.0 {
                frame_rates.push(life.frames as f64 / life.played_seconds);
                byte_rates.push(life.bytes as f64 / life.played_seconds);
            }
        }
        self.frames_per_player_second = Percentiles {
            p1: Some(rank(&mut frame_rates, 0.01)),
            p50: rank(&mut frame_rates, 0.5),
            ..Percentiles::default()
        };
        self.bytes_per_player_second =
            Spread { mean: ratio(bytes as f64, seconds), p99: Some(rank(&mut byte_rates, 0.99)), max: None };
    }

    /// What was measured over all.
    fn take(&mut self, measured: &Measured) {
        let full_frames = measured.full_frames as f64;
        self.joins = measured.joins;
        self.leaves = measured.leaves;
        self.frame_gap_ms = Percentiles::upper(&measured.gaps);
        if !measured.gaps.is_empty() {
            let point = |percentile| (percentile, measured.gaps.percentile_ms(percentile));
            self.frame_gap_curve_ms = CURVE_PERCENTILES.into_iter().map(point).collect();
        }
        self.input_to_ack_ms = Percentiles { max: None, ..Percentiles::upper(&measured.input_to_ack) };
        self.bytes_per_moving_ship =
            (measured.mover_frames > 0).then(|| measured.bytes_per_mover_sum / measured.mover_frames as f64);
        self.visible_ships = Spread {
            mean: ratio(measured.ships_sum as f64, full_frames),
            p99: None,
            max: Some(f64::from(measured.ships_max)),
        };
        self.corrected_frames_percent = 100.0 * ratio(measured.corrections as f64, full_frames);
    }

    /// Whether the bots were up to measuring at all.
    fn judge(&mut self) {
        let half_tick_ms = if self.tick_rate > 0 { 500.0 / f64::from(self.tick_rate) } else { f64::INFINITY };
        let late_ms = self.bots.lateness_ms.p99.unwrap_or(0.0);
        if late_ms > half_tick_ms {
            self.invalid_because.push(format!(
                "the bots' own ticks were late, p99 {late_ms:.1} ms, by more than half a tick: \
                 gaps and times are the bots' as much as the server's"
            ));
        }
        self.valid = self.invalid_because.is_empty();
    }

    /// What went wrong, if anything did.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let missing = self.players_requested - self.players_joined.min(self.players_requested);
        if missing > 0 {
            failures.push(format!("{missing} of {} players did not get in", self.players_requested));
        }
        if self.joins_failed > 0 {
            failures.push(format!("{} players who came later did not get in", self.joins_failed));
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

fn ratio(sum: f64, by: f64) -> f64 {
    if by > 0.0 { sum / by } else { 0.0 }
}

/// The value with this share of the others below it; 0 if there is none.
fn rank(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
