//! The verdict: each figure of a report and its threshold, those of most weight first.

use super::{
    CapacityReport, EMBERDRIFT, Figures, Held, Load,
    plan::{JUDGED_PLAYERS, peer_players, stalled_players},
};
use crate::report::{Check, Direction, fixed};

/// A value and what it was computed from, or why there is none.
type Value = Result<(f64, String), String>;
type Figure = fn(&Figures) -> Option<f64>;

const CPU: Figure = |figures| figures.cpu_us_per_client_tick;
const GAP: Figure = |figures| figures.load.frame_gap_ms.p99;
const MEMORY: Figure = |figures| figures.rss_bytes.map(|bytes| bytes / 1e6);
const LOST: Figure = |figures| Some(f64::from(figures.load.players_lost));
const ADMITTED: Figure = |it| Some(f64::from(it.load.players_joined.min(it.load.players_at_end)));

/// For which games a figure is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Games {
    All,
    /// The crowd's arena and the peer's load are made for it.
    Emberdrift,
}

pub fn verdict(report: &CapacityReport) -> Vec<Check> {
    use Direction::{AtLeast, AtMost};
    use Games::{All, Emberdrift};
    let at = |load, figure| report.figure(load, JUDGED_PLAYERS, figure);
    let alone = |value: Result<f64, String>| value.map(|value| (value, String::new()));
    let crowd = |figure| alone(at(Load::Crowd, figure));
    let slow = |load, figure| report.figure(load, stalled_players(report.settings.quick), figure);
    let slow_ratio = |figure, unit| ratio(slow(Load::Stalled, figure), slow(Load::AllRead, figure), unit);
    let growth = [Load::Stalled, Load::AllRead].map(|load| fixed(slow(load, |it| it.rss_growth).ok(), 2));
    // At the end: what every server takes in its first minute is no growth.
    let memory = slow_ratio(MEMORY, "MB").map(|(value, note)| {
        let [with, without] = growth;
        (value, format!("{note}; end relative to start {with} and {without}"))
    });
    let baseline = ratio(at(Load::Spread, CPU), at(Load::Baseline, CPU), "µs");
    let peer_bytes = peer(report, Figures::kilobytes, "kB/s");
    let gap_ms_max = report.settings.gap_ms_max;
    let tls = ratio(slow(Load::Tls, CPU), slow(Load::AllRead, CPU), "µs");
    let checks: [(Games, &str, Direction, f64, Value); 12] = [
        (All, "server CPU per client-tick relative to the baseline, 1,000 spread", AtMost, 1.5, baseline),
        (
            Emberdrift,
            "server CPU per client-tick relative to the peer, same work",
            AtMost,
            0.5,
            peer(report, CPU, "µs"),
        ),
        (Emberdrift, "bytes per player-second relative to the peer, same work", AtMost, 0.5, peer_bytes),
        (Emberdrift, "players admitted, crowd of 1,000", AtLeast, JUDGED_PLAYERS.into(), crowd(ADMITTED)),
        (Emberdrift, "tick p99, ms, crowd of 1,000", AtMost, 15.0, crowd(|it| it.tick_ms().p99)),
        (Emberdrift, "frame gap p99, ms, crowd of 1,000", AtMost, gap_ms_max, crowd(GAP)),
        (
            Emberdrift,
            "bytes per moving ship and frame, crowd of 1,000",
            AtMost,
            7.0,
            crowd(|it| it.load.bytes_per_moving_body),
        ),
        (All, "players held relative to the baseline, spread", AtLeast, 0.8, held_ratio(report)),
        (All, "frame gap p99 with a fifth stalled relative to none", AtMost, 1.15, slow_ratio(GAP, "ms")),
        (All, "server memory with a fifth stalled relative to none", AtMost, 1.1, memory),
        (All, "readers closed, a fifth stalled", AtMost, 0.0, alone(slow(Load::Stalled, LOST))),
        (All, "server CPU per client-tick over TLS relative to plain", AtMost, 1.5, tls),
    ];
    let checks = checks.into_iter().filter(|(games, ..)| *games == All || report.game == EMBERDRIFT);
    checks
        .map(|(_, figure, direction, threshold, value)| Check::new(figure, direction, threshold, value))
        .collect()
}

fn ratio(ours: Result<f64, String>, theirs: Result<f64, String>, unit: &str) -> Value {
    let (ours, theirs) = (ours?, theirs?);
    if theirs <= 0.0 {
        return Err("one side was not measured".to_owned());
    }
    Ok((ours / theirs, format!("{ours:.1} and {theirs:.1} {unit}")))
}

/// Against the cheapest of the peer's modes, with the most players that both sides were measured with.
fn peer(report: &CapacityReport, figure: Figure, unit: &str) -> Value {
    if let Some(why) = &report.peer_left_out {
        return Err(format!("Colyseus was left out: {why}"));
    }
    let mut last = Err("the peer was not measured".to_owned());
    for &players in peer_players(report.settings.quick).iter().rev() {
        let theirs = [Load::PeerRooms, Load::PeerWorld]
            .into_iter()
            .filter_map(|load| Some((report.figure(load, players, figure).ok()?, load.label())));
        let ours = report.figure(Load::LikePeer, players, figure);
        last = match theirs.min_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((theirs, mode)) => ratio(ours, Ok(theirs), unit)
                .map(|(value, note)| (value, format!("{note}, Colyseus {mode} of {players}"))),
            None => Err(report.figure(Load::PeerRooms, players, figure).err().unwrap_or_default()),
        };
        if last.is_ok() {
            break;
        }
    }
    last
}

fn held_ratio(report: &CapacityReport) -> Value {
    let held = |load| report.sweeps.get(&load).and_then(|sweep| sweep.held.as_ref());
    let (Some(ours), Some(theirs)) = (held(Load::Spread), held(Load::Baseline)) else {
        return Err("one side held no players".to_owned());
    };
    let limit = |held: &Held| match &held.above {
        Some((players, why)) => format!("{}, at {players} {why}", held.players),
        None => format!("{} or more", held.players),
    };
    let note = format!("ours {}; the baseline {}", limit(ours), limit(theirs));
    // If the baseline was not pushed to its limit, or only by wide steps, the ratio says nothing about it.
    if report.settings.quick || theirs.above.is_none() {
        return Err(format!("the limit was not searched: {note}"));
    }
    Ok((f64::from(ours.players) / f64::from(theirs.players), note))
}

impl CapacityReport {
    /// A figure of the best trial with `players` players, or why there is none.
    fn figure(&self, load: Load, players: u32, figure: Figure) -> Result<f64, String> {
        let sweep = self.sweeps.get(&load);
        let failure = || sweep?.trials.iter().rev().find_map(|trial| trial.failure.as_deref());
        match sweep.and_then(|sweep| sweep.at(players)) {
            Some(figures) => figure(figures).ok_or_else(|| format!("{} did not report it", load.label())),
            None => Err(format!("{}: {}", load.label(), failure().unwrap_or("not measured"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Sweep, Trial},
        *,
    };
    use crate::{
        client::{LoadReport, ServerFigures},
        report::{Outcome, Spread},
    };

    fn trial(players: u32, cpu_us: f64, bytes: f64) -> Trial {
        let p99 = |ms| Spread { p99: Some(ms), ..Spread::default() };
        let load = LoadReport {
            players_joined: players,
            players_at_end: players,
            bytes_per_player_second: Spread { mean: Some(bytes), ..Spread::default() },
            frame_gap_ms: p99(60.0),
            server: Some(ServerFigures { tick_ms: Some(p99(16.0)), ..ServerFigures::default() }),
            bytes_per_moving_body: Some(7.0),
            ..LoadReport::default()
        };
        let (cpu_us_per_client_tick, rss_bytes) = (Some(cpu_us), Some(20e6));
        let figures = Figures { load, cpu_us_per_client_tick, rss_bytes, ..Figures::default() };
        Trial { players, figures: Some(figures), failure: None }
    }

    fn sweep(held: u32, players: &[u32], cpu_us: f64, bytes: f64) -> Sweep {
        let held = Some(Held { players: held, above: Some((held + 500, "frame gap p99 90 ms".to_owned())) });
        Sweep { trials: players.iter().map(|&players| trial(players, cpu_us, bytes)).collect(), held }
    }

    fn of_emberdrift() -> CapacityReport {
        CapacityReport { game: EMBERDRIFT.to_owned(), ..CapacityReport::default() }
    }

    #[test]
    fn another_game_is_not_judged_by_what_only_emberdrift_is_measured_with() {
        let tag = verdict(&CapacityReport { game: "tag".to_owned(), ..CapacityReport::default() });
        assert_eq!((tag.len(), verdict(&of_emberdrift()).len()), (6, 12));
        assert!(tag.iter().all(|check| !check.figure.contains("crowd")));
    }

    fn report() -> CapacityReport {
        let mut report = of_emberdrift();
        report.settings.gap_ms_max = 75.0;
        report.sweeps.extend([
            (Load::Spread, sweep(2000, &[250, 1000], 18.0, 10_000.0)),
            (Load::Baseline, sweep(3000, &[250, 1000], 12.0, 10_000.0)),
            (Load::Crowd, sweep(1000, &[250, 1000], 40.0, 10_000.0)),
            (Load::PeerRooms, sweep(0, &[200, 500], 40.0, 12_000.0)),
            (Load::PeerWorld, sweep(0, &[200, 500], 50.0, 10_000.0)),
            (Load::LikePeer, sweep(0, &[500], 18.0, 6000.0)),
            (Load::AllRead, sweep(0, &[500], 1.0, 1.0)),
            (Load::Stalled, sweep(0, &[500], 1.0, 1.0)),
            (Load::Tls, sweep(0, &[500], 1.6, 1.0)),
        ]);
        report
    }

    #[test]
    fn each_figure_is_compared_with_its_threshold() {
        use Outcome::{Miss, Pass};
        let outcomes: Vec<_> = verdict(&report()).into_iter().map(|check| check.outcome).collect();
        let expected = [Pass, Pass, Miss, Pass, Miss, Pass, Pass, Miss, Pass, Pass, Pass, Miss];
        assert_eq!(outcomes, expected, "{:#?}", verdict(&report()));
    }

    #[test]
    fn cheapest_mode_of_the_peer_counts_for_each_figure() {
        let verdict = verdict(&report());
        assert_eq!(verdict[1].measured, Some(18.0 / 40.0));
        assert_eq!(verdict[2].measured, Some(0.6));
        assert!(verdict[1].note.contains("rooms of 500") && verdict[2].note.contains("world of 500"));
    }

    #[test]
    fn unmeasured_figures_neither_pass_nor_miss_and_say_why() {
        let empty = verdict(&of_emberdrift());
        assert!(
            empty.iter().all(|check| check.outcome == Outcome::NotMeasured && !check.note.is_empty()),
            "{empty:#?}"
        );
        let mut report = report();
        report.peer_left_out = Some("no node".to_owned());
        report.sweeps.entry(Load::Crowd).or_default().trials = vec![Trial::failed(1000, &"it broke")];
        report.sweeps.entry(Load::Baseline).or_default().held = None;
        let verdict = verdict(&report);
        assert!(verdict[1].note.contains("no node"), "{:?}", verdict[1]);
        assert!(verdict[4].note.contains("it broke"), "{:?}", verdict[4]);
        assert_eq!((verdict[7].outcome, verdict[0].outcome), (Outcome::NotMeasured, Outcome::Pass));
    }
}
