//! A capacity report for people: the verdict, charts over the number of players, and a table of each kind of load.

use super::{CapacityReport, Figures, Sweep, Trial};
use crate::report::{Chart, Document, Outcome, Section, fixed};

/// More CPU than this of other programs, in cores, is mentioned.
const OTHERS_CORES_MAX: f64 = 0.2;

/// A column's head, and its cells.
type Column = (&'static str, fn(&Figures) -> String);

const JOINED: Column = ("joined", |f| f.load.players_joined.to_string());
const GAP: Column = ("gap p99 ms", |f| fixed(f.load.frame_gap_ms.p99, 1));
const CPU: Column = ("CPU µs", |f| fixed(f.cpu_us_per_client_tick, 1));
const CORES: Column = ("cores", |f| fixed(f.cpu_cores, 2));
const LOAD: Column = ("load cores", |f| fixed(f.load_cpu_cores, 2));
const OTHERS: Column = ("other cores", |f| fixed(f.others_cpu_cores, 2));
const TICK: Column = ("tick p50 / p99 / p99.9 ms", |f| {
    [f.tick_ms().p50, f.tick_ms().p99, f.tick_ms().p999].map(|ms| fixed(ms, 1)).join(" / ")
});
const BYTES: Column = ("kB/s", |f| fixed(kilobytes(f), 1));
const SHIPS: Column = ("ships in view", |f| fixed(f.load.visible_ships.mean, 0));
const SHIP_BYTES: Column = ("bytes a ship", |f| fixed(f.load.bytes_per_moving_ship, 1));
const RSS: Column = ("RSS MB", |f| fixed(f.rss_bytes.map(|bytes| bytes / 1e6), 0));
const GROWTH: Column = ("RSS growth", |f| fixed(f.rss_growth, 2));
const LOST: Column = ("readers lost", |f| f.load.players_lost.to_string());

fn kilobytes(figures: &Figures) -> Option<f64> {
    figures.load.bytes_per_player_second.mean.map(|bytes| bytes / 1000.0)
}

pub fn document(report: &CapacityReport) -> Document {
    let ours = [JOINED, GAP, TICK, CPU, CORES, BYTES, SHIPS, SHIP_BYTES, RSS, LOAD, OTHERS];
    let baseline = [JOINED, GAP, CPU, CORES, BYTES, RSS, LOAD, OTHERS];
    let mut spread = sweep("Emberdrift, players spread out", &report.spread, &ours);
    if let Some(bytes) = report.spread.bytes_per_player() {
        let kilobytes = bytes / 1000.0;
        spread.note +=
            &format!(" Each additional player takes {kilobytes:.0} kB of memory, frames in flight included.");
    }
    let stalled = [("all read", &report.stalled.without), ("a fifth stalled", &report.stalled.with)];
    let stalled = stalled.iter().filter_map(|(name, trial)| Some((*name, trial.as_ref()?)));
    let mut sections = vec![
        Section::checks("Verdict", &report.verdict),
        spread,
        sweep("Emberdrift, crowd", &report.crowd, &ours),
        sweep("Baseline", &report.baseline, &baseline),
    ];
    sections.extend(peer(report));
    sections.push(table("Stalled", "players", stalled, &[JOINED, GAP, CPU, RSS, GROWTH, LOST, OTHERS]));
    Document {
        title: "How many players".to_owned(),
        lead: lead(report),
        verdict: verdict(report),
        sections,
        charts: charts(report),
    }
}

fn lead(report: &CapacityReport) -> String {
    let settings = report.settings;
    let others = report.others_cpu_cores_max().filter(|&cores| cores > OTHERS_CORES_MAX);
    let busy = others.map_or_else(String::new, |cores| {
        format!(" The machine was not quiet: other programs took up to {cores:.1} cores of it.")
    });
    format!(
        "Measured on {}; {} Hz, {} s a step{}, {:.0} s in all. Server and load share the machine, so the ratios are \
         the result.{busy}",
        report.machine,
        settings.tick_rate,
        settings.seconds,
        if settings.quick { " (quick)" } else { "" },
        report.took_seconds,
    )
}

fn verdict(report: &CapacityReport) -> String {
    let count = |outcome: Outcome| report.verdict.iter().filter(|check| check.outcome == outcome).count();
    let (passed, missed, unknown) = (count(Outcome::Pass), count(Outcome::Miss), count(Outcome::NotMeasured));
    let word = match (missed, unknown) {
        (0, 0) => "Every threshold met.",
        (0, _) => "Not everything was measured.",
        _ => "A threshold was missed.",
    };
    format!("**{word}** {passed} figures pass, {missed} miss, {unknown} were not measured.")
}

fn sweep(title: &str, sweep: &Sweep, columns: &[Column]) -> Section {
    let best = sweep.best();
    let mut section = table(title, "", best.into_iter().map(|trial| ("", trial)), columns);
    if let Some(held) = &sweep.held {
        section.note = match &held.above {
            Some((players, why)) => format!("Held {} players; at {players}: {why}.", held.players),
            None => format!("Held {} players; more were not tried.", held.players),
        };
    }
    section
}

fn peer(report: &CapacityReport) -> Option<Section> {
    let peer = &report.peer;
    let runs = peer.runs.iter().flat_map(|runs| runs.trials.iter().map(|one| (runs.mode.as_str(), one)));
    let all = runs.chain(peer.ours.iter().map(|one| ("Emberdrift", one)));
    let columns = [JOINED, GAP, CPU, CORES, BYTES, SHIPS, RSS, LOAD, OTHERS];
    let mut section =
        table(&format!("{}, and Emberdrift with the same work", peer.name), "server", all, &columns);
    if let Some(why) = &peer.left_out {
        section.note = format!("Left out: {why}.");
    }
    (!peer.name.is_empty()).then_some(section)
}

/// `name_head` is the head over the trials' names; empty for none.
fn table<'a>(
    title: &str,
    name_head: &'static str,
    trials: impl Iterator<Item = (&'a str, &'a Trial)>,
    columns: &[Column],
) -> Section {
    let name_column = (!name_head.is_empty()).then_some(name_head);
    let heads = columns.iter().map(|(head, _)| *head);
    let head = name_column.into_iter().chain(["N"]).chain(heads);
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for (name, trial) in trials {
        let players = trial.players;
        if let Some(figures) = &trial.figures {
            let first = name_column.map(|_| name.to_owned()).into_iter().chain([players.to_string()]);
            rows.push(first.chain(columns.iter().map(|(_, cell)| cell(figures))).collect());
            notes
                .extend(figures.load.invalid_because.iter().map(|why| format!("{players} not valid: {why}")));
        } else if let Some(why) = &trial.failure {
            notes.push(format!("{name} {players}: {why}").trim_start().to_owned());
        }
    }
    Section { note: notes.join("; "), ..Section::new(title, head, rows) }
}

/// Over the numbers of players that all kinds of load were measured with.
fn charts(report: &CapacityReport) -> Vec<Chart> {
    let sweeps = [("spread", &report.spread), ("crowd", &report.crowd), ("baseline", &report.baseline)];
    let chart = |title: &str, unit: &str, figure: fn(&Figures) -> Option<f64>| {
        let value = |sweep: &Sweep, players: u32| sweep.at(players).and_then(figure);
        let measured = |sweep: &Sweep| {
            let players = sweep.best().into_iter().map(|trial| trial.players);
            players.filter(|&players| value(sweep, players).is_some()).collect::<Vec<_>>()
        };
        let drawn: Vec<_> = sweeps.iter().filter(|(_, sweep)| !measured(sweep).is_empty()).collect();
        let mut players = drawn.first().map(|(_, sweep)| measured(sweep)).unwrap_or_default();
        players.retain(|&players| drawn.iter().all(|(_, sweep)| value(sweep, players).is_some()));
        let line = |sweep: &Sweep| players.iter().filter_map(|&players| value(sweep, players)).collect();
        Chart {
            title: title.to_owned(),
            x_label: "players".to_owned(),
            y_label: unit.to_owned(),
            x: players.iter().map(|&players| f64::from(players)).collect(),
            lines: drawn.iter().map(|(name, sweep)| ((*name).to_owned(), line(sweep))).collect(),
        }
    };
    vec![
        chart("Server CPU per client and tick", "µs", |figures| figures.cpu_us_per_client_tick),
        chart("Frame gap p99", "ms", |figures| figures.load.frame_gap_ms.p99),
        chart("Sent to each player", "kB/s", kilobytes),
    ]
}

#[cfg(test)]
mod tests {
    use super::{super::Held, *};
    use crate::{
        client::LoadReport,
        report::{Spread, markdown},
    };

    fn trial(players: u32, cpu_us: f64) -> Trial {
        let frame_gap_ms = Spread { p99: Some(60.0), ..Spread::default() };
        let load = LoadReport { players_joined: players, frame_gap_ms, ..LoadReport::default() };
        let figures = Figures { load, cpu_us_per_client_tick: Some(cpu_us), ..Figures::default() };
        Trial { players, figures: Some(figures), failure: None }
    }

    #[test]
    fn tables_and_charts_show_trials_and_say_what_failed() {
        let mut report = CapacityReport::default();
        report.verdict = super::super::verdict(&report);
        let empty = markdown(&document(&report));
        assert!(empty.contains("Not everything was measured") && !empty.contains("mermaid"), "{empty}");

        let held = Some(Held { players: 500, above: Some((1000, "it broke".to_owned())) });
        report.spread = Sweep { trials: vec![trial(250, 17.25), trial(500, 18.0)], held };
        report.crowd = Sweep { trials: vec![trial(500, 21.0)], held: None };
        report.baseline = Sweep { trials: vec![Trial::failed(250, &"a\nb")], held: None };
        report.peer.name = "Colyseus".to_owned();
        report.peer.left_out = Some("no node".to_owned());
        let text = markdown(&document(&report));
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("| 250 | 250 | 60.0 | – / – / – | 17.2 |"), "{text}");
        assert!(text.contains("Held 500 players; at 1000: it broke."), "{text}");
        assert!(text.contains("250: a b") && text.contains("Left out: no node."), "{text}");
        assert!(text.contains("[500]\n    y-axis \"µs\"\n    line [18.00]\n    line [21.00]\n"), "{text}");
    }
}
