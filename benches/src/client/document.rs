//! A load report for people: which figures and charts are shown, and in which words.

use std::fmt;

use super::{
    LoadReport,
    load_report::{Disconnects, Second, ServerFigures},
};
use crate::report::{Chart, Document, Percentiles, Section, fixed, grouped, markdown};

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
    let section = |title, rows| Section::new(title, ["figure", "measured", ""], rows);
    Document {
        title: format!("{} players, {}", count(report.players_requested), report.scenario),
        lead: format!(
            "{:.0} seconds at {} ticks a second, {} full and {} lite bots{conditions}.",
            report.seconds, report.tick_rate, bots.full, bots.lite
        ),
        verdict: verdict(report),
        sections: vec![
            section("Players", player_figures(report)),
            section("Server and bots", machine_figures(report)),
        ],
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
    let players = count(report.players_joined);
    format!("**Passed.** All {players} players got in, {stayed} stayed in{checked}.")
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str() + "."
}

fn count(number: impl Into<u64>) -> String {
    grouped(number.into() as f64, 0)
}

fn unit(value: impl Into<Option<f64>>, decimals: usize, unit: &str) -> String {
    format!("{} {unit}", fixed(value, decimals))
}

/// A figure, its value with its unit, and a note that may be empty.
fn row(name: &str, value: String, note: impl Into<String>) -> Vec<String> {
    vec![name.to_owned(), value, note.into()]
}

fn times(name: &str, times: Percentiles) -> Vec<String> {
    let more =
        |name: &str, value: Option<f64>| value.map_or(String::new(), |value| format!(", {name} {value:.1}"));
    let note = format!("p50 {}{}{}", fixed(times.p50, 1), more("p99.9", times.p999), more("max", times.max));
    row(&format!("{name} p99"), unit(times.p99, 1, "ms"), note)
}

fn listed(reasons: &Disconnects) -> String {
    reasons.iter().map(|(reason, count)| format!("{count} × {reason}")).collect::<Vec<_>>().join(", ")
}

fn player_figures(report: &LoadReport) -> Vec<Vec<String>> {
    let (rate, bytes) = (report.frames_per_player_second, report.bytes_per_player_second);
    let mut figures = vec![
        row(
            "players",
            count(report.players_joined),
            format!("of {}, {} at the end", count(report.players_requested), count(report.players_at_end)),
        ),
        row("frames received", count(report.frames_received), ""),
        row("frames a second p50", fixed(rate.p50, 1), format!("p1 of players {}", fixed(rate.p1, 1))),
        times("frame gap", report.frame_gap_ms),
        row(
            "data a player",
            unit(bytes.mean.map(|bytes| bytes / 1000.0), 1, "kB/s"),
            bytes.p99.map_or(String::new(), |p99| format!("p99 of players {:.1}", p99 / 1000.0)),
        ),
    ];
    if report.input_to_ack_ms.p50.is_some() {
        figures.push(times("input to ack", report.input_to_ack_ms));
    }
    if report.bots.full > 0 {
        let (ships, moving) = (report.visible_ships, report.bytes_per_moving_ship);
        let bytes = moving.map_or(String::new(), |bytes| format!(", {bytes:.1} B a moving ship"));
        let max = fixed(ships.max, 0);
        figures.push(row("ships in view", fixed(ships.mean, 1), format!("max {max}{bytes}")));
        figures.push(row(
            "checksum mismatches",
            count(report.checksum_mismatches),
            format!("{} % of frames visibly corrected", fixed(report.corrected_frames_percent, 2)),
        ));
    }
    if report.leaves + report.joins + u64::from(report.joins_failed) > 0 {
        let failed = report.joins_failed;
        let note = format!("replaced by {}, {failed} failed to join", count(report.joins));
        figures.push(row("bots that left", count(report.leaves), note));
    }
    if !report.disconnects.is_empty() {
        let all: u32 = report.disconnects.values().sum();
        figures.push(row("disconnected", count(all), listed(&report.disconnects)));
    }
    if report.stalled.count > 0 {
        let closed = &report.stalled.closed;
        let note =
            if closed.is_empty() { "none closed".to_owned() } else { format!("closed: {}", listed(closed)) };
        figures.push(row("slow readers", count(report.stalled.count), note));
    }
    figures
}

fn machine_figures(report: &LoadReport) -> Vec<Vec<String>> {
    let mut figures = report.server.as_ref().map_or_else(Vec::new, server_figures);
    let bots = &report.bots;
    let each = format!("{} µs per client-tick", fixed(bots.cpu_us_per_client_tick, 1));
    figures.push(row("bots' CPU", unit(bots.cpu_cores, 2, "cores"), each));
    figures.push(times("bots late by", bots.lateness_ms));
    figures
}

fn server_figures(server: &ServerFigures) -> Vec<Vec<String>> {
    let megabytes = |bytes: f64| unit(bytes / 1e6, 1, "MB");
    let mut figures = Vec::new();
    if let Some(cpu) = server.cpu_seconds {
        let each = format!("{} µs per client-tick", fixed(server.cpu_us_per_client_tick, 1));
        figures.push(row("server CPU", unit(cpu / server.seconds.max(1e-9), 2, "cores"), each));
    }
    if let Some(tick) = server.tick_ms {
        let note = format!("p50 {}, p99.9 {}", fixed(tick.p50, 2), fixed(tick.p999, 2));
        figures.push(row("server tick p99", unit(tick.p99, 2, "ms"), note));
    }
    if let (Some(start), Some(end), Some(max)) =
        (server.rss_bytes_start, server.rss_bytes_end, server.rss_bytes_max)
    {
        let note = format!("{} at the start, max {}", megabytes(start), megabytes(max));
        figures.push(row("server memory", megabytes(end), note));
    }
    if let Some(skipped) = server.frames_skipped {
        let note = format!("for slow readers; {} resyncs", fixed(server.resyncs, 0));
        figures.push(row("frames skipped", fixed(skipped, 0), note));
    }
    if let Some(level) = server.overload_level_max {
        figures.push(row("load shedder level", fixed(level, 0), "the highest"));
    }
    figures
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
        super::load_report::{ServerSecond, StalledFigures},
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
        let server = ServerFigures { seconds: 2.0, cpu_seconds: Some(1.0), ..ServerFigures::default() };
        let report = LoadReport {
            stalled: StalledFigures { count: 4, closed },
            server: Some(server),
            ..LoadReport::default()
        };
        let text = report.to_string();
        assert!(text.contains("| slow readers") && text.contains("closed: 2 × slow_reader"), "{text}");
        assert!(text.contains("| server CPU ") && text.contains("| 0.50 cores "), "{text}");
        assert!(!LoadReport::default().to_string().contains("server CPU"));
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
