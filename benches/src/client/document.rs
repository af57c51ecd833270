//! A load report for people: which figures are shown, and in which words.

use std::fmt;

use serde_json::Value;

use super::LoadReport;
use crate::report::{Document, Section, markdown, short};

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&markdown(&document(self)))
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
const FIGURES: [(&str, &str); 25] = [
    ("players joined", "/players_joined"),
    ("players at the end", "/players_at_end"),
    ("frames received", "/frames_received"),
    ("frames a second, of each player", "/frames_per_player_second"),
    ("frame gap, ms", "/frame_gap_ms"),
    ("bytes a second, of each player", "/bytes_per_player_second"),
    ("input to ack, ms", "/input_to_ack_ms"),
    ("bodies in view", "/visible_bodies"),
    ("bytes a moving body", "/bytes_per_moving_body"),
    ("frames visibly corrected, %", "/corrected_frames_percent"),
    ("checksum mismatches", "/checksum_mismatches"),
    ("bots that left", "/leaves"),
    ("bots that replaced them", "/joins"),
    ("bots that followed to another server", "/moves"),
    ("disconnected", "/disconnects"),
    ("slow readers", "/stalled/count"),
    ("slow readers closed", "/stalled/closed"),
    ("server CPU, s", "/server/cpu_seconds"),
    ("server tick, ms", "/server/tick_ms"),
    ("server memory at the start, bytes", "/server/rss_bytes_start"),
    ("server memory at the end, bytes", "/server/rss_bytes_end"),
    ("frames skipped for slow readers", "/server/frames_skipped"),
    ("resyncs", "/server/resyncs"),
    ("bots' CPU, cores", "/bots/cpu_cores"),
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

#[cfg(test)]
mod tests {
    use super::{
        super::load_report::{ServerFigures, StalledFigures},
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
}
