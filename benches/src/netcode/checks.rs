//! The questions about the netcode as checks with thresholds, over many seeds.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use super::{
    controllers::Tally,
    experiments::{self, FlightStats, HiddenStats},
    sockets::{self, SocketError},
};
use crate::report::{
    Check,
    Direction::{self, AtLeast, AtMost},
    Outcome, rank, ratio,
};

/// Seeds that hide a page for ten minutes, which is the slowest experiment.
const HIDDEN_SEEDS: u64 = 8;
const ROUGH: &str = "100 ± 20 ms";
const STALLING: &str = "100 ± 20 ms with a stall of 300 ms every 10 s";

/// An experiment's result for each seed.
type BySeed<T> = [(u64, T)];

/// Runs every experiment with the seeds from 1 to `seeds`.
pub fn measure(seeds: u64) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut add = |check| checks.push(check);
    for delay_ms in [0.0, 100.0, 300.0] {
        add(keys(delay_ms, &over(seeds, |seed| experiments::keys(delay_ms, seed))));
    }
    add(corrections_alone(&over(seeds, |seed| experiments::flight(experiments::rough(seed), 0, seed))));
    let rough = over(seeds, |seed| experiments::flight(experiments::rough(seed), 24, seed));
    add(corrections(&rough));
    add(extrapolated(ROUGH, 1.0, &rough));
    add(starved(&rough));
    let stalling = over(seeds, |seed| experiments::flight(experiments::stalling(seed), 24, seed));
    add(extrapolated(STALLING, 5.0, &stalling));
    let shots = |delay_ms| {
        let all = over(seeds, |seed| experiments::shots(delay_ms, seed));
        Tally::sum(all.into_iter().map(|(_, tally)| tally))
    };
    let without_delay = shots(0.0);
    for delay_ms in [50.0, 100.0, 200.0] {
        add(hits(delay_ms, shots(delay_ms), without_delay));
    }
    add(resumed(&over(seeds, experiments::resumed_ms)));
    let hidden = over(seeds.min(HIDDEN_SEEDS), |seed| experiments::hidden(10.0, seed));
    hidden_checks(&hidden).into_iter().for_each(add);
    checks
}

/// Asks over real sockets and proxies what can be asked there, once: a little over a minute.
pub async fn measure_real() -> Result<Vec<Check>, SocketError> {
    let sockets::Played { rough, stalling, resumed_ms, tallies } = sockets::play_all().await?;
    let (rough, stalling) = ([(1, rough)], [(1, stalling)]);
    let mut checks = vec![
        corrections(&rough),
        extrapolated(ROUGH, 1.0, &rough),
        starved(&rough),
        extrapolated(STALLING, 5.0, &stalling),
    ];
    let without_delay = tallies.first().map_or_else(Tally::default, |(_, tally)| *tally);
    checks.extend(tallies.iter().skip(1).map(|(delay_ms, tally)| hits(*delay_ms, *tally, without_delay)));
    let returns = resumed_ms.iter().map(|ms| ms.is_finite().then_some(*ms));
    checks.push(resumed(&(1..).zip(returns).collect::<Vec<_>>()));
    Ok(checks)
}

/// An experiment with each seed, on all cores.
fn over<T: Send>(seeds: u64, experiment: impl Fn(u64) -> T + Sync) -> Vec<(u64, T)> {
    let next = AtomicU64::new(1);
    let work = || {
        let seeds =
            std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&it| it <= seeds));
        seeds.map(|seed| (seed, experiment(seed))).collect::<Vec<_>>()
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut all: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("experiments do not panic")).collect()
    });
    all.sort_by_key(|(seed, _)| *seed);
    all
}

/// A check whose note names the worst seed if it is missed; `badness` finds it.
fn check<T>(
    figure: String,
    direction: Direction,
    threshold: f64,
    measured: Result<(f64, String), String>,
    all: &BySeed<T>,
    badness: impl Fn(&T) -> f64,
) -> Check {
    let mut check = Check::new(figure, direction, threshold, measured);
    if check.outcome == Outcome::Miss
        && let Some((seed, _)) = all.iter().max_by(|a, b| badness(&a.1).total_cmp(&badness(&b.1)))
    {
        check.note += &format!(", worst with seed {seed}");
    }
    check
}

fn sum<T>(all: &BySeed<T>, of: impl Fn(&T) -> u64) -> u64 {
    all.iter().map(|(_, it)| of(it)).sum()
}

/// `part` as a percentage of `whole`, and of how many.
fn percent(part: u64, whole: u64) -> Result<(f64, String), String> {
    let percent = ratio(100.0 * part as f64, whole as f64).ok_or("nothing happened")?;
    Ok((percent, format!("{part} of {whole}")))
}

fn keys(delay_ms: f64, all: &BySeed<Tally>) -> Check {
    let missed = |tally: &Tally| u64::from(tally.attempts - tally.successes);
    let measured = percent(sum(all, missed), sum(all, |tally| u64::from(tally.attempts)));
    let figure = format!("keys without a response in the next drawn frame, %, {delay_ms:.0} ms");
    check(figure, AtMost, 0.0, measured, all, |tally| missed(tally) as f64)
}

fn corrections_alone(all: &BySeed<FlightStats>) -> Check {
    let corrected =
        |stats: &FlightStats| stats.corrections.iter().filter(|error| **error > 0.0).count() as u64;
    let measured = percent(sum(all, corrected), sum(all, |stats| stats.corrections.len() as u64));
    let figure = format!("frames that correct the own ship, %, {ROUGH}, no outside influence");
    check(figure, AtMost, 0.0, measured, all, |stats| corrected(stats) as f64)
}

fn corrections(all: &BySeed<FlightStats>) -> Check {
    let mut errors: Vec<_> =
        all.iter().flat_map(|(_, it)| it.corrections.iter().copied().map(f64::from)).collect();
    let mut at = |share| rank(&mut errors, share);
    let measured = at(0.99).zip(at(0.999).zip(at(1.0))).ok_or_else(|| "no frame arrived".to_owned());
    let measured = measured.map(|(p99, (p999, max))| (p99, format!("p99.9 {p999:.2}, max {max:.1}")));
    let figure = format!("correction p99, units, {ROUGH}, among 24 drones");
    let worst = |stats: &FlightStats| stats.corrections.iter().copied().fold(0.0, f32::max).into();
    check(figure, AtMost, 2.0, measured, all, worst)
}

fn extrapolated(conditions: &str, percent_max: f64, all: &BySeed<FlightStats>) -> Check {
    let measured = percent(sum(all, |stats| stats.extrapolated), sum(all, |stats| stats.drawn));
    let figure = format!("drawn frames that extrapolate others, %, {conditions}");
    check(figure, AtMost, percent_max, measured, all, |stats| stats.extrapolated as f64)
}

fn starved(all: &BySeed<FlightStats>) -> Check {
    let measured = percent(sum(all, |stats| stats.starved), sum(all, |stats| stats.ticks));
    let figure = format!("ticks without a fresh input, %, {ROUGH}");
    check(figure, AtMost, 0.5, measured, all, |stats| stats.starved as f64)
}

fn hits(delay_ms: f64, tally: Tally, without_delay: Tally) -> Check {
    let (share, near) = (100.0 * tally.share(), 100.0 * without_delay.share());
    let measured = ratio(100.0 * share, near).ok_or_else(|| "no shot hit".to_owned());
    let measured = measured.map(|it| (it, format!("{share:.1} of 100 shots, {near:.1} at 0 ms")));
    Check::new(
        format!("aimed shots that hit, % of the rate at 0 ms, {delay_ms:.0} ms"),
        AtLeast,
        95.0,
        measured,
    )
}

fn resumed(all: &BySeed<Option<f64>>) -> Check {
    let back: Vec<f64> = all.iter().filter_map(|(_, ms)| *ms).collect();
    let last_ms = back.iter().copied().fold(0.0, f64::max);
    // Without its ship, a player counts as never back.
    let measured = if back.len() == all.len() { last_ms } else { f64::INFINITY };
    let note = format!("{} of {} came back, the last after {last_ms:.0} ms", back.len(), all.len());
    let measured = if all.is_empty() { Err("no cut was met".to_owned()) } else { Ok((measured, note)) };
    let figure = "ship and embers back after a cut of 5 s, ms after the network returns".to_owned();
    check(figure, AtMost, 1000.0, measured, all, |ms| ms.unwrap_or(f64::MAX))
}

fn hidden_checks(all: &BySeed<HiddenStats>) -> [Check; 3] {
    let of = format!("the worst of {}", all.len());
    let new = |figure: &str, most: f64, of_one: fn(&HiddenStats) -> f64| {
        let worst = all.iter().map(|(_, stats)| of_one(stats)).fold(0.0, f64::max);
        check(format!("hidden for 10 minutes: {figure}"), AtMost, most, Ok((worst, of.clone())), all, of_one)
    };
    let is_bad_return = |stats: &HiddenStats| f64::from(stats.full_views != 1 || !stats.is_back);
    [
        new("disconnects", 0.0, |stats| f64::from(stats.disconnects)),
        new("bytes a second", 1000.0, |stats| stats.bytes_per_second),
        new("returns without the ship or exactly one full view", 0.0, is_bad_return),
    ]
}
