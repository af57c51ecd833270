//! A run from its beginning to its report: everyone comes, some gather, all are measured, everyone leaves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, sleep_until},
};

use super::{
    Plan, Progress, Report,
    cast::{Part, Role, cast},
    detour::Detour,
    player,
    progress::Shared,
    record::Outcome,
    report::{Facts, Second},
    server_watch::Watch,
};
use crate::{swarm, usage};

/// How long after the ramp's end stragglers are waited for.
const STRAGGLERS: Duration = Duration::from_secs(10);
/// How long gathering may take: across the largest arena and around some rocks.
const GATHERING: Duration = Duration::from_secs(60);
/// So many of those who are to gather are enough.
const GATHERED_SHARE: f64 = 0.9;
/// How long leaving may take.
const LEAVING: Duration = Duration::from_secs(5);
/// How often a run looks at how it stands.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Runs the bots to the end and reports. To be called in a tokio runtime, which the whole clients run on.
pub async fn run(plan: &Plan, progress: Arc<Progress>) -> Report {
    let parts = cast(plan);
    let detour = match Detour::open(plan).await {
        Ok(detour) => detour,
        Err(reason) => return Report::nobody_came(plan, reason),
    };
    let (everyone_leaves, leave) = watch::channel(false);
    let behaviour = plan.behaviour();
    let shared = Arc::new(Shared {
        plan: plan.clone(),
        address: detour.address.clone(),
        began: Instant::now(),
        progress: Arc::clone(&progress),
        leave,
        fight: AtomicBool::new(!plan.peaceful && !behaviour.gathers),
        measured_from_us: AtomicU64::new(0),
        tick_rate: AtomicU16::new(0),
    });
    let centre = parts.iter().filter(|part| part.role == Role::Centre).count();
    let (whole, light): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.full);
    let mut facts = Facts {
        requested: plan.players,
        scenario: plan.scenario,
        link: plan.link,
        full: whole.len() as u32,
        light: light.len() as u32,
        stalled: light.iter().filter(|part| part.stall.is_some()).count() as u32,
        ..Facts::default()
    };
    let mut bots = start_whole(whole, &shared);
    let swarms = swarm::start(light, plan.threads, &shared);

    let run = Run { shared: &shared };
    run.wait_for_all().await;
    if behaviour.gathers {
        run.wait_for_gathering(centre).await;
        shared.fight.store(!plan.peaceful, Ordering::Relaxed);
    }
    run.measure(&mut facts).await;
    everyone_leaves.send_replace(true);

    let mut outcomes = Vec::new();
    let give_up = tokio::time::Instant::now() + LEAVING;
    while let Ok(Some(ended)) = tokio::time::timeout_at(give_up, bots.join_next()).await {
        // A bot that panicked has a bug, and counts as one that never joined.
        outcomes.extend(ended.ok());
    }
    outcomes.extend(end_of(swarms).await);
    facts.tick_rate = shared.tick_rate.load(Ordering::Relaxed);
    Report::new(facts, outcomes)
}

fn start_whole(parts: Vec<Part>, shared: &Arc<Shared>) -> JoinSet<Outcome> {
    let mut bots = JoinSet::new();
    for part in parts {
        let shared = Arc::clone(shared);
        let start = shared.began + shared.plan.ramp.start_of(part.number);
        bots.spawn(async move {
            sleep_until(start.into()).await;
            player::live(part, &shared).await
        });
    }
    bots
}

/// Waits for threads without keeping others from the runtime.
async fn end_of(swarms: Vec<JoinHandle<Outcome>>) -> Vec<Outcome> {
    let ends = || swarms.into_iter().filter_map(|swarm| swarm.join().ok()).collect();
    let joined = tokio::time::timeout(LEAVING, tokio::task::spawn_blocking(ends)).await;
    joined.ok().and_then(Result::ok).unwrap_or_default()
}

struct Run<'a> {
    shared: &'a Shared,
}

impl Run<'_> {
    fn progress(&self) -> &Progress {
        &self.shared.progress
    }

    /// Whether everyone has come or never will.
    fn is_settled(&self) -> bool {
        let Progress { joined, refused, .. } = self.progress();
        joined.load(Ordering::Relaxed) + refused.load(Ordering::Relaxed) >= self.shared.plan.players
    }

    /// Whether nobody is left, and nobody comes any more.
    fn is_empty(&self) -> bool {
        self.progress().over.load(Ordering::Relaxed) >= self.shared.plan.players
    }

    async fn wait_for_all(&self) {
        let plan = &self.shared.plan;
        let ready = self.shared.began + plan.ramp.start_of(plan.players) + STRAGGLERS;
        while !self.is_settled() && Instant::now() < ready {
            sleep(LOOK_EVERY).await;
        }
    }

    async fn wait_for_gathering(&self, bots: usize) {
        let until = Instant::now() + GATHERING;
        let enough = (bots as f64 * GATHERED_SHARE) as u32;
        let has_gathered = || self.progress().gathered.load(Ordering::Relaxed) >= enough;
        while !has_gathered() && !self.is_empty() && Instant::now() < until {
            sleep(LOOK_EVERY).await;
        }
    }

    /// The measured time, written down second by second.
    async fn measure(&self, facts: &mut Facts) {
        let (plan, progress) = (&self.shared.plan, self.progress());
        let watch = Watch::start(&plan.address.authority);
        progress.take_gaps();
        let mut before = Moment::now(progress);
        let first = before;
        self.shared.measured_from_us.store(self.shared.now_us().max(1), Ordering::Relaxed);
        progress.measuring.store(true, Ordering::Relaxed);
        let until = first.at + Duration::from_secs_f64(plan.seconds);
        while Instant::now() < until && !self.is_empty() {
            sleep(LOOK_EVERY).await;
            let next = first.at + Duration::from_secs(facts.timeline.len() as u64 + 1);
            if Instant::now() >= next {
                let now = Moment::now(progress);
                facts.timeline.push(now.second(&before, &first, progress));
                before = now;
            }
        }
        progress.measuring.store(false, Ordering::Relaxed);
        let last = Moment::now(progress);
        facts.seconds = (last.at - first.at).as_secs_f64();
        facts.cpu_seconds = last.cpu_seconds - first.cpu_seconds;
        facts.at_end = progress.playing.load(Ordering::Relaxed);
        let frames = last.frames - first.frames;
        facts.frames_of_all = frames;
        if let Some(watch) = watch {
            let stopped = tokio::task::spawn_blocking(move || watch.stop(frames)).await;
            facts.server = stopped.ok().flatten();
        }
    }
}

/// All that grows, at one moment.
#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    frames: u64,
    bytes: u64,
    cpu_seconds: f64,
}

impl Moment {
    fn now(progress: &Progress) -> Self {
        Self {
            at: Instant::now(),
            frames: progress.frames.load(Ordering::Relaxed),
            bytes: progress.bytes.load(Ordering::Relaxed),
            cpu_seconds: usage::own_cpu_seconds(),
        }
    }

    fn second(&self, before: &Self, first: &Self, progress: &Progress) -> Second {
        let seconds = (self.at - before.at).as_secs_f64();
        let gaps = progress.take_gaps();
        Second {
            second: (self.at - first.at).as_secs_f64().round(),
            players: progress.playing.load(Ordering::Relaxed),
            frames_per_second: (self.frames - before.frames) as f64 / seconds,
            bytes_per_second: (self.bytes - before.bytes) as f64 / seconds,
            gap_p99_ms: (!gaps.is_empty()).then(|| gaps.percentile_ms(99.0)),
            bots_cpu_cores: (self.cpu_seconds - before.cpu_seconds) / seconds,
        }
    }
}
