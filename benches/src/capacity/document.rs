//! A capacity report for people: the verdict, charts over the number of players, and a table of each kind of load.

use super::{CapacityReport, Figures, Sweep, Trial};
use crate::report::{Chart, Content, Document, Outcome, Section, Series, Table, Tone, Verdict, fixed};

/// More CPU than this of other programs, in cores, is mentioned.
const OTHERS_CORES_MAX: f64 = 0.2;
/// Frame gaps above so many times the threshold are not drawn: that they are far above it is all they tell.
const GAP_DRAWN_MAX: f64 = 4.0;

/// A column's head, and its cells.
type Column = (&'static str, fn(&Figures) -> String);

const JOINED: Column = ("joined", |f| f.joined.to_string());
const GAP: Column = ("gap p99 ms", |f| fixed(f.frame_gap_ms.p99, 1));
const CPU: Column = ("CPU µs", |f| fixed(f.cpu_us_per_client_tick, 1));
const CORES: Column = ("cores", |f| fixed(f.cpu_cores, 2));
const LOAD: Column = ("load cores", |f| fixed(f.load_cpu_cores, 2));
const OTHERS: Column = ("other cores", |f| fixed(f.others_cpu_cores, 2));
const TICK: Column = ("tick p50 / p99 / p99.9 ms", |f| {
    [f.tick_ms.p50, f.tick_ms.p99, f.tick_ms.p999].map(|ms| fixed(ms, 1)).join(" / ")
});
const BYTES: Column = ("kB/s", |f| fixed(kilobytes(f), 1));
const SHIPS: Column = ("ships in view", |f| fixed(f.ships_in_view, 0));
const SHIP_BYTES: Column = ("bytes a ship", |f| fixed(f.bytes_per_moving_ship, 1));
const RSS: Column = ("RSS MB", |f| fixed(f.rss_bytes.map(|bytes| bytes / 1e6), 0));
const GROWTH: Column = ("RSS growth", |f| fixed(f.rss_growth, 2));
const LOST: Column = ("readers lost", |f| f.healthy_lost.to_string());

fn kilobytes(figures: &Figures) -> Option<f64> {
    figures.bytes_per_player_second.map(|bytes| bytes / 1000.0)
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
        Section::new("Verdict", Content::Checks(report.verdict.clone())),
        Section::new("By number of players", Content::Charts(charts(report))),
        spread,
        sweep("Emberdrift, crowd", &report.crowd, &ours),
        sweep("Baseline", &report.baseline, &baseline),
    ];
    sections.extend(peer(report));
    sections.push(table("Stalled", "players", stalled, &[JOINED, GAP, CPU, RSS, GROWTH, LOST, OTHERS]));
    Document { title: "How many players".to_owned(), lead: lead(report), verdict: verdict(report), sections }
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

fn verdict(report: &CapacityReport) -> Verdict {
    let count = |outcome: Outcome| report.verdict.iter().filter(|check| check.outcome == outcome).count();
    let (passed, missed, unknown) = (count(Outcome::Pass), count(Outcome::Miss), count(Outcome::NotMeasured));
    let (tone, word) = match (missed, unknown) {
        (0, 0) => (Tone::Good, "Every threshold met."),
        (0, _) => (Tone::Doubtful, "Not everything was measured."),
        _ => (Tone::Bad, "A threshold was missed."),
    };
    let sentence = format!("{passed} figures pass, {missed} miss, {unknown} were not measured.");
    Verdict { tone, word: word.to_owned(), sentence }
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
    let head = name_column.into_iter().chain(["N"]).chain(heads).map(str::to_owned).collect();
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for (name, trial) in trials {
        let players = trial.players;
        if let Some(figures) = &trial.figures {
            let first = name_column.map(|_| name.to_owned()).into_iter().chain([players.to_string()]);
            rows.push(first.chain(columns.iter().map(|(_, cell)| cell(figures))).collect());
            notes.extend(figures.invalid_because.iter().map(|why| format!("{players} not valid: {why}")));
        } else if let Some(why) = &trial.failure {
            notes.push(format!("{name} {players}: {why}").trim_start().to_owned());
        }
    }
    Section { note: notes.join("; "), ..Section::new(title, Content::Table(Table { head, rows })) }
}

fn charts(report: &CapacityReport) -> Vec<Chart> {
    let (spread, crowd, baseline) = (report.spread.best(), report.crowd.best(), report.baseline.best());
    let like_peer: Vec<_> = report.peer.ours.iter().collect();
    let lines = |figure: &dyn Fn(&Figures) -> Option<f64>| {
        let ours = [
            ("spread", &spread),
            ("crowd", &crowd),
            ("baseline", &baseline),
            ("with the peer's work", &like_peer),
        ];
        let mut lines: Vec<_> = ours.iter().map(|(name, trials)| line(name, trials, figure)).collect();
        lines.extend(report.peer.runs.iter().map(|runs| {
            let trials: Vec<_> = runs.trials.iter().collect();
            line(&format!("{} {}", report.peer.name, runs.mode), &trials, figure)
        }));
        lines
    };
    let gap_ms_max = report.settings.gap_ms_max;
    let drawn_ms = GAP_DRAWN_MAX * gap_ms_max;
    let gap = |f: &Figures| f.frame_gap_ms.p99.filter(|&gap_ms| gap_ms <= drawn_ms);
    let tick = vec![
        line("spread p50", &spread, &|f| f.tick_ms.p50),
        line("spread p99", &spread, &|f| f.tick_ms.p99),
        line("crowd p50", &crowd, &|f| f.tick_ms.p50),
        line("crowd p99", &crowd, &|f| f.tick_ms.p99),
    ];
    let chart = |title: &str, unit: &str, series| Chart::new(title, "players", unit, series);
    vec![
        chart("Server CPU per client and tick", "µs", lines(&|f| f.cpu_us_per_client_tick)),
        chart(&format!("Frame gap p99 (up to {drawn_ms:.0} ms)"), "ms", lines(&gap))
            .marked(&format!("{gap_ms_max:.0} ms"), gap_ms_max),
        chart("Sent to each player", "kB/s", lines(&kilobytes)),
        chart("Work of a tick", "ms", tick),
    ]
}

fn line(name: &str, trials: &[&Trial], figure: &dyn Fn(&Figures) -> Option<f64>) -> Series {
    let point = |trial: &&Trial| Some((f64::from(trial.players), Some(figure(trial.figures.as_ref()?)?)));
    Series::new(name, trials.iter().filter_map(point))
}

#[cfg(test)]
mod tests {
    use super::{super::Held, *};
    use crate::report::{Percentiles, html, markdown};

    fn trial(players: u32, cpu_us: f64) -> Trial {
        let figures = Figures {
            joined: players,
            cpu_us_per_client_tick: Some(cpu_us),
            frame_gap_ms: Percentiles { p99: Some(60.0), ..Percentiles::default() },
            ..Figures::default()
        };
        Trial { players, figures: Some(figures), failure: None }
    }

    #[test]
    fn tables_and_charts_show_trials_and_say_what_failed() {
        let mut report = CapacityReport::default();
        report.verdict = super::super::verdict(&report);
        let empty = html(&document(&report));
        assert!(
            empty.contains("Not everything was measured") && empty.contains("nothing measured"),
            "{empty}"
        );

        report.settings.gap_ms_max = 75.0;
        let held = Some(Held { players: 500, above: Some((1000, "it broke".to_owned())) });
        report.spread = Sweep { trials: vec![trial(250, 17.25), trial(500, 18.0)], held };
        report.baseline = Sweep { trials: vec![Trial::failed(250, &"a <\nb")], held: None };
        report.peer.name = "Colyseus".to_owned();
        report.peer.left_out = Some("no node".to_owned());
        let page = html(&document(&report));
        assert!(page.contains("spread: 18 at 500") && page.contains("250: a &lt;"), "{page}");
        let text = markdown(&document(&report));
        assert!(text.contains("| 250 | 250 | 60.0 | – / – / – | 17.2 |"), "{text}");
        assert!(text.contains("Held 500 players; at 1000: it broke."), "{text}");
        assert!(text.contains("Left out: no node."), "{text}");
    }
}
