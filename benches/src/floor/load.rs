//! The players' half: as many sockets as asked for on as few threads, each sending an input a tick at its own
//! moment of it, and counting what it gets. As cheap as can be, so that what it measures is the server.

mod client;
mod worker;

use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicU8, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::report::{LoadReport, OwnCost};
use crate::{
    bot::{Percentiles, Ramp, Spread},
    usage::own_cpu_seconds,
};

use worker::{Tally, Worker};

/// How long after the ramp's end stragglers are waited for.
const STRAGGLERS: Duration = Duration::from_secs(10);
/// How often the run looks at how it stands.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Share of a tick by which one input in a hundred may be late before the load, not the server, is measured.
const LATE_TICKS_MAX: f64 = 0.5;

/// What a run is made of.
#[derive(Clone, Copy, Debug)]
pub struct LoadPlan {
    /// Where the floor's server is.
    pub address: SocketAddr,
    /// Sockets, at least 1.
    pub players: u32,
    /// Bytes of the server's frames.
    pub frame_bytes: usize,
    /// Inputs that each sends a second.
    pub tick_rate: u16,
    /// Measured time, from when all have joined.
    pub seconds: f64,
    /// How fast they come.
    pub ramp: Ramp,
    /// Threads for all of them together.
    pub threads: u16,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Players come in.
    Joining,
    /// What happens now counts.
    Measuring,
    /// It is over.
    Measured,
}

/// What the threads of a run share.
#[derive(Debug)]
struct Shared {
    plan: LoadPlan,
    began: Instant,
    /// A [`Phase`] as a number.
    phase: AtomicU8,
    joined: AtomicU32,
}

impl Shared {
    fn tick(&self) -> Duration {
        Duration::from_secs(1) / u32::from(self.plan.tick_rate.max(1))
    }

    fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Relaxed) == phase as u8
    }
}

/// Runs the load to its end and reports. `on_phase` is told when the measured time begins and ends, from this
/// thread.
pub fn load(plan: &LoadPlan, mut on_phase: impl FnMut(Phase)) -> io::Result<LoadReport> {
    let shared = Shared {
        plan: *plan,
        began: Instant::now(),
        phase: AtomicU8::new(Phase::Joining as u8),
        joined: AtomicU32::new(0),
    };
    let mut enter = |phase: Phase| {
        shared.phase.store(phase as u8, Ordering::Relaxed);
        on_phase(phase);
    };
    let threads = u32::from(plan.threads.max(1));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|number| Worker::new(&shared, number, threads))
            .collect::<io::Result<Vec<_>>>()?
            .into_iter()
            .map(|worker| scope.spawn(move || worker.run()))
            .collect();
        let ready = shared.began + plan.ramp.start_of(plan.players) + STRAGGLERS;
        while shared.joined.load(Ordering::Relaxed) < plan.players && Instant::now() < ready {
            thread::sleep(LOOK_EVERY);
        }
        let (cpu_before, from) = (own_cpu_seconds(), Instant::now());
        enter(Phase::Measuring);
        thread::sleep(Duration::from_secs_f64(plan.seconds));
        enter(Phase::Measured);
        let (cpu_after, seconds) = (own_cpu_seconds(), from.elapsed().as_secs_f64());
        let mut sum = Tally::default();
        for worker in workers {
            let tally = worker.join().map_err(|_| io::Error::other("a thread of the load panicked"))??;
            sum.merge(tally);
        }
        Ok(reported(plan, sum, seconds, cpu_after - cpu_before))
    })
}

fn reported(plan: &LoadPlan, mut tally: Tally, seconds: f64, cpu_seconds: f64) -> LoadReport {
    tally.frames.sort_unstable();
    let rank = |share: f64| {
        let last = tally.frames.len().saturating_sub(1);
        tally.frames.get((last as f64 * share).round() as usize).map_or(0.0, |&count| count as f64 / seconds)
    };
    let times = |times: &hdrhistogram::Histogram<u64>| Percentiles {
        p1: None,
        p50: times.value_at_quantile(0.5) as f64 / 1000.0,
        p99: Some(times.value_at_quantile(0.99) as f64 / 1000.0),
        max: Some(times.max() as f64 / 1000.0),
    };
    let lateness_ms = times(&tally.lateness_us);
    let mut invalid_because = Vec::new();
    let late_ms_max = LATE_TICKS_MAX * 1000.0 / f64::from(plan.tick_rate.max(1));
    if lateness_ms.p99.is_some_and(|late_ms| late_ms > late_ms_max) {
        invalid_because.push(format!(
            "one input in a hundred left {:.1} ms late or more: the load is what is slow",
            lateness_ms.p99.unwrap_or_default()
        ));
    }
    let joined = tally.frames.len() as u32;
    let per_player = if joined > 0 { tally.bytes as f64 / f64::from(joined) / seconds } else { 0.0 };
    LoadReport {
        players_requested: plan.players,
        players_joined: joined,
        players_at_end: tally.at_end,
        frames_received: tally.frames.iter().sum(),
        frames_per_player_second: Percentiles { p1: Some(rank(0.01)), p50: rank(0.5), p99: None, max: None },
        frame_gap_ms: times(&tally.gaps_us),
        bytes_per_player_second: Spread { mean: per_player, p99: None, max: None },
        seconds,
        bots: OwnCost { lateness_ms, cpu_seconds },
        valid: invalid_because.is_empty(),
        invalid_because,
    }
}
