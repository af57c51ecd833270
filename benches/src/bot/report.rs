//! What a run came to: as a table for people, as JSON for programs, and whether it went well.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::record::{End, Life, Times};

/// Connections that ended before the run did, by reason.
pub type Disconnects = BTreeMap<String, u32>;

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

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Bots that were to come.
    pub players_requested: u32,
    /// Bots that had a frame.
    pub players_joined: u32,
    /// Bots in the game when the measured time ended.
    pub players_at_end: u32,
    /// By all in the measured time.
    pub frames_received: u64,
    /// Each bot's frames by its own time in the game.
    pub frames_per_player_second: Percentiles,
    /// Between a bot's frames, over all bots.
    pub frame_gap_ms: Percentiles,
    /// Each bot's bytes of messages by its own time in the game; the mean is over the time of all.
    pub bytes_per_player_second: Spread,
    /// Other ships in view, over all frames.
    pub visible_ships: Spread,
    /// From making an input to its answer.
    pub input_to_ack_ms: Percentiles,
    /// Frames that visibly moved a bot's own ship against its prediction, of a hundred.
    pub corrected_frames_percent: f64,
    /// Cells that differed from the server's.
    pub checksum_mismatches: u64,
    /// Why bots left before they were to.
    pub disconnects: Disconnects,
}

impl Report {
    pub(super) fn new(requested: u32, at_end: u32, lives: &[Life]) -> Self {
        let (mut gaps, mut acks) = (Times::default(), Times::default());
        let (mut frame_rates, mut byte_rates) = (Vec::new(), Vec::new());
        let (mut seconds, mut bytes, mut ships, mut corrections) = (0.0, 0, 0, 0);
        let mut report = Self { players_requested: requested, players_at_end: at_end, ..Self::default() };
        let mut ships_max = 0;
        for life in lives {
            let record = &life.record;
            report.players_joined += u32::from(life.joined);
            report.frames_received += record.frames;
            report.checksum_mismatches += life.checksum_mismatches;
            if let End::Lost(reason) = &life.end {
                *report.disconnects.entry(reason.clone()).or_default() += 1;
            }
            gaps.merge(&record.gaps);
            acks.merge(&record.input_to_ack);
            bytes += record.bytes;
            corrections += record.corrections;
            ships += record.ships_sum;
            ships_max = ships_max.max(record.ships_max);
            seconds += record.played_seconds;
            if record.played_seconds > 0.0 {
                frame_rates.push(record.frames as f64 / record.played_seconds);
                byte_rates.push(record.bytes as f64 / record.played_seconds);
            }
        }
        let per = |sum: u64, by: f64| if by > 0.0 { sum as f64 / by } else { 0.0 };
        report.frames_per_player_second = Percentiles {
            p1: Some(rank(&mut frame_rates, 0.01)),
            p50: rank(&mut frame_rates, 0.5),
            ..Percentiles::default()
        };
        report.frame_gap_ms = Percentiles {
            p1: None,
            p50: gaps.percentile_ms(50.0),
            p99: Some(gaps.percentile_ms(99.0)),
            max: Some(gaps.max_ms()),
        };
        report.bytes_per_player_second =
            Spread { mean: per(bytes, seconds), p99: Some(rank(&mut byte_rates, 0.99)), max: None };
        report.visible_ships = Spread {
            mean: per(ships, report.frames_received as f64),
            p99: None,
            max: Some(f64::from(ships_max)),
        };
        report.corrected_frames_percent = 100.0 * per(corrections, report.frames_received as f64);
        report.input_to_ack_ms = Percentiles {
            p50: acks.percentile_ms(50.0),
            p99: Some(acks.percentile_ms(99.0)),
            ..Percentiles::default()
        };
        report
    }

    /// What went wrong, if anything did.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let missing = self.players_requested - self.players_joined.min(self.players_requested);
        if missing > 0 {
            failures.push(format!("{missing} of {} players did not get in", self.players_requested));
        }
        let lost = self.players_joined.saturating_sub(self.players_at_end);
        if lost > 0 {
            failures.push(format!("{lost} players were disconnected while they played"));
        }
        if self.checksum_mismatches > 0 {
            failures.push(format!("{} cells differed from the server's", self.checksum_mismatches));
        }
        failures
    }
}

/// The value with this share of the others below it; 0 if there is none.
fn rank(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(0.0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, text: String| writeln!(f, "{name:<26} {text}");
        let all = |p: Percentiles| {
            let named = [("p1", p.p1), ("p50", Some(p.p50)), ("p99", p.p99), ("max", p.max)];
            let known = named.into_iter().filter_map(|(name, value)| Some(format!("{name} {:.1}", value?)));
            known.collect::<Vec<_>>().join("  ")
        };
        line(
            "players",
            format!(
                "{} requested  {} joined  {} at the end",
                self.players_requested, self.players_joined, self.players_at_end
            ),
        )?;
        line("frames received", self.frames_received.to_string())?;
        line("frames per player-second", all(self.frames_per_player_second))?;
        line("frame gap, ms", all(self.frame_gap_ms))?;
        let bytes = self.bytes_per_player_second;
        line(
            "kB per player-second",
            format!("mean {:.1}  p99 {:.1}", bytes.mean / 1000.0, bytes.p99.unwrap_or(0.0) / 1000.0),
        )?;
        let ships = self.visible_ships;
        line("ships in view", format!("mean {:.1}  max {}", ships.mean, ships.max.unwrap_or(0.0)))?;
        line("input to answer, ms", all(self.input_to_ack_ms))?;
        line("corrected frames", format!("{:.2} %", self.corrected_frames_percent))?;
        line("checksum mismatches", self.checksum_mismatches.to_string())?;
        for (reason, count) in &self.disconnects {
            line("disconnected", format!("{count} × {reason}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::record::Record, *};

    fn life(frames: u64, end: End) -> Life {
        let record = Record {
            played_seconds: 10.0,
            frames,
            bytes: frames * 100,
            ships_sum: frames * 7,
            ships_max: 9,
            ..Record::default()
        };
        Life { joined: frames > 0, end, record, checksum_mismatches: 0 }
    }

    #[test]
    fn rates_are_each_bots_own() {
        let lives = [life(300, End::Left), life(200, End::Left), life(0, End::Lost("full".into()))];
        let report = Report::new(3, 2, &lives);
        assert_eq!((report.players_joined, report.frames_received), (2, 500));
        assert_eq!(report.frames_per_player_second.p50, 20.0);
        assert_eq!(report.visible_ships.mean, 7.0);
        assert_eq!(report.disconnects, Disconnects::from([("full".to_owned(), 1)]));
        assert_eq!(report.failures(), ["1 of 3 players did not get in"]);
    }

    #[test]
    fn the_json_has_the_measures_by_name() {
        let json = serde_json::to_value(Report::new(0, 0, &[])).unwrap();
        for path in [
            "/players_requested",
            "/players_joined",
            "/players_at_end",
            "/frames_received",
            "/frames_per_player_second/p1",
            "/frames_per_player_second/p50",
            "/frame_gap_ms/p50",
            "/frame_gap_ms/p99",
            "/frame_gap_ms/max",
            "/bytes_per_player_second/mean",
            "/bytes_per_player_second/p99",
            "/visible_ships/mean",
            "/visible_ships/max",
            "/input_to_ack_ms/p50",
            "/input_to_ack_ms/p99",
            "/corrected_frames_percent",
            "/checksum_mismatches",
            "/disconnects",
        ] {
            assert!(json.pointer(path).is_some(), "{path}");
        }
    }
}
