//! The verdict: each figure beside its bar. A pure function of the report. It knows the bars and how each figure is
//! made; not how anything is measured.

use super::{
    model::{Attempt, Figures, Judged, Outcome, Report, Sense},
    plan::JUDGED_PLAYERS,
};

/// CPU per client-tick, ours all over the arena by the floor.
const FLOOR_RATIO_MAX: f64 = 1.5;
/// CPU and bytes, ours on the peer's work by the peer.
const PEER_RATIO_MAX: f64 = 0.5;
/// Work of a crowd's ticks, 99 of 100.
const CROWD_TICK_MS_MAX: f64 = 15.0;
/// Of a crowd's frames, for each ship that moved.
const SHIP_BYTES_MAX: f64 = 7.0;
/// Players held, ours all over the arena by the floor.
const HELD_RATIO_MIN: f64 = 0.8;
/// Frame gaps of those who read, with some who do not by without.
const STALLED_GAP_RATIO_MAX: f64 = 1.15;
/// Memory at the end, with some who do not read by without: what every server takes in its first minute is no growth.
const STALLED_RSS_RATIO_MAX: f64 = 1.1;

/// A figure on its way to the verdict: what it is and what it was made from, or why there is none.
type Made = Result<(f64, String), String>;

/// Each figure beside its bar, those of most weight first.
pub fn judge(report: &Report) -> Vec<Judged> {
    let gap_ms_max = report.settings.gap_ms_max;
    let n = JUDGED_PLAYERS;
    let crowd = report.crowd.at(n).ok_or_else(|| missing("crowd", report.crowd.attempts.as_slice()));
    let of_crowd = |figure: fn(&Figures) -> Option<f64>| {
        let crowd = crowd.clone()?;
        figure(crowd).map(|value| (value, String::new())).ok_or_else(|| "not told".to_owned())
    };
    let with = |figure: fn(&Figures) -> Option<f64>| {
        let with = read(report.stalled.with.as_ref())?;
        figure(with).map(|value| (value, String::new())).ok_or_else(|| "not told".to_owned())
    };
    vec![
        at_most(
            "server CPU per client-tick by the floor's, 1,000 spread",
            FLOOR_RATIO_MAX,
            floor_ratio(report),
        ),
        at_most("server CPU per client-tick by the peer's, same work", PEER_RATIO_MAX, peer_cpu(report)),
        at_most("bytes per player-second by the peer's, same work", PEER_RATIO_MAX, peer_bytes(report)),
        at_least(
            "players in, crowd of 1,000",
            f64::from(n),
            of_crowd(|figures| Some(f64::from(figures.joined.min(figures.at_end)))),
        ),
        at_most("tick p99, ms, crowd of 1,000", CROWD_TICK_MS_MAX, of_crowd(|figures| figures.tick_ms.p99)),
        at_most(
            "frame gap p99, ms, crowd of 1,000",
            gap_ms_max,
            of_crowd(|figures| figures.frame_gap_ms.p99),
        ),
        at_most(
            "bytes per moving ship and frame, crowd of 1,000",
            SHIP_BYTES_MAX,
            of_crowd(|figures| figures.bytes_per_moving_ship),
        ),
        at_least("players held by the floor's, spread", HELD_RATIO_MIN, held_ratio(report)),
        at_most("frame gap p99 with a fifth stalled by without", STALLED_GAP_RATIO_MAX, stalled_gap(report)),
        at_most("server memory with a fifth stalled by without", STALLED_RSS_RATIO_MAX, stalled_rss(report)),
        at_most(
            "readers thrown out, a fifth stalled",
            0.0,
            with(|figures| Some(f64::from(figures.healthy_lost))),
        ),
    ]
}

fn at_most(figure: &str, bar: f64, made: Made) -> Judged {
    judged(figure, Sense::AtMost, bar, made)
}

fn at_least(figure: &str, bar: f64, made: Made) -> Judged {
    judged(figure, Sense::AtLeast, bar, made)
}

fn judged(figure: &str, sense: Sense, bar: f64, made: Made) -> Judged {
    let (measured, note) = match made {
        Ok((value, note)) => (Some(value), note),
        Err(why) => (None, why),
    };
    let outcome = match (measured, sense) {
        (None, _) => Outcome::NotMeasured,
        (Some(value), Sense::AtMost) if value <= bar => Outcome::Pass,
        (Some(value), Sense::AtLeast) if value >= bar => Outcome::Pass,
        _ => Outcome::Miss,
    };
    Judged { figure: figure.to_owned(), measured, sense, bar, outcome, note }
}

fn missing(what: &str, attempts: &[Attempt]) -> String {
    let failure = attempts.iter().rev().find_map(|attempt| attempt.failure.as_deref());
    failure.map_or_else(|| format!("{what} was not measured"), |why| format!("{what} failed: {why}"))
}

fn read(attempt: Option<&Attempt>) -> Result<&Figures, String> {
    let attempt = attempt.ok_or("not measured")?;
    attempt.figures.as_ref().ok_or_else(|| attempt.failure.clone().unwrap_or_default())
}

fn ratio(ours: Option<f64>, theirs: Option<f64>, unit: &str, note: &str) -> Made {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if theirs > 0.0 => {
            Ok((ours / theirs, format!("{ours:.1} by {theirs:.1} {unit}{note}")))
        }
        _ => Err("one side was not measured".to_owned()),
    }
}

fn floor_ratio(report: &Report) -> Made {
    let n = JUDGED_PLAYERS;
    let ours = report.spread.at(n).ok_or_else(|| missing("spread", &report.spread.attempts))?;
    let floor = report.floor.at(n).ok_or_else(|| missing("the floor", &report.floor.attempts))?;
    ratio(ours.cpu_us_per_client_tick, floor.cpu_us_per_client_tick, "µs", "")
}

/// The cheapest of the peer's ways of working at the most players that were measured on either side.
fn peer_ratio(report: &Report, figure: fn(&Figures) -> Option<f64>, unit: &str) -> Made {
    let peer = &report.peer;
    if let Some(why) = &peer.left_out {
        return Err(format!("{} was left out: {why}", peer.name));
    }
    let value = |attempt: &Attempt| attempt.figures.as_ref().and_then(figure);
    for ours in peer.ours.iter().rev() {
        let theirs = peer.runs.iter().filter_map(|runs| {
            let same = runs.attempts.iter().find(|theirs| theirs.players == ours.players)?;
            Some((value(same)?, runs.mode.as_str()))
        });
        let cheapest = theirs.min_by(|a, b| a.0.total_cmp(&b.0));
        if let (Some(ours_value), Some((theirs, mode))) = (value(ours), cheapest) {
            let note = format!(", {} {mode} of {}", peer.name, ours.players);
            return ratio(Some(ours_value), Some(theirs), unit, &note);
        }
    }
    let all: Vec<_> =
        peer.runs.iter().flat_map(|runs| runs.attempts.clone()).chain(peer.ours.clone()).collect();
    Err(missing("the peer's work", &all))
}

fn peer_cpu(report: &Report) -> Made {
    peer_ratio(report, |figures| figures.cpu_us_per_client_tick, "µs")
}

fn peer_bytes(report: &Report) -> Made {
    peer_ratio(report, |figures| figures.bytes_per_player_second.map(|bytes| bytes / 1000.0), "kB/s")
}

fn held_ratio(report: &Report) -> Made {
    let (ours, floor) = (report.spread.held.as_ref(), report.floor.held.as_ref());
    let (Some(ours), Some(floor)) = (ours, floor) else {
        return Err("one side held nobody".to_owned());
    };
    let value = f64::from(ours.players) / f64::from(floor.players);
    let stopped = |held: &super::model::Held| match &held.above {
        Some((players, why)) => format!("{}, at {players} {why}", held.players),
        None => format!("{} or more", held.players),
    };
    let note = format!("ours {}; the floor {}", stopped(ours), stopped(floor));
    // Where the floor was not pushed to its limit, or only by wide steps, the ratio says nothing of it.
    if report.settings.quick || floor.above.is_none() {
        Err(format!("the limit was not looked for: {note}"))
    } else {
        Ok((value, note))
    }
}

fn stalled_gap(report: &Report) -> Made {
    let (with, without) = (read(report.stalled.with.as_ref())?, read(report.stalled.without.as_ref())?);
    ratio(with.frame_gap_ms.p99, without.frame_gap_ms.p99, "ms", "")
}

fn stalled_rss(report: &Report) -> Made {
    let (with, without) = (read(report.stalled.with.as_ref())?, read(report.stalled.without.as_ref())?);
    let growth =
        |figures: &Figures| figures.rss_growth.map_or("?".to_owned(), |growth| format!("{growth:.2}"));
    let note = format!("; end by begin {} and {}", growth(with), growth(without));
    let megabytes = |figures: &Figures| figures.rss_bytes.map(|bytes| bytes / 1e6);
    ratio(megabytes(with), megabytes(without), "MB", &note)
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::{Held, Ladder, Peer, PeerRuns, Percentiles, Stalled},
        *,
    };

    fn attempt(players: u32, cpu_us: f64, bytes: f64) -> Attempt {
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
        Attempt { players, figures: Some(figures), failure: None }
    }

    fn ladder(cpu_us: f64, held: u32) -> Ladder {
        let held = Some(Held { players: held, above: Some((held + 500, "frame gap p99 90 ms".to_owned())) });
        Ladder { attempts: vec![attempt(250, 99.0, 1.0), attempt(1000, cpu_us, 10_000.0)], held }
    }

    fn report() -> Report {
        let runs = |mode: &str, cpu_us, bytes| PeerRuns {
            mode: mode.to_owned(),
            attempts: vec![attempt(200, cpu_us, bytes), attempt(500, cpu_us, bytes)],
        };
        let mut report = Report {
            spread: ladder(18.0, 2000),
            floor: ladder(12.0, 3000),
            crowd: ladder(40.0, 1000),
            peer: Peer {
                name: "Colyseus".to_owned(),
                left_out: None,
                runs: vec![runs("rooms", 40.0, 12_000.0), runs("world", 50.0, 10_000.0)],
                ours: vec![attempt(500, 18.0, 6000.0)],
            },
            stalled: Stalled { without: Some(attempt(500, 1.0, 1.0)), with: Some(attempt(500, 1.0, 1.0)) },
            ..Report::default()
        };
        report.settings.gap_ms_max = 75.0;
        report
    }

    fn outcomes(report: &Report) -> Vec<Outcome> {
        judge(report).into_iter().map(|judged| judged.outcome).collect()
    }

    #[test]
    fn each_figure_is_held_against_its_bar() {
        use Outcome::{Miss, Pass};
        assert_eq!(
            outcomes(&report()),
            [Pass, Pass, Miss, Pass, Miss, Pass, Pass, Miss, Pass, Pass, Pass],
            "{:#?}",
            judge(&report())
        );
    }

    #[test]
    fn the_cheapest_way_of_the_peer_is_the_bar_for_each_figure() {
        let verdict = judge(&report());
        assert_eq!(verdict[1].measured, Some(18.0 / 40.0));
        assert_eq!(verdict[2].measured, Some(0.6));
        assert!(verdict[1].note.contains("rooms of 500") && verdict[2].note.contains("world of 500"));
    }

    #[test]
    fn what_was_not_measured_is_neither_good_nor_bad_and_says_why() {
        let empty = judge(&Report::default());
        assert!(
            empty.iter().all(|judged| judged.outcome == Outcome::NotMeasured && !judged.note.is_empty()),
            "{empty:#?}"
        );
        let mut report = report();
        report.peer.left_out = Some("no node".to_owned());
        report.crowd.attempts = vec![Attempt::failed(1000, &"it broke")];
        report.floor.held.as_mut().unwrap().above = None;
        let verdict = judge(&report);
        assert!(verdict[1].note.contains("no node"), "{:?}", verdict[1]);
        assert!(verdict[4].note.contains("it broke"), "{:?}", verdict[4]);
        assert_eq!((verdict[7].outcome, verdict[0].outcome), (Outcome::NotMeasured, Outcome::Pass));
    }

    #[test]
    fn on_the_bar_is_good() {
        for (sense, value, outcome) in [
            (Sense::AtMost, 0.5, Outcome::Pass),
            (Sense::AtMost, 0.51, Outcome::Miss),
            (Sense::AtMost, f64::NAN, Outcome::Miss),
            (Sense::AtLeast, 0.5, Outcome::Pass),
            (Sense::AtLeast, 0.49, Outcome::Miss),
        ] {
            assert_eq!(judged("x", sense, 0.5, Ok((value, String::new()))).outcome, outcome);
        }
    }
}
