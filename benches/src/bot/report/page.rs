//! The report as a page for people: how it went, the figures, the charts.

use super::Report;
use crate::chart::{self, Card, Chart, Mark, Scale, Series, Verdict};

/// A line with more points is drawn with the greatest of each few.
const POINTS_MAX: usize = 400;

/// The report as a page of its own.
pub fn report_page(report: &Report) -> String {
    let players = grouped(u64::from(report.players_requested));
    let title = format!("{players} players, {}", report.scenario.name());
    let bots = &report.bots;
    let by_link = report.link.as_ref().map_or(String::new(), |link| format!(", by a link of {link}"));
    let lead = format!(
        "Emberdrift under load: {:.0} seconds at {} ticks a second, {} whole clients and {} light ones{by_link}.",
        report.seconds, report.tick_rate, bots.full, bots.light
    );
    let (kind, word, sentence) = verdict(report);
    let body = format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n{}<h2>What players had</h2>\n{}<h2>What it took</h2>\n{}\
         <h2>Charts</h2>\n{}",
        chart::escape(&title),
        chart::escape(&lead),
        chart::verdict(kind, word, &sentence),
        chart::cards(&player_cards(report)),
        chart::cards(&machine_cards(report)),
        chart::charts(&charts(report)),
    );
    chart::page(&format!("{title} · Emberdrift"), &body)
}

fn verdict(report: &Report) -> (Verdict, &'static str, String) {
    let mut failures = report.failures();
    if !failures.is_empty() {
        failures.extend_from_slice(&report.invalid_because);
        return (Verdict::Bad, "Failed.", sentence(&failures.join("; ")));
    }
    if !report.valid {
        return (Verdict::Doubtful, "Not valid.", sentence(&report.invalid_because.join("; ")));
    }
    let checked = match report.bots.full {
        0 => String::new(),
        full => format!(", and {full} whole clients found every checksum right"),
    };
    let all = grouped(u64::from(report.players_joined));
    let who = if report.stalled.count > 0 { "who read what it was sent " } else { "" };
    (Verdict::Good, "Passed.", format!("All {all} players got in, everybody {who}stayed in{checked}."))
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str() + "."
}

fn player_cards(report: &Report) -> Vec<Card> {
    let ms = |value: f64| format!("{value:.1} ms");
    let maybe = |value: Option<f64>| value.unwrap_or(0.0);
    let (gap, ack, rate) = (report.frame_gap_ms, report.input_to_ack_ms, report.frames_per_player_second);
    let bytes = report.bytes_per_player_second;
    let mut cards = vec![
        Card::new(
            "Players",
            grouped(u64::from(report.players_joined)),
            format!("{} at the end", grouped(u64::from(report.players_at_end))),
        ),
        Card::new(
            "Frame gap p99",
            ms(maybe(gap.p99)),
            format!("p50 {}, longest {}", ms(gap.p50), ms(maybe(gap.max))),
        ),
        Card::new(
            "Frames a second",
            format!("{:.1}", rate.p50),
            format!("p1 of all players {:.1}", maybe(rate.p1)),
        ),
        Card::new("Input to answer p50", ms(ack.p50), format!("p99 {}", ms(maybe(ack.p99)))),
        Card::new(
            "Data a player",
            format!("{:.1} kB/s", bytes.mean / 1000.0),
            format!("p99 of all {:.1} kB/s", maybe(bytes.p99) / 1000.0),
        ),
    ];
    if report.bots.full > 0 {
        let moving = report.bytes_per_moving_ship;
        let of_each = moving.map_or(String::new(), |bytes| format!(", {bytes:.1} B each that moves"));
        cards.push(Card::new(
            "Ships in view",
            format!("{:.0}", report.visible_ships.mean),
            format!("at most {}{of_each}", maybe(report.visible_ships.max)),
        ));
        cards.push(Card::new(
            "Checksum errors",
            report.checksum_mismatches.to_string(),
            format!("{:.2} % of frames corrected", report.corrected_frames_percent),
        ));
    }
    if report.leaves + report.joins > 0 {
        let failed = report.joins_failed;
        cards.push(Card::new(
            "Came and went",
            format!("{} / {}", grouped(report.joins), grouped(report.leaves)),
            if failed == 0 {
                "everyone who came got in".to_owned()
            } else {
                format!("{failed} did not get in")
            },
        ));
    }
    if report.stalled.count > 0 {
        let closed = report.stalled.closed.iter().map(|(reason, count)| format!("{count} closed: {reason}"));
        cards.push(Card::new(
            "Did not read",
            report.stalled.count.to_string(),
            closed.collect::<Vec<_>>().join(", "),
        ));
    }
    cards
}

fn machine_cards(report: &Report) -> Vec<Card> {
    let mut cards = Vec::new();
    let mb = |bytes: f64| format!("{:.0} MB", bytes / 1e6);
    if let Some(server) = &report.server {
        if let Some((cpu, per_tick)) = server.cpu_seconds.zip(server.cpu_us_per_client_tick) {
            cards.push(Card::new(
                "Server CPU",
                format!("{:.2} cores", cpu / server.seconds.max(1e-9)),
                format!("{per_tick:.1} µs per player and tick"),
            ));
        }
        if let Some(tick) = server.tick_ms {
            cards.push(Card::new(
                "Server tick p99",
                format!("{:.1} ms", tick.p99),
                format!("p50 {:.1} ms, p99.9 {:.1} ms", tick.p50, tick.p999),
            ));
        }
        if let Some((most, start)) = server.rss_bytes_max.zip(server.rss_bytes_start) {
            cards.push(Card::new("Server memory", mb(most), format!("{} at the start", mb(start))));
        }
        if let Some(skipped) = server.frames_skipped {
            let resyncs = server.resyncs.unwrap_or(0.0);
            cards.push(Card::new(
                "Frames not made",
                grouped(skipped as u64),
                format!("for slow readers; {} brought back", grouped(resyncs as u64)),
            ));
        }
        if let Some(stage) = server.overload_stage_max {
            cards.push(Card::new("Overload stage", format!("{stage}"), "the highest that was seen"));
        }
    }
    let bots = &report.bots;
    cards.push(Card::new(
        "Bots' CPU",
        format!("{:.2} cores", bots.cpu_cores),
        format!("{:.1} µs per player and tick", bots.cpu_us_per_client_tick),
    ));
    cards.push(Card::new(
        "Bots late by, p99",
        format!("{:.1} ms", bots.lateness_ms.p99.unwrap_or(0.0)),
        format!("at most {:.1} ms", bots.lateness_ms.max.unwrap_or(0.0)),
    ));
    cards
}

fn charts(report: &Report) -> Vec<String> {
    let tick_ms = if report.tick_rate > 0 { 1000.0 / f64::from(report.tick_rate) } else { 0.0 };
    let over_time = |title: &str, y_label: &str, series: Vec<Series>| Chart {
        title: title.to_owned(),
        x_label: "seconds".to_owned(),
        y_label: y_label.to_owned(),
        series: series.into_iter().filter(has_numbers).map(thinned).collect(),
        ..Chart::default()
    };
    let seconds = |name: &str, y: fn(&super::Second) -> f64| {
        Series::new(name, report.timeline.iter().map(|second| (second.second, y(second))))
    };
    let mark = |label: &str, y: f64| if y > 0.0 { vec![Mark { label: label.to_owned(), y }] } else { vec![] };
    let late = "1.5 ticks: a frame is missed";
    let mut charts = vec![
        Chart {
            title: "How long players waited for a frame".to_owned(),
            x_label: "percentile".to_owned(),
            y_label: "ms since the frame before".to_owned(),
            x_scale: Scale::Percentile,
            series: vec![Series::new("gap", report.frame_gap_curve_ms.iter().copied())],
            marks: mark(late, 1.5 * tick_ms),
        },
        Chart {
            marks: mark(late, 1.5 * tick_ms),
            ..over_time(
                "Frame gap p99",
                "ms",
                vec![seconds("gap", |second| second.gap_p99_ms.unwrap_or(f64::NAN))],
            )
        },
        over_time(
            "Frames a player",
            "frames a second",
            vec![seconds("frames", |at| at.frames_per_second / f64::from(at.players.max(1)))],
        ),
        over_time("Players in the game", "players", vec![seconds("players", |at| f64::from(at.players))]),
        over_time(
            "Data a player",
            "kB a second",
            vec![seconds("data", |at| at.bytes_per_second / f64::from(at.players.max(1)) / 1000.0)],
        ),
    ];
    let mut cores = vec![seconds("bots", |second| second.bots_cpu_cores)];
    if let Some(server) = &report.server {
        let line = |name: &str, y: fn(&super::super::ServerSecond) -> Option<f64>| {
            let point = |second: &super::super::ServerSecond| (second.second, y(second).unwrap_or(f64::NAN));
            Series::new(name, server.series.iter().map(point))
        };
        charts.push(over_time(
            "Server's work a tick",
            "ms",
            vec![line("p99", |second| second.tick_p99_ms), line("p50", |at| at.tick_p50_ms)],
        ));
        let server_cores = line("server", |second| second.cpu_cores);
        let title = if has_numbers(&server_cores) { "CPU" } else { "CPU of the bots" };
        cores.insert(0, server_cores);
        charts.push(over_time(title, "cores", cores));
        charts.push(over_time(
            "Server's memory",
            "MB",
            vec![line("memory", |second| second.rss_bytes.map(|bytes| bytes / 1e6))],
        ));
    } else {
        charts.push(over_time("CPU of the bots", "cores", cores));
    }
    charts.iter().filter(|chart| !chart.series.is_empty()).map(Chart::svg).collect()
}

/// A server need not tell everything.
fn has_numbers(series: &Series) -> bool {
    series.points.iter().any(|(_, y)| y.is_finite())
}

/// At most [`POINTS_MAX`] points; of those that fall together, the highest.
fn thinned(mut series: Series) -> Series {
    let together = series.points.len().div_ceil(POINTS_MAX).max(1);
    series.points = series
        .points
        .chunks(together)
        .filter_map(|points| {
            points.iter().copied().reduce(|a, b| if b.1 > a.1 || a.1.is_nan() { b } else { a })
        })
        .collect();
    series
}

/// With thin spaces between the thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_first_how_it_went() {
        let passed = Report { valid: true, players_requested: 5, players_joined: 5, ..Report::default() };
        assert!(report_page(&passed).contains("Passed."));
        let failed = Report { players_joined: 3, ..passed.clone() };
        assert!(report_page(&failed).contains("2 of 5 players did not get in."));
        let invalid = Report { valid: false, invalid_because: vec!["late <bots>".into()], ..passed };
        let page = report_page(&invalid);
        assert!(page.contains("Not valid.") && page.contains("Late &lt;bots&gt;."), "{page}");
    }

    #[test]
    fn long_runs_are_thinned_to_their_peaks() {
        let long = Series::new("x", (0..10_000).map(|n| (f64::from(n), f64::from(n % 100))));
        let short = thinned(long);
        assert_eq!(short.points.len(), 400);
        assert_eq!(short.points.iter().map(|(_, y)| *y).fold(0.0, f64::max), 99.0);
    }
}
