//! A run from its beginning to its report: the bots join, a crowd gathers at the centre, all are measured, all leave.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle, sleep},
    time::{Duration, Instant},
};

use mio::Poll;
use server::engine::process::try_threads;
use shared::engine::{game_trait::Game as _, protocol::CloseReason};
use tokio::runtime::{Builder, Runtime};

use super::{
    LoadReport, Phase, Plan,
    bot::{NewPlayer, new_player},
    brain::Brain,
    flags::due_us,
    metrics::Scrape,
    record::{Results, RunState},
    roles::{BotSpec, Role, assign},
    rooms::Rooms,
    worker::Worker,
};
use crate::{
    conditioner::{Proxy, ProxyError},
    machine,
    report::ratio,
};

/// How long after the ramp's end late joiners are waited for.
const LATE_JOINERS: Duration = Duration::from_secs(10);
/// How long gathering may take: across the largest arena and around some rocks.
const GATHERING: Duration = Duration::from_secs(60);
/// Enough of the bots that are to gather.
const GATHERED_SHARE: f64 = 0.9;
const CHECK_EVERY: Duration = Duration::from_millis(20);

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(
        "no game server at {address} ({error}): start one with `cargo xtask play`, or give its address with --url"
    )]
    NoServer { address: super::Address, error: io::Error },
    #[error("cannot make {rooms} rooms at {address}: {error}; start the server with --rooms {rooms} or more")]
    NoRooms { rooms: u32, address: super::Address, error: io::Error },
    #[error("no baseline server at {address} ({error}): start one with `emberdrift-baseline`")]
    NoBaseline { address: String, error: io::Error },
    #[error("the server at {address} runs another game than these bots, which play {game}")]
    OtherGame { address: String, game: &'static str },
    #[error("none of {bots} bots could join {address}: {reasons}")]
    NoneJoined { bots: u32, address: String, reasons: String },
    #[error(transparent)]
    Conditioner(#[from] ProxyError),
    #[error("cannot start the bots' threads: {0}")]
    Thread(#[from] io::Error),
    #[error("a thread of bots panicked: please report the line about it")]
    Panicked,
}

/// Runs bots with such brains to their end, on threads of its own, and reports. `on_phase` is called from this thread.
///
/// # Errors
/// If there is nothing to report: no server answers, or it accepts no bot.
pub fn run<B: Brain>(plan: &Plan, mut on_phase: impl FnMut(Phase)) -> Result<LoadReport, RunError> {
    let route = Route::open(plan)?;
    let (bots, behaviour) = (assign(plan), plan.scenario.behaviour());
    let rooms = match plan.rooms {
        0 => Rooms::default(),
        count => Rooms::make(count, plan.bots, &plan.address, route.server)
            .map_err(|error| RunError::NoRooms { rooms: count, address: plan.address.clone(), error })?,
    };
    let state = Arc::new(RunState::new(plan, rooms, route.at));
    let at_centre = bots.iter().filter(|bot| bot.role == Role::Centre).count();
    let mut report = LoadReport::new(plan);
    report.stalled.count = bots.iter().filter(|bot| bot.slow.is_some()).count() as u32;
    let (full, lite): (Vec<_>, Vec<_>) = bots.into_iter().partition(|bot| bot.full);
    (report.bots.full, report.bots.lite) = (full.len() as u32, lite.len() as u32);
    // Full bots measure what a player would: they read when something arrives.
    let start = |bots, eager| start(bots, new_player::<B>, eager, &state);
    let workers = [start(full, true)?, start(lite, plan.eager)?];

    on_phase(Phase::Joining);
    state.wait_for_all();
    if behaviour.gathers {
        on_phase(Phase::Gathering);
        state.wait_for_gathering(at_centre);
        state.may_fight.store(!plan.peaceful, Ordering::Relaxed);
    }
    if !state.is_empty() {
        on_phase(Phase::Measuring);
        state.measure(route.server, &mut report);
        on_phase(Phase::Measured);
    }
    state.is_over.store(true, Ordering::Relaxed);
    let mut results = Results::default();
    for worker in workers {
        results.merge(worker.join().map_err(|_| RunError::Panicked)?);
    }
    report.tick_rate = state.tick_rate.load(Ordering::Relaxed);
    report.add_results(&results);
    if report.players_joined == 0 {
        if report.disconnects.contains_key(CloseReason::OtherGame.label()) {
            return Err(RunError::OtherGame { address: plan.address.to_string(), game: B::Game::NAME });
        }
        let reasons = report.disconnects.iter();
        let reasons: Vec<_> = reasons.map(|(reason, count)| format!("{reason} ({count} times)")).collect();
        let reasons =
            if reasons.is_empty() { "no frame came in time".to_owned() } else { reasons.join("; ") };
        let (bots, address) = (plan.bots, plan.address.to_string());
        return Err(RunError::NoneJoined { bots, address, reasons });
    }
    Ok(report)
}

/// Starts bots on a thread of their own.
fn start(
    bots: Vec<BotSpec>,
    new_player: NewPlayer,
    eager: bool,
    state: &Arc<RunState>,
) -> io::Result<JoinHandle<Results>> {
    let (state, poll) = (Arc::clone(state), Poll::new()?);
    let work = move || {
        let _watched = Watched(&state);
        Worker::new(bots, new_player, poll, eager, &state).run()
    };
    thread::Builder::new().name("bots".to_owned()).spawn(work)
}

/// On a thread of bots: ends the run if the thread panics.
struct Watched<'a>(&'a RunState);

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.has_panicked.store(true, Ordering::Relaxed);
        }
    }
}

/// The way to the server: straight, or through a network conditioner that ends with this.
struct Route {
    server: SocketAddr,
    /// Where bots connect.
    at: SocketAddr,
    _conditioner: Option<Runtime>,
}

impl Route {
    /// Checks that the server answers, before any bot is started.
    fn open(plan: &Plan) -> Result<Self, RunError> {
        let Plan { address, baseline, conditions, .. } = plan;
        let server = address.find().map_err(|error| match baseline {
            None => RunError::NoServer { address: address.clone(), error },
            Some(_) => RunError::NoBaseline { address: address.authority.clone(), error },
        })?;
        let Some(conditions) = *conditions else {
            return Ok(Self { server, at: server, _conditioner: None });
        };
        // The runtime itself can only panic.
        try_threads(1)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let proxy =
            runtime.block_on(Proxy::bind(([127, 0, 0, 1], 0).into(), &server.to_string(), conditions))?;
        let at = proxy.address();
        // Bots say themselves that their connection was lost.
        runtime.spawn(proxy.run(drop));
        Ok(Self { server, at, _conditioner: Some(runtime) })
    }
}

impl RunState {
    /// Whether every bot has joined or never will.
    fn is_settled(&self) -> bool {
        self.has_panicked.load(Ordering::Relaxed)
            || self.joined.load(Ordering::Relaxed) + self.refused.load(Ordering::Relaxed) >= self.plan.bots
    }

    /// Whether no bot is left, and none comes any more, or a thread has panicked.
    fn is_empty(&self) -> bool {
        self.has_panicked.load(Ordering::Relaxed) || self.retired.load(Ordering::Relaxed) >= self.plan.bots
    }

    fn wait_for_all(&self) {
        let plan = &self.plan;
        let until = self.began + Duration::from_micros(due_us(plan.bots, plan.ramp)) + LATE_JOINERS;
        while !self.is_settled() && Instant::now() < until {
            sleep(CHECK_EVERY);
        }
    }

    fn wait_for_gathering(&self, bots: usize) {
        let until = Instant::now() + GATHERING;
        let enough = (bots as f64 * GATHERED_SHARE) as u32;
        let has_gathered = || self.gathered.load(Ordering::Relaxed) >= enough;
        while !has_gathered() && !self.is_empty() && Instant::now() < until {
            sleep(CHECK_EVERY);
        }
    }

    fn measure(&self, server: SocketAddr, report: &mut LoadReport) {
        let plan = &self.plan;
        let scrape = || plan.baseline.is_none().then(|| Scrape::fetch(&plan.address, server).ok()).flatten();
        let before = scrape();
        let (began, cpu_seconds) = (Instant::now(), machine::own_cpu_seconds());
        self.measured_from_us.store(self.now_us().max(1), Ordering::Relaxed);
        self.is_measuring.store(true, Ordering::Relaxed);
        let until = began + Duration::from_secs_f64(plan.seconds);
        while Instant::now() < until && !self.is_empty() {
            sleep(CHECK_EVERY.min(until.saturating_duration_since(Instant::now())));
        }
        self.is_measuring.store(false, Ordering::Relaxed);
        report.seconds = began.elapsed().as_secs_f64();
        report.players_at_end = self.playing.load(Ordering::Relaxed);
        report.bots.cpu_seconds = machine::own_cpu_seconds() - cpu_seconds;
        report.bots.cpu_cores = ratio(report.bots.cpu_seconds, report.seconds);
        report.server = scrape().zip(before).map(|(after, before)| after.since(&before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_that_panics_ends_the_run() {
        let plan = Plan::new("ws://localhost:1".parse().unwrap());
        let state = Arc::new(RunState::new(&plan, Rooms::default(), ([127, 0, 0, 1], 9).into()));
        assert!(!state.is_settled() && !state.is_empty());
        let work = {
            let state = Arc::clone(&state);
            move || {
                let _watched = Watched(&state);
                panic!("as a bot with a bug does");
            }
        };
        assert!(thread::spawn(work).join().is_err());
        // No phase waits for the bots of this thread.
        state.wait_for_all();
        state.wait_for_gathering(3);
        assert!(state.is_settled() && state.is_empty());
    }
}
