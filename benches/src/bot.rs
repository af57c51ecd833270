//! Load bots: many players on few threads, each a whole client but for the drawing, and what they measured. It
//! must not know the server: bots reach it as anybody does.

mod address;
mod brain;
mod player;
mod ramp;
mod record;
mod report;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

pub use address::{Address, AddressError};
pub use ramp::{Ramp, RampError};
pub use report::{Disconnects, Percentiles, Report, Spread};

use record::Life;

/// How long after the ramp's end stragglers are waited for.
const STRAGGLERS: Duration = Duration::from_secs(10);
/// How long leaving may take.
const LEAVING: Duration = Duration::from_secs(5);
/// How often a run looks at how it stands.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the server is.
    pub address: Address,
    /// Bots.
    pub players: u32,
    /// Measured time, from when all have joined.
    pub seconds: f64,
    /// Of what the bots do.
    pub seed: u64,
    /// How fast they come.
    pub ramp: Ramp,
}

/// How a run stands, for whoever watches it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bots that had their first frame.
    pub joined: AtomicU32,
    /// Bots that never will.
    pub refused: AtomicU32,
    /// Bots in the game.
    pub playing: AtomicU32,
    /// Frames received by all.
    pub frames: AtomicU64,
    /// Bytes of messages received by all.
    pub bytes: AtomicU64,
    /// Whether the measured time has begun.
    pub measuring: AtomicBool,
}

/// What the bots of a run share.
#[derive(Debug)]
struct Shared {
    address: Address,
    /// Milliseconds are counted from here.
    began: Instant,
    progress: Arc<Progress>,
    /// Turns true once, when everyone is to leave.
    leave: watch::Receiver<bool>,
}

impl Shared {
    fn now_ms(&self) -> f64 {
        self.began.elapsed().as_secs_f64() * 1000.0
    }

    fn instant(&self, ms: f64) -> Instant {
        self.began + Duration::from_secs_f64(ms.max(0.0) / 1000.0)
    }
}

/// Runs the bots to the end and reports.
pub async fn run(plan: &Plan, progress: Arc<Progress>) -> Report {
    let (everyone_leaves, leave) = watch::channel(false);
    let began = Instant::now();
    let shared =
        Arc::new(Shared { address: plan.address.clone(), began, progress: Arc::clone(&progress), leave });
    let mut bots = JoinSet::new();
    for number in 0..plan.players {
        let (shared, seed) = (Arc::clone(&shared), plan.seed);
        let start = began + plan.ramp.start_of(number);
        bots.spawn(async move {
            sleep_until(start).await;
            player::live(number, seed, &shared).await
        });
    }

    let ready = began + plan.ramp.start_of(plan.players) + STRAGGLERS;
    let is_settled = || {
        let (joined, refused) = (&progress.joined, &progress.refused);
        joined.load(Ordering::Relaxed) + refused.load(Ordering::Relaxed) >= plan.players
    };
    while !is_settled() && Instant::now() < ready {
        sleep(LOOK_EVERY).await;
    }
    let measured_from = Instant::now();
    progress.measuring.store(true, Ordering::Relaxed);
    let until = measured_from + Duration::from_secs_f64(plan.seconds);
    while Instant::now() < until && !(is_settled() && progress.playing.load(Ordering::Relaxed) == 0) {
        sleep(LOOK_EVERY).await;
    }
    progress.measuring.store(false, Ordering::Relaxed);
    let at_end = progress.playing.load(Ordering::Relaxed);
    everyone_leaves.send_replace(true);

    let mut lives: Vec<Life> = Vec::new();
    let give_up = Instant::now() + LEAVING;
    while let Ok(Some(ended)) = tokio::time::timeout_at(give_up, bots.join_next()).await {
        // A bot that panicked has a bug, and counts as one that never joined.
        lives.extend(ended.ok());
    }
    Report::new(plan.players, at_end, &lives)
}
