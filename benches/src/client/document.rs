//! A load report for people: which figures and charts are shown, and in which words.

use std::fmt;

use super::{
    LoadReport,
    load_report::{Disconnects, Second},
    server_metrics::{ServerFigures, ServerSecond},
};
use crate::report::{
    Chart, Content, Document, Figure, Percentiles, Scale, Section, Series, Tone, Verdict, fixed, grouped,
    text,
};

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&document(self)))
    }
}

pub fn document(report: &LoadReport) -> Document {
    let conditions = report.link.as_ref().map_or(String::new(), |link| format!(", behind {link}"));
    let bots = &report.bots;
    Document {
        title: format!("{} players, {}", count(report.players_requested), report.scenario),
        lead: format!(
            "{:.0} seconds at {} ticks a second, {} full and {} lite bots{conditions}",
            report.seconds, report.tick_rate, bots.full, bots.lite
        ),
        verdict: verdict(report),
        sections: vec![
            Section::new("Players", Content::Figures(player_figures(report))),
            Section::new("Server and bots", Content::Figures(machine_figures(report))),
            Section::new("Charts", Content::Charts(charts(report))),
        ],
    }
}

fn verdict(report: &LoadReport) -> Verdict {
    let new = |tone, word: &str, sentence| Verdict { tone, word: word.to_owned(), sentence };
    let mut failures = report.failures();
    if !failures.is_empty() {
        failures.extend_from_slice(&report.invalid_because);
        return new(Tone::Bad, "Failed.", sentence(&failures.join("; ")));
    }
    if !report.valid {
        return new(Tone::Doubtful, "Not valid.", sentence(&report.invalid_because.join("; ")));
    }
    let checked = match report.bots.full {
        0 => String::new(),
        full => format!(", and {full} full bots found every checksum right"),
    };
    let stayed = if report.stalled.count > 0 { "those that read at full speed" } else { "all" };
    let players = count(report.players_joined);
    new(Tone::Good, "Passed.", format!("All {players} players got in, {stayed} stayed in{checked}."))
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

fn times(name: &str, times: Percentiles) -> Figure {
    let max = times.max.map_or(String::new(), |max| format!(", max {max:.1}"));
    Figure::new(&format!("{name} p99"), unit(times.p99, 1, "ms"), format!("p50 {}{max}", fixed(times.p50, 1)))
}

fn listed(reasons: &Disconnects) -> String {
    reasons.iter().map(|(reason, count)| format!("{count} × {reason}")).collect::<Vec<_>>().join(", ")
}

fn player_figures(report: &LoadReport) -> Vec<Figure> {
    let (rate, bytes) = (report.frames_per_player_second, report.bytes_per_player_second);
    let kilobytes = |bytes: Option<f64>| bytes.map(|bytes| bytes / 1000.0);
    let mut figures = vec![
        Figure::new(
            "players",
            count(report.players_joined),
            format!("of {}, {} at the end", count(report.players_requested), count(report.players_at_end)),
        ),
        Figure::new("frames received", count(report.frames_received), ""),
        Figure::new(
            "frames a second p50",
            fixed(rate.p50, 1),
            format!("p1 of players {}", fixed(rate.p1, 1)),
        ),
        times("frame gap", report.frame_gap_ms),
        Figure::new(
            "data a player",
            unit(kilobytes(bytes.mean), 1, "kB/s"),
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
        figures.push(Figure::new("ships in view", fixed(ships.mean, 1), format!("max {max}{bytes}")));
        figures.push(Figure::new(
            "checksum mismatches",
            count(report.checksum_mismatches),
            format!("{} % of frames visibly corrected", fixed(report.corrected_frames_percent, 2)),
        ));
    }
    if report.leaves + report.joins + u64::from(report.joins_failed) > 0 {
        let failed = report.joins_failed;
        let note = format!("replaced by {}, {failed} failed to join", count(report.joins));
        figures.push(Figure::new("bots that left", count(report.leaves), note));
    }
    if !report.disconnects.is_empty() {
        let all: u32 = report.disconnects.values().sum();
        figures.push(Figure::new("disconnected", count(all), listed(&report.disconnects)));
    }
    if report.stalled.count > 0 {
        let closed = &report.stalled.closed;
        let note =
            if closed.is_empty() { "none closed".to_owned() } else { format!("closed: {}", listed(closed)) };
        figures.push(Figure::new("slow readers", count(report.stalled.count), note));
    }
    figures
}

fn machine_figures(report: &LoadReport) -> Vec<Figure> {
    let mut figures = report.server.as_ref().map_or_else(Vec::new, server_figures);
    let bots = &report.bots;
    let each = format!("{} µs per client-tick", fixed(bots.cpu_us_per_client_tick, 1));
    figures.push(Figure::new("bots' CPU", unit(bots.cpu_cores, 2, "cores"), each));
    figures.push(times("bots late by", bots.lateness_ms));
    figures
}

fn server_figures(server: &ServerFigures) -> Vec<Figure> {
    let megabytes = |bytes: f64| unit(bytes / 1e6, 1, "MB");
    let mut figures = Vec::new();
    if let Some(cpu) = server.cpu_seconds {
        let each = format!("{} µs per client-tick", fixed(server.cpu_us_per_client_tick, 1));
        figures.push(Figure::new("server CPU", unit(cpu / server.seconds.max(1e-9), 2, "cores"), each));
    }
    if let Some(tick) = server.tick_ms {
        let note = format!("p50 {}, p99.9 {}", fixed(tick.p50, 2), fixed(tick.p999, 2));
        figures.push(Figure::new("server tick p99", unit(tick.p99, 2, "ms"), note));
    }
    if let (Some(start), Some(end), Some(max)) =
        (server.rss_bytes_start, server.rss_bytes_end, server.rss_bytes_max)
    {
        let note = format!("{} at the start, max {}", megabytes(start), megabytes(max));
        figures.push(Figure::new("server memory", megabytes(end), note));
    }
    if let Some(skipped) = server.frames_skipped {
        let note = format!("for slow readers; {} resyncs", fixed(server.resyncs, 0));
        figures.push(Figure::new("frames skipped", fixed(skipped, 0), note));
    }
    if let Some(level) = server.overload_level_max {
        figures.push(Figure::new("load shedder level", fixed(level, 0), "the highest"));
    }
    figures
}

fn charts(report: &LoadReport) -> Vec<Chart> {
    let late_ms = if report.tick_rate > 0 { 1500.0 / f64::from(report.tick_rate) } else { 0.0 };
    let late = "1.5 ticks: a frame is missed";
    let over_time = |title: &str, unit: &str, series: Vec<Series>| Chart::new(title, "seconds", unit, series);
    let bots = |name: &str, y: fn(&Second) -> Option<f64>| {
        Series::new(name, report.timeline.iter().map(|second| (second.second, y(second))))
    };
    let server = |name: &str, y: fn(&ServerSecond) -> Option<f64>| {
        let seconds = report.server.iter().flat_map(|server| &server.series);
        Series::new(name, seconds.map(|second| (second.second, y(second))))
    };
    let curve = report.frame_gap_curve_ms.iter().map(|&(percentile, ms)| (percentile, Some(ms)));
    let gaps = Chart {
        x_scale: Scale::Percentile,
        ..Chart::new(
            "How long players waited for a frame",
            "percentile",
            "ms",
            vec![Series::new("gap", curve)],
        )
    };
    let mut charts = vec![
        gaps.marked(late, late_ms),
        over_time("Frame gap p99", "ms", vec![bots("gap", |at| at.gap_p99_ms)]).marked(late, late_ms),
        over_time(
            "Frames a player",
            "frames a second",
            vec![bots("frames", |at| Some(at.frames_per_second / f64::from(at.players.max(1))))],
        ),
        over_time("Players", "players", vec![bots("players", |at| Some(f64::from(at.players)))]),
        over_time(
            "Data a player",
            "kB a second",
            vec![bots("data", |at| Some(at.bytes_per_second / f64::from(at.players.max(1)) / 1000.0))],
        ),
        over_time(
            "Server's work a tick",
            "ms",
            vec![server("p99", |at| at.tick_p99_ms), server("p50", |at| at.tick_p50_ms)],
        ),
        over_time(
            "CPU",
            "cores",
            vec![server("server", |at| at.cpu_cores), bots("bots", |at| Some(at.bots_cpu_cores))],
        ),
        over_time(
            "Server's memory",
            "MB",
            vec![server("memory", |at| at.rss_bytes.map(|bytes| bytes / 1e6))],
        ),
    ];
    charts.retain(|chart| !chart.series.is_empty());
    charts
}

#[cfg(test)]
mod tests {
    use super::{super::load_report::StalledFigures, *};
    use crate::report::html;

    #[test]
    fn verdict_tells_failure_from_invalid_from_passed() {
        let passed =
            LoadReport { valid: true, players_requested: 5, players_joined: 5, ..LoadReport::default() };
        assert!(passed.to_string().contains("Passed. All 5 players got in, all stayed in."), "{passed}");
        let failed = LoadReport { players_joined: 3, ..passed.clone() };
        assert!(failed.to_string().contains("Failed. 2 of 5 players did not get in."), "{failed}");
        let invalid = LoadReport { valid: false, invalid_because: vec!["late <bots>".into()], ..passed };
        let page = html(&document(&invalid));
        assert!(page.contains("Not valid.") && page.contains("Late &lt;bots&gt;."), "{page}");
    }

    #[test]
    fn server_and_slow_readers_are_shown_if_there_are_any() {
        let closed = [("slow_reader".to_owned(), 2)].into();
        let server = ServerFigures {
            seconds: 2.0,
            cpu_seconds: Some(1.0),
            series: vec![ServerSecond { second: 1.0, cpu_cores: Some(0.5), ..ServerSecond::default() }],
            ..ServerFigures::default()
        };
        let report = LoadReport {
            stalled: StalledFigures { count: 4, closed },
            server: Some(server),
            ..LoadReport::default()
        };
        let text = report.to_string();
        assert!(text.contains("slow readers") && text.contains("closed: 2 × slow_reader"), "{text}");
        assert!(text.contains("server CPU                0.50 cores"), "{text}");
        assert!(html(&document(&report)).contains("server: 0.5 at 1"));
        assert!(!LoadReport::default().to_string().contains("server CPU"));
    }
}
