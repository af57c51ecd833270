//! The verdict: each figure of a report and its threshold, those of most weight first.

use super::{CapacityReport, Figures, Held, Trial, plan::JUDGED_PLAYERS};
use crate::report::{Check, Direction};

/// CPU per client-tick, ours all over the arena divided by the baseline's.
const BASELINE_RATIO_MAX: f64 = 1.5;
/// CPU and bytes, ours with the peer's work divided by the peer's.
const PEER_RATIO_MAX: f64 = 0.5;
const CROWD_TICK_MS_MAX: f64 = 15.0;
const SHIP_BYTES_MAX: f64 = 7.0;
/// Players held, ours all over the arena divided by the baseline's.
const HELD_RATIO_MIN: f64 = 0.8;
const STALLED_GAP_RATIO_MAX: f64 = 1.15;
/// Memory at the end, with slow readers divided by without: what every server takes in its first minute is no growth.
const STALLED_RSS_RATIO_MAX: f64 = 1.1;

/// A value and what it was computed from, or why there is none.
type Value = Result<(f64, String), String>;

pub fn verdict(report: &CapacityReport) -> Vec<Check> {
    let at_most = |figure: &str, most, value| Check::new(figure, Direction::AtMost, most, value);
    let at_least = |figure: &str, least, value| Check::new(figure, Direction::AtLeast, least, value);
    let crowd = |figure: fn(&Figures) -> Option<f64>| {
        let crowd = report.crowd.at(JUDGED_PLAYERS).ok_or_else(|| missing("crowd", &report.crowd.trials));
        known(figure(crowd?))
    };
    let stalled = |figure: fn(&Figures) -> Option<f64>| known(figure(figures(report.stalled.with.as_ref())?));
    vec![
        at_most(
            "server CPU per client-tick relative to the baseline, 1,000 spread",
            BASELINE_RATIO_MAX,
            baseline_ratio(report),
        ),
        at_most(
            "server CPU per client-tick relative to the peer, same work",
            PEER_RATIO_MAX,
            peer_cpu(report),
        ),
        at_most(
            "bytes per player-second relative to the peer, same work",
            PEER_RATIO_MAX,
            peer_bytes(report),
        ),
        at_least(
            "players admitted, crowd of 1,000",
            f64::from(JUDGED_PLAYERS),
            crowd(|figures| Some(f64::from(figures.joined.min(figures.at_end)))),
        ),
        at_most("tick p99, ms, crowd of 1,000", CROWD_TICK_MS_MAX, crowd(|figures| figures.tick_ms.p99)),
        at_most(
            "frame gap p99, ms, crowd of 1,000",
            report.settings.gap_ms_max,
            crowd(|figures| figures.frame_gap_ms.p99),
        ),
        at_most(
            "bytes per moving ship and frame, crowd of 1,000",
            SHIP_BYTES_MAX,
            crowd(|figures| figures.bytes_per_moving_ship),
        ),
        at_least("players held relative to the baseline, spread", HELD_RATIO_MIN, held_ratio(report)),
        at_most(
            "frame gap p99 with a fifth stalled relative to none",
            STALLED_GAP_RATIO_MAX,
            stalled_gap(report),
        ),
        at_most(
            "server memory with a fifth stalled relative to none",
            STALLED_RSS_RATIO_MAX,
            stalled_rss(report),
        ),
        at_most(
            "readers closed, a fifth stalled",
            0.0,
            stalled(|figures| Some(f64::from(figures.healthy_lost))),
        ),
    ]
}

fn known(value: Option<f64>) -> Value {
    value.map(|value| (value, String::new())).ok_or_else(|| "not reported".to_owned())
}

fn missing(what: &str, trials: &[Trial]) -> String {
    let failure = trials.iter().rev().find_map(|trial| trial.failure.as_deref());
    failure.map_or_else(|| format!("{what} was not measured"), |why| format!("{what} failed: {why}"))
}

fn figures(trial: Option<&Trial>) -> Result<&Figures, String> {
    let trial = trial.ok_or("not measured")?;
    trial.figures.as_ref().ok_or_else(|| trial.failure.clone().unwrap_or_default())
}

fn ratio(ours: Option<f64>, theirs: Option<f64>, unit: &str, note: &str) -> Value {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if theirs > 0.0 => {
            Ok((ours / theirs, format!("{ours:.1} and {theirs:.1} {unit}{note}")))
        }
        _ => Err("one side was not measured".to_owned()),
    }
}

fn baseline_ratio(report: &CapacityReport) -> Value {
    let (spread, baseline) = (&report.spread, &report.baseline);
    let ours = spread.at(JUDGED_PLAYERS).ok_or_else(|| missing("spread", &spread.trials))?;
    let theirs = baseline.at(JUDGED_PLAYERS).ok_or_else(|| missing("the baseline", &baseline.trials))?;
    ratio(ours.cpu_us_per_client_tick, theirs.cpu_us_per_client_tick, "µs", "")
}

/// Against the cheapest of the peer's modes, with the most players that both sides were measured with.
fn peer_ratio(report: &CapacityReport, figure: fn(&Figures) -> Option<f64>, unit: &str) -> Value {
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

fn peer_cpu(report: &CapacityReport) -> Value {
    peer_ratio(report, |figures| figures.cpu_us_per_client_tick, "µs")
}

fn peer_bytes(report: &CapacityReport) -> Value {
    peer_ratio(report, |figures| figures.bytes_per_player_second.map(|bytes| bytes / 1000.0), "kB/s")
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

fn stalled_gap(report: &CapacityReport) -> Value {
    let (with, without) = (figures(report.stalled.with.as_ref())?, figures(report.stalled.without.as_ref())?);
    ratio(with.frame_gap_ms.p99, without.frame_gap_ms.p99, "ms", "")
}

fn stalled_rss(report: &CapacityReport) -> Value {
    let (with, without) = (figures(report.stalled.with.as_ref())?, figures(report.stalled.without.as_ref())?);
    let growth = |it: &Figures| it.rss_growth.map_or("?".to_owned(), |growth| format!("{growth:.2}"));
    let note = format!("; end relative to start {} and {}", growth(with), growth(without));
    let megabytes = |it: &Figures| it.rss_bytes.map(|bytes| bytes / 1e6);
    ratio(megabytes(with), megabytes(without), "MB", &note)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Peer, PeerRuns, Stalled, Sweep},
        *,
    };
    use crate::report::{Outcome, Percentiles};

    fn trial(players: u32, cpu_us: f64, bytes: f64) -> Trial {
        let figures = Figures {
            joined: players,
            at_end: players,
            cpu_us_per_client_tick: Some(cpu_us),
            bytes_per_player_second: Some(bytes),
            frame_gap_ms: Percentiles { p99: Some(60.0), ..Percentiles::default() },
            tick_ms: Percentiles { p99: Some(16.0), ..Percentiles::default() },
            bytes_per_moving_ship: Some(7.0),
            rss_bytes: Some(20e6),
            ..Figures::default()
        };
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
