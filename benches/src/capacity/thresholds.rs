//! The verdict: each figure of a report and its threshold, those of most weight first.

use super::{CapacityReport, Figures, Held, Sweep, Trial, plan::JUDGED_PLAYERS};
use crate::report::{Check, Direction, fixed};

/// A value and what it was computed from, or why there is none.
type Value = Result<(f64, String), String>;
type Figure = fn(&Figures) -> Option<f64>;

const CPU: Figure = |figures| figures.cpu_us_per_client_tick;
const KILOBYTES: Figure = |figures| figures.load.bytes_per_player_second.mean.map(|bytes| bytes / 1000.0);
const GAP: Figure = |figures| figures.load.frame_gap_ms.p99;
const MEMORY: Figure = |figures| figures.rss_bytes.map(|bytes| bytes / 1e6);

pub fn verdict(report: &CapacityReport) -> Vec<Check> {
    use Direction::{AtLeast, AtMost};
    let judged = JUDGED_PLAYERS.into();
    let crowd = |figure: Figure| at(&report.crowd, "crowd").and_then(|figures| known(figure(figures)));
    let closed: Figure = |figures| Some(f64::from(figures.load.players_lost));
    let admitted: Figure =
        |figures| Some(f64::from(figures.load.players_joined.min(figures.load.players_at_end)));
    let of_stalled = |figure| stalled(report, figure);
    let checks: [(&str, Direction, f64, Value); 11] = [
        ("server CPU per client-tick relative to the baseline, 1,000 spread", AtMost, 1.5, baseline(report)),
        ("server CPU per client-tick relative to the peer, same work", AtMost, 0.5, peer(report, CPU, "µs")),
        (
            "bytes per player-second relative to the peer, same work",
            AtMost,
            0.5,
            peer(report, KILOBYTES, "kB/s"),
        ),
        ("players admitted, crowd of 1,000", AtLeast, judged, crowd(admitted)),
        ("tick p99, ms, crowd of 1,000", AtMost, 15.0, crowd(|figures| figures.tick_ms().p99)),
        ("frame gap p99, ms, crowd of 1,000", AtMost, report.settings.gap_ms_max, crowd(GAP)),
        (
            "bytes per moving ship and frame, crowd of 1,000",
            AtMost,
            7.0,
            crowd(|it| it.load.bytes_per_moving_ship),
        ),
        ("players held relative to the baseline, spread", AtLeast, 0.8, held_ratio(report)),
        (
            "frame gap p99 with a fifth stalled relative to none",
            AtMost,
            1.15,
            of_stalled(GAP).and_then(|(with, without)| ratio(with, without, "ms", "")),
        ),
        // At the end: what every server takes in its first minute is no growth.
        (
            "server memory with a fifth stalled relative to none",
            AtMost,
            1.1,
            of_stalled(MEMORY).and_then(|(with, without)| ratio(with, without, "MB", &growth(report))),
        ),
        (
            "readers closed, a fifth stalled",
            AtMost,
            0.0,
            of_stalled(closed).and_then(|(with, _)| known(with)),
        ),
    ];
    checks.map(|(figure, direction, threshold, value)| Check::new(figure, direction, threshold, value)).into()
}

fn known(value: Option<f64>) -> Value {
    value.map(|value| (value, String::new())).ok_or_else(|| "not reported".to_owned())
}

fn missing(what: &str, trials: &[Trial]) -> String {
    let failure = trials.iter().rev().find_map(|trial| trial.failure.as_deref());
    failure.map_or_else(|| format!("{what} was not measured"), |why| format!("{what} failed: {why}"))
}

/// The figures that the verdict is about.
fn at<'a>(sweep: &'a Sweep, what: &str) -> Result<&'a Figures, String> {
    sweep.at(JUDGED_PLAYERS).ok_or_else(|| missing(what, &sweep.trials))
}

fn ratio(ours: Option<f64>, theirs: Option<f64>, unit: &str, note: &str) -> Value {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if theirs > 0.0 => {
            Ok((ours / theirs, format!("{ours:.1} and {theirs:.1} {unit}{note}")))
        }
        _ => Err("one side was not measured".to_owned()),
    }
}

fn baseline(report: &CapacityReport) -> Value {
    let (ours, theirs) = (at(&report.spread, "spread")?, at(&report.baseline, "the baseline")?);
    ratio(CPU(ours), CPU(theirs), "µs", "")
}

/// Against the cheapest of the peer's modes, with the most players that both sides were measured with.
fn peer(report: &CapacityReport, figure: Figure, unit: &str) -> Value {
    let peer = &report.peer;
    if let Some(why) = &peer.left_out {
        return Err(format!("{} was left out: {why}", peer.name));
    }
    let value = |trial: &Trial| trial.figures.as_ref().and_then(figure);
    for ours in peer.ours.iter().rev() {
        let theirs = peer.runs.iter().filter_map(|runs| {
            let same = runs.trials.iter().find(|theirs| theirs.players == ours.players)?;
            Some((value(same)?, runs.mode.as_str()))
        });
        let cheapest = theirs.min_by(|a, b| a.0.total_cmp(&b.0));
        if let (Some(ours_value), Some((theirs, mode))) = (value(ours), cheapest) {
            let note = format!(", {} {mode} of {}", peer.name, ours.players);
            return ratio(Some(ours_value), Some(theirs), unit, &note);
        }
    }
    let all = peer.runs.iter().flat_map(|runs| runs.trials.clone()).chain(peer.ours.clone());
    Err(missing("the peer's work", &all.collect::<Vec<_>>()))
}

fn held_ratio(report: &CapacityReport) -> Value {
    let (Some(ours), Some(theirs)) = (&report.spread.held, &report.baseline.held) else {
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

/// A figure with slow readers and without.
fn stalled(report: &CapacityReport, figure: Figure) -> Result<(Option<f64>, Option<f64>), String> {
    let value = |trial: &Option<Trial>| {
        let trial = trial.as_ref().ok_or("not measured")?;
        let figures = trial.figures.as_ref().ok_or_else(|| trial.failure.clone().unwrap_or_default())?;
        Ok::<_, String>(figure(figures))
    };
    Ok((value(&report.stalled.with)?, value(&report.stalled.without)?))
}

fn growth(report: &CapacityReport) -> String {
    let growth = |trial: &Option<Trial>| trial.as_ref()?.figures.as_ref()?.rss_growth;
    let [with, without] = [&report.stalled.with, &report.stalled.without].map(|it| fixed(growth(it), 2));
    format!("; end relative to start {with} and {without}")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Peer, PeerRuns, Stalled},
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
            bytes_per_moving_ship: Some(7.0),
            ..LoadReport::default()
        };
        let (cpu_us_per_client_tick, rss_bytes) = (Some(cpu_us), Some(20e6));
        let figures = Figures { load, cpu_us_per_client_tick, rss_bytes, ..Figures::default() };
        Trial { players, figures: Some(figures), failure: None }
    }

    fn sweep(cpu_us: f64, held: u32) -> Sweep {
        let held = Some(Held { players: held, above: Some((held + 500, "frame gap p99 90 ms".to_owned())) });
        Sweep { trials: vec![trial(250, 99.0, 1.0), trial(1000, cpu_us, 10_000.0)], held }
    }

    fn report() -> CapacityReport {
        let runs = |mode: &str, cpu_us, bytes| PeerRuns {
            mode: mode.to_owned(),
            trials: vec![trial(200, cpu_us, bytes), trial(500, cpu_us, bytes)],
        };
        let mut report = CapacityReport {
            spread: sweep(18.0, 2000),
            baseline: sweep(12.0, 3000),
            crowd: sweep(40.0, 1000),
            peer: Peer {
                name: "Colyseus".to_owned(),
                left_out: None,
                runs: vec![runs("rooms", 40.0, 12_000.0), runs("world", 50.0, 10_000.0)],
                ours: vec![trial(500, 18.0, 6000.0)],
            },
            stalled: Stalled { without: Some(trial(500, 1.0, 1.0)), with: Some(trial(500, 1.0, 1.0)) },
            ..CapacityReport::default()
        };
        report.settings.gap_ms_max = 75.0;
        report
    }

    #[test]
    fn each_figure_is_compared_with_its_threshold() {
        use Outcome::{Miss, Pass};
        let outcomes: Vec<_> = verdict(&report()).into_iter().map(|check| check.outcome).collect();
        let expected = [Pass, Pass, Miss, Pass, Miss, Pass, Pass, Miss, Pass, Pass, Pass];
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
        let empty = verdict(&CapacityReport::default());
        assert!(
            empty.iter().all(|check| check.outcome == Outcome::NotMeasured && !check.note.is_empty()),
            "{empty:#?}"
        );
        let mut report = report();
        report.peer.left_out = Some("no node".to_owned());
        report.crowd.trials = vec![Trial::failed(1000, &"it broke")];
        report.baseline.held.as_mut().unwrap().above = None;
        let verdict = verdict(&report);
        assert!(verdict[1].note.contains("no node"), "{:?}", verdict[1]);
        assert!(verdict[4].note.contains("it broke"), "{:?}", verdict[4]);
        assert_eq!((verdict[7].outcome, verdict[0].outcome), (Outcome::NotMeasured, Outcome::Pass));
    }
}
