//! The figures of how the game feels, each with its bar, over many seeds. It must not know how a rehearsal is held.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use super::{
    pilots::Score,
    real::{self, Played, RealError},
    rehearsal::{self, Hidden, ShotStep},
};

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is of.
    pub name: String,
    /// What is asked for, in words.
    pub bar: String,
    /// What was measured, in words.
    pub measured: String,
    /// Whether that is enough.
    pub holds: bool,
    /// The seed of the worst rehearsal, to look at it again; `None` where none stands out.
    pub worst_seed: Option<u64>,
}

/// All figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures(pub Vec<Figure>);

impl Figures {
    /// Whether every one holds.
    pub fn hold(&self) -> bool {
        self.0.iter().all(|figure| figure.holds)
    }
}

/// Measures all of them over the seeds from 1 to `seeds`, and tells of each as soon as it is known.
pub fn measure(seeds: u64, mut tell: impl FnMut(&Figure)) -> Figures {
    let mut figures = Figures::default();
    let mut add = |figure: Figure| {
        tell(&figure);
        figures.0.push(figure);
    };
    for delay_ms in [0.0, 100.0, 300.0] {
        add(answers(seeds, delay_ms));
    }
    let alone = over(seeds, |seed| rehearsal::flown(rehearsal::rough(seed), 0, seed));
    let among = over(seeds, |seed| rehearsal::flown(rehearsal::rough(seed), 24, seed));
    add(corrections_alone(&alone));
    add(corrections_among(&among));
    add(extrapolated("100 ± 20 ms", 1.0, &among));
    add(starved(&among));
    let stalled = over(seeds, |seed| rehearsal::flown(rehearsal::stalling(seed), 24, seed));
    add(extrapolated("the same, a stall of 300 ms every 10 s", 5.0, &stalled));
    let near = hit_share(seeds, 0.0);
    for delay_ms in [50.0, 100.0, 200.0] {
        add(hits(delay_ms, hit_share(seeds, delay_ms), near));
    }
    add(resumed(&over(seeds, rehearsal::resumed_ms)));
    add(hidden(seeds.min(8)));
    figures
}

/// Measures once over real sockets and real proxies, what of it there is: a little over a minute.
pub async fn measure_real() -> Result<Figures, RealError> {
    let real = real::play_all().await?;
    let flown = |played: Played, ticks, starved| {
        let Played { errors, pictures, extrapolated, .. } = played;
        [(1, ShotStep { errors, pictures, extrapolated, ticks, starved })]
    };
    let rough = flown(real.rough, real.rough_ticks, real.rough_starved);
    let stalling = flown(real.stalling, 0, 0);
    let mut figures = vec![
        corrections_among(&rough),
        extrapolated("100 ± 20 ms", 1.0, &rough),
        starved(&rough),
        extrapolated("the same, a stall of 300 ms every 10 s", 5.0, &stalling),
    ];
    let near = real.scores.first().map_or(f64::NAN, |(_, score)| share(*score));
    figures.extend(real.scores.iter().skip(1).map(|(delay_ms, score)| hits(*delay_ms, share(*score), near)));
    let back = real.cut.resumed_ms.iter().map(|ms| ms.is_finite().then_some(*ms));
    figures.push(resumed(&(1..).zip(back).collect::<Vec<_>>()));
    Ok(Figures(figures))
}

/// One rehearsal for each seed, on all cores.
fn over<T: Send>(seeds: u64, rehearse: impl Fn(u64) -> T + Sync) -> Vec<(u64, T)> {
    let next = AtomicU64::new(1);
    let work = || {
        let mut done = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > seeds {
                return done;
            }
            done.push((seed, rehearse(seed)));
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut all: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a rehearsal does not panic")).collect()
    });
    all.sort_by_key(|(seed, _)| *seed);
    all
}

fn worst<T>(all: &[(u64, T)], of: impl Fn(&T) -> f64) -> Option<u64> {
    let (seed, worst) = all.iter().map(|(seed, it)| (*seed, of(it))).max_by(|a, b| a.1.total_cmp(&b.1))?;
    (worst > 0.0).then_some(seed)
}

fn answers(seeds: u64, delay_ms: f64) -> Figure {
    let all = over(seeds, |seed| rehearsal::answers(delay_ms, seed));
    let keys: u32 = all.iter().map(|(_, (keys, _))| keys).sum();
    let unanswered: u32 = all.iter().map(|(_, (_, unanswered))| unanswered).sum();
    Figure {
        name: format!("own ship's answer to a key, {delay_ms:.0} ms"),
        bar: "the next picture".into(),
        measured: format!("{} of {keys} in the next picture", keys - unanswered),
        holds: unanswered == 0 && keys > 0,
        worst_seed: worst(&all, |(_, unanswered)| f64::from(*unanswered)),
    }
}

fn corrections_alone(all: &[(u64, ShotStep)]) -> Figure {
    let count = |flown: &ShotStep| flown.errors.iter().filter(|error| **error > 0.0).count();
    let (frames, corrected) = all.iter().fold((0, 0), |(frames, corrected), (_, flown)| {
        (frames + flown.errors.len(), corrected + count(flown))
    });
    Figure {
        name: "correction, 100 ± 20 ms, nothing unforeseen".into(),
        bar: "0 to the bit".into(),
        measured: format!("{corrected} of {frames} frames corrected"),
        holds: corrected == 0 && frames > 0,
        worst_seed: worst(all, |flown| count(flown) as f64),
    }
}

fn corrections_among(all: &[(u64, ShotStep)]) -> Figure {
    let mut errors: Vec<f32> = all.iter().flat_map(|(_, flown)| flown.errors.iter().copied()).collect();
    errors.sort_by(f32::total_cmp);
    let at = |share: f64| errors.get((errors.len() as f64 * share) as usize).copied().unwrap_or(f32::NAN);
    Figure {
        name: "correction, 100 ± 20 ms, among 24 drones".into(),
        bar: "p99 ≤ 2 units".into(),
        measured: format!(
            "p99 {:.2}, p99.9 {:.2}, most {:.1} units",
            at(0.99),
            at(0.999),
            errors.last().copied().unwrap_or(f32::NAN)
        ),
        holds: at(0.99) <= 2.0,
        worst_seed: worst(all, |flown| flown.errors.iter().copied().fold(0.0, f32::max).into()),
    }
}

fn extrapolated(link: &str, bar_percent: f64, all: &[(u64, ShotStep)]) -> Figure {
    let pictures: u64 = all.iter().map(|(_, flown)| flown.pictures).sum();
    let extrapolated: u64 = all.iter().map(|(_, flown)| flown.extrapolated).sum();
    let percent = 100.0 * extrapolated as f64 / pictures as f64;
    Figure {
        name: format!("pictures with others extrapolated, {link}"),
        bar: format!("≤ {bar_percent} %"),
        measured: format!("{percent:.2} % of {pictures}"),
        holds: percent <= bar_percent,
        worst_seed: worst(all, |flown| flown.extrapolated as f64),
    }
}

fn starved(all: &[(u64, ShotStep)]) -> Figure {
    let ticks: u64 = all.iter().map(|(_, flown)| flown.ticks).sum();
    let starved: u64 = all.iter().map(|(_, flown)| flown.starved).sum();
    let percent = 100.0 * starved as f64 / ticks as f64;
    Figure {
        name: "ticks without a fresh input, 100 ± 20 ms".into(),
        bar: "≤ 0.5 %".into(),
        measured: format!("{percent:.3} % of {ticks}"),
        holds: percent <= 0.5,
        worst_seed: worst(all, |flown| flown.starved as f64),
    }
}

fn hit_share(seeds: u64, delay_ms: f64) -> f64 {
    let all = over(seeds, |seed| rehearsal::shots(delay_ms, seed));
    let sum = |of: fn(&Score) -> u32| all.iter().map(|(_, score)| of(score)).sum();
    share(Score { shots: sum(|score| score.shots), hits: sum(|score| score.hits) })
}

fn share(score: Score) -> f64 {
    f64::from(score.hits) / f64::from(score.shots)
}

fn hits(delay_ms: f64, share: f64, near: f64) -> Figure {
    let ratio = share / near;
    Figure {
        name: format!("aimed shots that hit, {delay_ms:.0} ms"),
        bar: "≥ 95 % as often as at 0 ms".into(),
        measured: format!(
            "{:.1} % ({:.1} of 100 shots, {:.1} at 0 ms)",
            100.0 * ratio,
            100.0 * share,
            100.0 * near
        ),
        holds: ratio >= 0.95,
        worst_seed: None,
    }
}

fn resumed(all: &[(u64, Option<f64>)]) -> Figure {
    let back: Vec<f64> = all.iter().filter_map(|(_, ms)| *ms).collect();
    let most_ms = back.iter().copied().fold(0.0, f64::max);
    Figure {
        name: "ship and embers back after a cut of 5 s".into(),
        bar: "≤ 1 s after the link returns".into(),
        measured: format!("{} of {} came back, the last after {most_ms:.0} ms", back.len(), all.len()),
        holds: !all.is_empty() && back.len() == all.len() && most_ms <= 1000.0,
        worst_seed: worst(all, |ms| ms.unwrap_or(f64::MAX)),
    }
}

fn hidden(seeds: u64) -> Figure {
    let all = over(seeds, |seed| rehearsal::hidden(10.0, seed));
    let most = |of: fn(&Hidden) -> f64| all.iter().map(|(_, hidden)| of(hidden)).fold(0.0, f64::max);
    let disconnects = most(|hidden| f64::from(hidden.disconnects));
    let bytes = most(|hidden| hidden.bytes_per_second);
    let is_well = all.iter().all(|(_, hidden)| hidden.full_views == 1 && hidden.is_back);
    Figure {
        name: "hidden for 10 minutes".into(),
        bar: "0 disconnects, one full view on return, ≤ 1000 B/s".into(),
        measured: format!(
            "{disconnects:.0} disconnects, {} full views on {} returns, {bytes:.0} B/s",
            all.iter().map(|(_, hidden)| hidden.full_views).sum::<u32>(),
            all.len()
        ),
        holds: disconnects == 0.0 && bytes <= 1000.0 && is_well,
        worst_seed: worst(&all, |hidden| hidden.bytes_per_second),
    }
}
