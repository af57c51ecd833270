//! A capacity report for people: the verdict, and a table of each kind of load.

use super::{CapacityReport, Figures, Load};
use crate::report::{Document, Outcome, Section, fixed};

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
const BYTES: Column = ("kB/s", |f| fixed(f.kilobytes(), 1));
const BODIES: Column = ("bodies in view", |f| fixed(f.load.visible_bodies.mean, 0));
const BODY_BYTES: Column = ("bytes a moving body", |f| fixed(f.load.bytes_per_moving_body, 1));
const RSS: Column = ("RSS MB", |f| fixed(f.rss_bytes.map(|bytes| bytes / 1e6), 0));
const GROWTH: Column = ("RSS growth", |f| fixed(f.rss_growth, 2));
const LOST: Column = ("readers lost", |f| f.load.players_lost.to_string());

const OURS: &[Column] = &[JOINED, GAP, TICK, CPU, CORES, BYTES, BODIES, BODY_BYTES, RSS, LOAD, OTHERS];
const BASELINE: &[Column] = &[JOINED, GAP, CPU, CORES, BYTES, RSS, LOAD, OTHERS];
const PEER: &[Column] = &[JOINED, GAP, CPU, CORES, BYTES, BODIES, RSS, LOAD, OTHERS];
const STALLED: &[Column] = &[JOINED, GAP, CPU, RSS, GROWTH, LOST, OTHERS];
const PEER_LOADS: &[Load] = &[Load::PeerRooms, Load::PeerWorld, Load::LikePeer];

/// Each table's title, the head over the names of its loads if there are several, the loads, and the columns.
const TABLES: [(&str, &str, &[Load], &[Column]); 5] = [
    ("Players spread out", "", &[Load::Spread], OURS),
    ("Crowd", "", &[Load::Crowd], OURS),
    ("Baseline", "", &[Load::Baseline], BASELINE),
    ("Colyseus, and Emberdrift with the same work", "server", PEER_LOADS, PEER),
    ("Stalled, and over TLS", "players", &[Load::AllRead, Load::Stalled, Load::Tls], STALLED),
];

pub fn document(report: &CapacityReport) -> Document {
    let settings = report.settings;
    let mut sections = vec![Section::checks("Verdict", &report.verdict)];
    sections.extend(TABLES.map(|(title, head, loads, columns)| table(report, title, head, loads, columns)));
    Document {
        title: format!("How many players: {}", report.game),
        lead: format!(
            "Measured on {}; {} Hz, {} s a step{}, {:.0} s in all. Server and load share the machine, so the ratios \
             are the result.",
            report.machine,
            settings.tick_rate,
            settings.seconds,
            if settings.quick { " (quick)" } else { "" },
            report.took_seconds,
        ),
        verdict: verdict(report),
        sections,
    }
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

fn table(
    report: &CapacityReport,
    title: &str,
    name_head: &'static str,
    loads: &[Load],
    columns: &[Column],
) -> Section {
    let skipped = usize::from(name_head.is_empty());
    let head = [name_head, "N"].into_iter().skip(skipped).chain(columns.iter().map(|(head, _)| *head));
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for (load, sweep) in loads.iter().filter_map(|load| Some((load, report.sweeps.get(load)?))) {
        for trial in sweep.best() {
            let players = trial.players;
            if let Some(figures) = &trial.figures {
                let first = [load.label().to_owned(), players.to_string()].into_iter().skip(skipped);
                rows.push(first.chain(columns.iter().map(|(_, cell)| cell(figures))).collect());
                let doubts = figures.load.invalid_because.iter();
                notes.extend(doubts.map(|why| format!("{players} not valid: {why}.")));
            }
            notes.extend(trial.failure.iter().map(|why| format!("{} {players}: {why}.", load.label())));
        }
        notes.extend(sweep.held.as_ref().map(|held| match &held.above {
            Some((players, why)) => format!("Held {} players; at {players}: {why}.", held.players),
            None => format!("Held {} players; more were not tried.", held.players),
        }));
    }
    if loads == PEER_LOADS {
        notes.extend(report.peer_left_out.as_ref().map(|why| format!("Left out: {why}.")));
    }
    Section { note: notes.join(" "), ..Section::new(title, head, rows) }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Held, Sweep, Trial},
        *,
    };
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
    fn tables_show_trials_and_say_what_failed() {
        let mut report = CapacityReport::default();
        report.verdict = super::super::verdict(&report);
        let empty = markdown(&document(&report));
        assert!(empty.contains("Not everything was measured") && !empty.contains("Baseline"), "{empty}");

        let held = Some(Held { players: 500, above: Some((1000, "it broke".to_owned())) });
        report.sweeps.extend([
            (Load::Spread, Sweep { trials: vec![trial(250, 17.25), trial(500, 18.0)], held }),
            (Load::Baseline, Sweep { trials: vec![Trial::failed(250, &"a\nb")], held: None }),
            (Load::Stalled, Sweep { trials: vec![trial(500, 21.0)], held: None }),
        ]);
        report.peer_left_out = Some("no node".to_owned());
        let text = markdown(&document(&report));
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("| 250 | 250 | 60.0 | – / – / – | 17.2 |"), "{text}");
        assert!(words.contains("| a fifth stalled | 500 | 500 | 60.0 | 21.0 |"), "{text}");
        assert!(text.contains("Held 500 players; at 1000: it broke."), "{text}");
        assert!(text.contains("baseline 250: a b") && text.contains("Left out: no node."), "{text}");
    }
}
