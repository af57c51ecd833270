//! The report as tables of words, for whoever sets them. It knows what is shown and how exactly; not in what form.

use super::model::{Attempt, Figures, Judged, Ladder, Outcome, Report, Sense};

/// More than this of other programs, in cores, is worth a word.
const OTHERS_CORES_MAX: f64 = 0.2;

/// A table: its head, and rows as long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) title: String,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
    /// What else there is to say; may be empty.
    pub(super) note: String,
}

/// One column: its head, and what stands in it.
type Column = (&'static str, fn(&Figures) -> String);

const JOINED: Column = ("joined", |f| f.joined.to_string());
const GAP: Column = ("gap p99 ms", |f| fixed(f.frame_gap_ms.p99, 1));
const CPU: Column = ("CPU µs", |f| fixed(f.cpu_us_per_client_tick, 1));
const CORES: Column = ("cores", |f| fixed(f.cpu_cores, 2));
const LOAD: Column = ("load's cores", |f| fixed(f.load_cpu_cores, 2));
const OTHERS: Column = ("others' cores", |f| fixed(f.others_cpu_cores, 2));
const TICK: Column = ("tick p50 / p99 / p99.9 ms", |f| {
    [f.tick_ms.p50, f.tick_ms.p99, f.tick_ms.p999].map(|ms| fixed(ms, 1)).join(" / ")
});
const BYTES: Column = ("kB/s", |f| fixed(f.bytes_per_player_second.map(|bytes| bytes / 1000.0), 1));
const SHIPS: Column = ("ships in view", |f| fixed(f.ships_in_view, 0));
const SHIP_BYTES: Column = ("bytes a ship", |f| fixed(f.bytes_per_moving_ship, 1));
const RSS: Column = ("RSS MB", |f| fixed(f.rss_bytes.map(|bytes| bytes / 1e6), 0));
const GROWTH: Column = ("RSS growth", |f| fixed(f.rss_growth, 2));
const LOST: Column = ("readers lost", |f| f.healthy_lost.to_string());

fn fixed(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

/// The verdict.
pub(super) fn verdict(judged: &[Judged]) -> Table {
    let rows = judged.iter().map(|one| {
        let side = match one.sense {
            Sense::AtMost => "≤",
            Sense::AtLeast => "≥",
        };
        let outcome = match one.outcome {
            Outcome::Pass => "pass",
            Outcome::Miss => "MISS",
            Outcome::NotMeasured => "not measured",
        };
        let measured = one.measured.map_or_else(|| "–".to_owned(), short);
        vec![
            one.figure.clone(),
            measured,
            format!("{side} {}", short(one.bar)),
            outcome.to_owned(),
            one.note.clone(),
        ]
    });
    Table {
        title: "Verdict".to_owned(),
        head: vec!["figure", "measured", "bar", "", "from"],
        rows: rows.collect(),
        note: String::new(),
    }
}

/// Two decimals, but none of what is large or whole.
fn short(value: f64) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// What is to be said before any figure.
pub(super) fn lead(report: &Report) -> String {
    let settings = report.settings;
    let others = report.others_cpu_cores_max().filter(|&cores| cores > OTHERS_CORES_MAX);
    let busy = others.map_or_else(String::new, |cores| {
        format!(" The machine was not quiet: other programs took up to {cores:.1} cores of it meanwhile.")
    });
    format!(
        "Measured on {}; {} Hz, {} s a step{}, {:.0} s in all. Server and load share the machine: ratios are the \
         result, absolute figures only its own.{busy}",
        report.machine,
        settings.tick_rate,
        settings.seconds,
        if settings.quick { " (quick)" } else { "" },
        report.took_seconds,
    )
}

/// Everything else.
pub(super) fn figures(report: &Report) -> Vec<Table> {
    let ours = [JOINED, GAP, TICK, CPU, CORES, BYTES, SHIPS, SHIP_BYTES, RSS, LOAD, OTHERS];
    let bare = [JOINED, GAP, CPU, CORES, BYTES, RSS, LOAD, OTHERS];
    let mut spread = ladder("Ours, spread", &report.spread, &ours);
    if let Some(bytes) = report.spread.bytes_per_player() {
        let kilobytes = bytes / 1000.0;
        spread.note +=
            &format!(" Each player more takes {kilobytes:.0} kB of memory, frames under way included.");
    }
    let mut tables =
        vec![spread, ladder("Ours, crowd", &report.crowd, &ours), ladder("The floor", &report.floor, &bare)];
    tables.extend(peer(report));
    let stalled = [("all read", &report.stalled.without), ("a fifth stalled", &report.stalled.with)];
    let stalled = stalled.iter().filter_map(|(name, attempt)| Some((*name, attempt.as_ref()?)));
    tables.push(table("Stalled", "players", stalled, &[JOINED, GAP, CPU, RSS, GROWTH, LOST, OTHERS]));
    tables.retain(|table| !table.rows.is_empty() || !table.note.is_empty());
    tables
}

fn ladder(title: &str, ladder: &Ladder, columns: &[Column]) -> Table {
    let best = ladder.best();
    let mut table = table(title, "", best.into_iter().map(|attempt| ("", attempt)), columns);
    if let Some(held) = &ladder.held {
        table.note = match &held.above {
            Some((players, why)) => format!("Held {} players; at {players}: {why}.", held.players),
            None => format!("Held {} players; more were not tried.", held.players),
        };
    }
    table
}

fn peer(report: &Report) -> Option<Table> {
    let peer = &report.peer;
    let runs = peer.runs.iter().flat_map(|runs| runs.attempts.iter().map(|one| (runs.mode.as_str(), one)));
    let all = runs.chain(peer.ours.iter().map(|one| ("Emberdrift", one)));
    let columns = [JOINED, GAP, CPU, CORES, BYTES, SHIPS, RSS, LOAD, OTHERS];
    let mut table = table(&format!("{}, and ours on its work", peer.name), "server", all, &columns);
    if let Some(why) = &peer.left_out {
        table.note = format!("Left out: {why}.");
    }
    (!peer.name.is_empty()).then_some(table)
}

/// `named` is the head over the attempts' names; empty for none.
fn table<'a>(
    title: &str,
    named: &'static str,
    attempts: impl Iterator<Item = (&'a str, &'a Attempt)>,
    columns: &[Column],
) -> Table {
    let name_column = (!named.is_empty()).then_some(named);
    let head = name_column.into_iter().chain(["N"]).chain(columns.iter().map(|(head, _)| *head)).collect();
    let mut failures = Vec::new();
    let mut rows = Vec::new();
    for (name, attempt) in attempts {
        if let Some(figures) = &attempt.figures {
            let lead = name_column.map(|_| name.to_owned()).into_iter().chain([attempt.players.to_string()]);
            rows.push(lead.chain(columns.iter().map(|(_, show)| show(figures))).collect());
            let doubts =
                figures.invalid_because.iter().map(|why| format!("{} not valid: {why}", attempt.players));
            failures.extend(doubts);
        } else if let Some(why) = &attempt.failure {
            failures.push(format!("{} {}: {why}", name, attempt.players).trim_start().to_owned());
        }
    }
    Table { title: title.to_owned(), head, rows, note: failures.join("; ") }
}
