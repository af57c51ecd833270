//! A load report for people: which figures and charts are shown, and in which words.

use std::fmt;

use serde_json::Value;

use super::{LoadReport, load_report::Second};
use crate::report::{Chart, Document, Section, markdown, short};

/// A chart of more seconds shows the highest of each few.
const POINTS_MAX: usize = 60;

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&markdown(&Document { charts: Vec::new(), ..document(self) }))
    }
}

pub fn document(report: &LoadReport) -> Document {
    let conditions = report.link.as_ref().map_or(String::new(), |link| format!(", behind {link}"));
    let bots = &report.bots;
    Document {
        title: format!("{} players, {}", report.players_requested, report.scenario),
        lead: format!(
            "{:.0} seconds at {} ticks a second, {} full and {} lite bots{conditions}.",
            report.seconds, report.tick_rate, bots.full, bots.lite
        ),
        verdict: verdict(report),
        sections: vec![Section::new("", ["figure", "measured"], figures(report))],
        charts: charts(&report.timeline),
    }
}

fn verdict(report: &LoadReport) -> String {
    let mut failures = report.failures();
    if !failures.is_empty() {
        failures.extend_from_slice(&report.invalid_because);
        return format!("**Failed.** {}", sentence(&failures.join("; ")));
    }
    if !report.valid {
        return format!("**Not valid.** {}", sentence(&report.invalid_because.join("; ")));
    }
    let checked = match report.bots.full {
        0 => String::new(),
        full => format!(", and {full} full bots found every checksum right"),
    };
    let stayed = if report.stalled.count > 0 { "those that read at full speed" } else { "all" };
    let players = report.players_joined;
    format!("**Passed.** All {players} players got in, {stayed} stayed in{checked}.")
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str() + "."
}

/// What is shown, and where it is in the report's JSON.
const FIGURES: [(&str, &str); 29] = [
    ("players joined", "/players_joined"),
    ("players at the end", "/players_at_end"),
    ("frames received", "/frames_received"),
    ("frames a second, of each player", "/frames_per_player_second"),
    ("frame gap, ms", "/frame_gap_ms"),
    ("bytes a second, of each player", "/bytes_per_player_second"),
    ("input to ack, ms", "/input_to_ack_ms"),
    ("ships in view", "/visible_ships"),
    ("bytes a moving ship", "/bytes_per_moving_ship"),
    ("frames visibly corrected, %", "/corrected_frames_percent"),
    ("checksum mismatches", "/checksum_mismatches"),
    ("bots that left", "/leaves"),
    ("bots that replaced them", "/joins"),
    ("disconnected", "/disconnects"),
    ("slow readers", "/stalled/count"),
    ("slow readers closed", "/stalled/closed"),
    ("server CPU, s", "/server/cpu_seconds"),
    ("server CPU per client-tick, µs", "/server/cpu_us_per_client_tick"),
    ("server tick, ms", "/server/tick_ms"),
    ("server tick late by p99, ms", "/server/tick_lateness_p99_ms"),
    ("server memory at the start, bytes", "/server/rss_bytes_start"),
    ("server memory at the end, bytes", "/server/rss_bytes_end"),
    ("server memory at most, bytes", "/server/rss_bytes_max"),
    ("frames skipped for slow readers", "/server/frames_skipped"),
    ("resyncs", "/server/resyncs"),
    ("load shedder's highest level", "/server/overload_level_max"),
    ("bots' CPU, cores", "/bots/cpu_cores"),
    ("bots' CPU per client-tick, µs", "/bots/cpu_us_per_client_tick"),
    ("bots late by, ms", "/bots/lateness_ms"),
];

fn figures(report: &LoadReport) -> Vec<Vec<String>> {
    let json = serde_json::to_value(report).unwrap_or_default();
    let shown = |(name, place): &(&str, &str)| Some(vec![(*name).to_owned(), shown(json.pointer(place)?)?]);
    FIGURES.iter().filter_map(shown).collect()
}

/// None for what was not measured.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => number.as_f64().map(short),
        Value::Object(parts) => {
            let parts = parts.iter().filter_map(|(name, part)| Some(format!("{name} {}", shown(part)?)));
            let parts = parts.collect::<Vec<_>>().join(", ");
            (!parts.is_empty()).then_some(parts)
        }
        _ => None,
    }
}

fn charts(timeline: &[Second]) -> Vec<Chart> {
    type Line = (&'static str, fn(&Second) -> Option<f64>);
    let chart = |title: &str, y_label: &str, lines: &[Line]| {
        let few = timeline.len().div_ceil(POINTS_MAX).max(1);
        let line = |(name, y): &Line| {
            let values: Option<Vec<f64>> = timeline.iter().map(y).collect();
            let highest = |few: &[f64]| few.iter().copied().fold(0.0, f64::max);
            values.map(|values| ((*name).to_owned(), values.chunks(few).map(highest).collect()))
        };
        Chart {
            title: title.to_owned(),
            x_label: "seconds".to_owned(),
            y_label: y_label.to_owned(),
            x: timeline.iter().step_by(few).map(|second| second.second).collect(),
            // A line with a gap cannot be drawn.
            lines: lines.iter().filter_map(line).collect(),
        }
    };
    vec![
        chart("Frame gap p99", "ms", &[("gap", |second| second.gap_p99_ms)]),
        chart(
            "Frames a player",
            "frames a second",
            &[("frames", |second| Some(second.frames_per_second / f64::from(second.players.max(1))))],
        ),
        chart(
            "Server's work a tick",
            "ms",
            &[("p99", |second| second.server?.tick_p99_ms), ("p50", |second| second.server?.tick_p50_ms)],
        ),
        chart(
            "CPU",
            "cores",
            &[("server", |second| second.server?.cpu_cores), ("bots", |second| Some(second.bots_cpu_cores))],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::{
        super::load_report::{ServerFigures, ServerSecond, StalledFigures},
        *,
    };

    #[test]
    fn verdict_tells_failure_from_invalid_from_passed() {
        let passed =
            LoadReport { valid: true, players_requested: 5, players_joined: 5, ..LoadReport::default() };
        assert!(passed.to_string().contains("**Passed.** All 5 players got in, all stayed in."), "{passed}");
        let failed = LoadReport { players_joined: 3, ..passed.clone() };
        assert!(failed.to_string().contains("**Failed.** 2 of 5 players did not get in."), "{failed}");
        let invalid = LoadReport { valid: false, invalid_because: vec!["late bots".into()], ..passed };
        assert!(invalid.to_string().contains("**Not valid.** Late bots."), "{invalid}");
    }

    #[test]
    fn server_and_slow_readers_are_shown_if_there_are_any() {
        let closed = [("slow_reader".to_owned(), 2)].into();
        let server = ServerFigures { cpu_seconds: Some(0.5), ..ServerFigures::default() };
        let report = LoadReport {
            stalled: StalledFigures { count: 4, closed },
            server: Some(server),
            ..LoadReport::default()
        };
        let rows = figures(&report);
        assert!(rows.contains(&vec!["slow readers closed".into(), "slow_reader 2".into()]), "{rows:?}");
        assert!(rows.contains(&vec!["server CPU, s".into(), "0.50".into()]), "{rows:?}");
        assert!(!LoadReport::default().to_string().contains("server CPU"));
        let json = serde_json::to_value(report).unwrap();
        for (name, place) in FIGURES {
            assert!(json.pointer(place).is_some(), "there is no {place} for {name}");
        }
    }

    #[test]
    fn line_with_a_gap_is_left_out_and_many_seconds_are_drawn_as_few() {
        let server = |cpu_cores| Some(ServerSecond { cpu_cores, ..ServerSecond::default() });
        let second = |second: u32| Second {
            second: f64::from(second),
            gap_p99_ms: Some(f64::from(second)),
            server: server((second != 7).then_some(0.5)),
            ..Second::default()
        };
        let charts = charts(&(1..=120).map(second).collect::<Vec<_>>());
        let (gap, cpu) = (&charts[0], &charts[3]);
        assert_eq!((gap.x.len(), gap.lines[0].1.len(), gap.lines[0].1[1]), (60, 60, 4.0));
        assert_eq!(cpu.lines.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["bots"]);
    }
}
