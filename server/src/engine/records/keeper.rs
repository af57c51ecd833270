//! The task that writes records. It takes what the simulations have left ten times a second, and writes it in batches. While the
//! database is away or full, it tries again with growing pauses, and up to [`PENDING_MAX`] records wait.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crossbeam_channel::Receiver;
use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinHandle, spawn_blocking},
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use crate::engine::identity::Identities;

use super::{
    error::RecordsError,
    record::{LastingId, Record},
    sink::{RecordCounters, RecordQueue},
    store::{Place, Rows, Store},
};

/// How often the queue is looked into.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Records of one transaction. Each record changes a few pages anywhere, so that a larger batch writes less for each: it doubles while
/// more records wait than are written, and halves when the database does not answer in time.
const BATCH_MIN: usize = 500;
const BATCH: usize = 10_000;
const BATCH_MAX: usize = 40_000;
/// Records that wait while the database is away: about 100 MB, or a player's death every 6 ms for ten minutes.
const PENDING_MAX: usize = 100_000;
/// For one batch.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Pauses after a failure, and their bound.
const RETRY_FIRST: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(10);
/// How often what is old is deleted.
const DELETE_EVERY: Duration = Duration::from_secs(600);
/// Requests to erase that wait.
const ERASES: usize = 16;

/// A request to delete everything about a player.
struct Erase {
    player: LastingId,
    done: oneshot::Sender<Result<(), RecordsError>>,
}

/// The keeper does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("records are busy or ended")]
pub struct KeeperEnded;

/// The records as the network side reads them. Clones are the same.
#[derive(Clone, Debug)]
pub struct Records {
    /// The database.
    pub store: Arc<Store>,
    /// What is counted.
    pub counters: Arc<RecordCounters>,
    /// Who players are.
    pub identities: Arc<Identities>,
    erases: mpsc::Sender<Erase>,
}

impl Records {
    /// Deletes everything about a player, what waits to be written included.
    pub async fn erase(&self, player: LastingId) -> Result<Result<(), RecordsError>, KeeperEnded> {
        let (done, answer) = oneshot::channel();
        self.erases.try_send(Erase { player, done }).map_err(|_| KeeperEnded)?;
        answer.await.map_err(|_| KeeperEnded)
    }
}

/// The task, and its ends.
#[derive(Debug)]
pub struct RecordKeeper {
    records: Records,
    queue: RecordQueue,
    stop: oneshot::Sender<Instant>,
    task: JoinHandle<()>,
}

impl RecordKeeper {
    /// Opens the database and starts the task. A database that is away is no error: records wait for it.
    pub async fn start(place: &Place, retention: Option<Duration>) -> Result<Self, RecordsError> {
        Self::of(Store::new(place)?, retention).await
    }

    pub(super) async fn of(store: Store, retention: Option<Duration>) -> Result<Self, RecordsError> {
        let (store, counters) = (Arc::new(store), Arc::<RecordCounters>::default());
        match store.prepare().await {
            Ok(()) => {}
            Err(error) if error.may_pass() => {
                counters.delayed.set(1);
                tracing::error!("{}; the game goes on, and records wait until it can be", error.in_full());
            }
            Err(error) => return Err(error),
        }
        let identities = Arc::new(Identities::new(Instant::now().into_std())?);
        let (queue, waiting) = RecordQueue::new(Arc::clone(&counters));
        let (erases, asked) = mpsc::channel(ERASES);
        let (stop, stopped) = oneshot::channel();
        let work = Work {
            store: Arc::clone(&store),
            counters: Arc::clone(&counters),
            queue: waiting,
            pending: VecDeque::new(),
            batch: BATCH,
            retention,
            failure: String::new(),
            pause: Duration::ZERO,
            try_at: Instant::now(),
            delete_at: Instant::now(),
        };
        let task = tokio::spawn(work.run(asked, stopped));
        Ok(Self { records: Records { store, counters, identities, erases }, queue, stop, task })
    }

    /// For the network side.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// For the simulations.
    pub fn queue(&self) -> &RecordQueue {
        &self.queue
    }

    /// Whether the task has ended. It must not before [`Self::finish`].
    pub fn has_ended(&self) -> bool {
        self.task.is_finished()
    }

    /// Writes what waits, for at most this time. The simulations must have ended. Returns whether all is written.
    pub async fn finish(self, most: Duration) -> bool {
        let Self { records, stop, task, .. } = self;
        let _ = stop.send(Instant::now() + most);
        let ended = timeout(most + Duration::from_secs(1), task).await;
        let left = records.counters.pending.get();
        if left > 0 {
            tracing::error!("{left} records were not written: {} takes none", records.store.place);
        }
        ended.is_ok() && left == 0
    }
}

/// What the task works with.
struct Work {
    store: Arc<Store>,
    counters: Arc<RecordCounters>,
    queue: Receiver<Record>,
    pending: VecDeque<Record>,
    /// Most records of the next transaction.
    batch: usize,
    retention: Option<Duration>,
    /// The last failure; empty while there is none.
    failure: String,
    /// After it.
    pause: Duration,
    try_at: Instant,
    delete_at: Instant,
}

impl Work {
    async fn run(mut self, mut asked: mpsc::Receiver<Erase>, mut stopped: oneshot::Receiver<Instant>) {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let deadline = loop {
            tokio::select! {
                deadline = &mut stopped => break deadline.unwrap_or_else(|_| Instant::now()),
                Some(erase) = asked.recv() => self.erase(erase).await,
                _ = look.tick() => {
                    self.take();
                    while self.has_work() && Instant::now() >= self.try_at {
                        self.write_batch().await;
                    }
                    if Instant::now() >= self.delete_at && !self.counters.is_delayed() {
                        self.delete_old().await;
                    }
                }
            }
        };
        self.take();
        while !self.pending.is_empty() && Instant::now() < deadline {
            self.write_batch().await;
            // The pause is for an outage; what is left of the time is short.
            tokio::time::sleep(self.pause.min(LOOK_EVERY)).await;
        }
    }

    /// Takes what the simulations have left.
    fn take(&mut self) {
        let Self { queue, pending, counters, .. } = self;
        take(queue, pending, counters);
    }

    /// After a failure also without a record: the next attempt shows whether the database is back.
    fn has_work(&self) -> bool {
        !self.pending.is_empty() || self.counters.is_delayed()
    }

    async fn write_batch(&mut self) {
        let Self { store, counters, queue, pending, .. } = self;
        let batch: Arc<[Record]> = pending.iter().take(self.batch).cloned().collect();
        let write = async {
            let of_batch = Arc::clone(&batch);
            // On a thread that may block: tens of milliseconds would delay what the network's have to send.
            let rows = spawn_blocking(move || Rows::of(&of_batch)).await;
            store.write_rows(rows.unwrap_or_else(|_| Rows::of(&batch))).await
        };
        match while_taking(timeout(WRITE_TIMEOUT, write), queue, pending, counters).await {
            Ok(Ok(())) => self.on_written(batch.len()),
            // In a small batch first: each record becomes a transaction of its own.
            Ok(Err(error)) if error.is_of_data() && batch.len() > BATCH_MIN => self.batch = BATCH_MIN,
            Ok(Err(error)) if error.is_of_data() => self.on_refused(&batch, &error).await,
            Ok(Err(error)) => self.on_failure(&error.in_full()),
            Err(_) => {
                let why = format!("{} does not answer", self.store.place);
                self.batch = (self.batch / 2).max(BATCH_MIN);
                self.on_failure(&why);
            }
        }
    }

    fn on_written(&mut self, count: usize) {
        self.pending.drain(..count);
        self.counters.pending.set(self.pending.len() as u64);
        self.counters.written_total.add(count as u64);
        if count == self.batch && self.pending.len() > count {
            self.batch = (self.batch * 2).min(BATCH_MAX);
        }
        self.pause = Duration::ZERO;
        self.failure.clear();
        if self.counters.is_delayed() {
            self.counters.delayed.set(0);
            tracing::warn!("records are written to {} again", self.store.place);
        }
    }

    /// The database refuses a value. The batch is written record by record, without those that it refuses.
    async fn on_refused(&mut self, batch: &[Record], error: &RecordsError) {
        tracing::error!("a record is left out, please report this: {}", error.in_full());
        for record in batch {
            match self.store.write(std::slice::from_ref(record)).await {
                Ok(()) => self.on_written(1),
                Err(error) if error.is_of_data() => {
                    self.pending.pop_front();
                    self.counters.pending.set(self.pending.len() as u64);
                    self.counters.dropped_total.inc();
                }
                Err(error) => return self.on_failure(&error.in_full()),
            }
        }
    }

    fn on_failure(&mut self, why: &str) {
        self.counters.delayed.set(1);
        // Once, and not at every attempt.
        if self.failure != why {
            why.clone_into(&mut self.failure);
            tracing::error!("{why}; the game goes on, and up to {PENDING_MAX} records wait");
        }
        self.pause = (self.pause * 2).clamp(RETRY_FIRST, RETRY_MAX);
        self.try_at = Instant::now() + self.pause;
    }

    /// What waits is not written afterwards.
    async fn erase(&mut self, Erase { player, done }: Erase) {
        self.take();
        self.pending.retain(|record| record.player() != player);
        self.counters.pending.set(self.pending.len() as u64);
        let Self { store, counters, queue, pending, .. } = self;
        let erase = timeout(WRITE_TIMEOUT, store.erase(player));
        let erased = while_taking(erase, queue, pending, counters).await;
        if let Ok(erased) = erased {
            // The request may have been given up.
            let _ = done.send(erased);
        }
    }

    async fn delete_old(&mut self) {
        self.delete_at = Instant::now() + DELETE_EVERY;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let Self { store, counters, queue, pending, retention, .. } = self;
        match while_taking(store.delete_old(now, *retention), queue, pending, counters).await {
            Ok(deleted) => tracing::debug!(?deleted, "old records are deleted"),
            Err(error) => tracing::warn!("old records are not deleted: {}", error.in_full()),
        }
    }
}

/// Waits for work with the database, and meanwhile takes what the simulations leave: their queue is short, and the work may take long.
async fn while_taking<T>(
    work: impl Future<Output = T>,
    queue: &Receiver<Record>,
    pending: &mut VecDeque<Record>,
    counters: &RecordCounters,
) -> T {
    let (mut work, mut look) = (pin!(work), interval(LOOK_EVERY));
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = look.tick() => take(queue, pending, counters),
        }
    }
}

/// Takes what the simulations have left, and drops what is beyond the bound.
fn take(queue: &Receiver<Record>, pending: &mut VecDeque<Record>, counters: &RecordCounters) {
    for record in queue.try_iter().take(queue.len()) {
        if pending.len() < PENDING_MAX {
            pending.push_back(record);
        } else {
            counters.dropped_total.inc();
        }
    }
    counters.pending.set(pending.len() as u64);
}
