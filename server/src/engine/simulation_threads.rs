//! The simulation threads of a server. They tick all its arenas; at any time one thread owns an arena. An arena goes to the thread
//! with the least work, and moves to another when its thread has too much. Must not know what a tick does.

mod placement;

use std::{
    fmt::Debug,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{SendTimeoutError, Sender, bounded};
use tracing::{Span, info};

use self::placement::Move;
use super::{
    arena_status::ArenaStatus,
    notifier::Notifier,
    tick_loop::{Hosted, Hosting, Order, TakeArena, run_thread},
    ticker::Ticker,
};

/// How long a thread has to give up an arena, and another to take it: a few ticks are far shorter. One that hangs keeps it.
const HAND_OVER_MAX: Duration = Duration::from_secs(2);
/// How long a thread waits for the arena that it gives up to be taken. It is waited for, so this takes no time.
const GIVE_MAX: Duration = Duration::from_millis(10);
/// Into how many parts a tick's period is divided. Arenas of one part are due at the same time, so that their thread and the network's
/// are woken once for all; and no arena waits for all the others of its thread, which would look like an overload.
const PHASES: u32 = 8;
/// Orders that may wait for a thread. It carries them out between two ticks.
const ORDERS_MAX: usize = 4096;
/// Between two looks whether a thread has taken an arena.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// As many as there are cores but one, which the network has; at least one.
pub fn default_threads() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// What can be done with the threads whatever they run.
pub trait ThreadControl: Debug + Send + Sync {
    /// Whether an arena is to be moved. Never blocks.
    fn is_unbalanced(&self) -> bool;
    /// Moves an arena off a thread that has too much to do, if that helps. Blocks for a tick or two.
    fn rebalance(&self);
    /// Lets the threads do a last tick of each arena and end. They do so soon.
    fn stop(&self);
}

/// All simulation threads of a server.
#[derive(Debug)]
pub struct SimulationThreads<T> {
    /// What is told to each thread, and what runs on it.
    arenas: Mutex<Hosts<T>>,
    stop: Arc<AtomicBool>,
    /// All arenas count their ticks from here.
    epoch: Instant,
}

#[derive(Debug)]
struct Hosts<T> {
    orders: Vec<Sender<Order<T>>>,
    running: Vec<Arc<ArenaStatus>>,
    /// How many arenas there were.
    added: u32,
}

impl<T: Hosted> SimulationThreads<T> {
    /// Starts `count` threads, which wake the network's by `notifier`. They end by
    /// [`ThreadControl::stop`].
    pub fn start(count: usize, notifier: &Notifier) -> io::Result<(Self, Vec<JoinHandle<()>>)> {
        let stop = Arc::new(AtomicBool::new(false));
        let (mut orders, mut handles) = (Vec::new(), Vec::new());
        for number in 0..count.max(1) {
            let (sender, receiver) = bounded(ORDERS_MAX);
            let (notifier, stop) = (notifier.clone(), Arc::clone(&stop));
            let run = move || run_thread(&receiver, number, &notifier, &stop);
            handles.push(thread::Builder::new().name("simulation".to_owned()).spawn(run)?);
            orders.push(sender);
        }
        let arenas = Mutex::new(Hosts { orders, running: Vec::new(), added: 0 });
        Ok((Self { arenas, stop, epoch: Instant::now() }, handles))
    }

    fn hosts(&self) -> MutexGuard<'_, Hosts<T>> {
        // Valid after a panic elsewhere too: each change is one step.
        self.arenas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the thread with the least work run an arena, `tick_rate` times a second. `span` names it in the log. Returns where its
    /// thread says how it does. Blocks for a tick or two if an arena is just being moved.
    pub fn add(&self, arena: T, tick_rate: u16, span: Span) -> Arc<ArenaStatus> {
        let status = Arc::<ArenaStatus>::default();
        let mut hosts = self.hosts();
        let phase = Duration::from_secs(1) / u32::from(tick_rate) * (hosts.added % PHASES) / PHASES;
        hosts.added = hosts.added.wrapping_add(1);
        let ticker = Ticker::aligned(self.epoch + phase, Instant::now(), tick_rate);
        let hosting = Box::new(Hosting::new(arena, ticker, Arc::clone(&status), span));
        let thread = placement::least_loaded(&hosts.loads());
        // The number is set at once, so that the next one is placed by it.
        status.set_thread(thread);
        hosts.running.push(Arc::clone(&status));
        // It fails if the thread has ended or hangs, which the watch notices.
        if hosts.orders[thread].try_send(Order::Add(hosting)).is_err() {
            status.end();
        }
        status
    }

    /// Takes an arena off its thread, if it still runs. Blocks for a tick or two; `None` if its thread hangs or the arena has ended.
    pub fn remove(&self, status: &Arc<ArenaStatus>) -> Option<T> {
        let mut hosts = self.hosts();
        let hosting = hosts.take(status)?;
        hosts.running.retain(|other| !Arc::ptr_eq(other, status));
        Some(hosting.into_arena())
    }
}

impl<T: Hosted + Debug> ThreadControl for SimulationThreads<T> {
    fn is_unbalanced(&self) -> bool {
        // While another arena is being moved, the next look is soon enough.
        self.arenas.try_lock().is_ok_and(|hosts| placement::next_move(&hosts.loads()).is_some())
    }

    fn rebalance(&self) {
        let mut hosts = self.hosts();
        if self.stop.load(Ordering::Relaxed) {
            return;
        }
        hosts.running.retain(|status| !status.has_ended());
        let Some(Move { arena, from, to }) = placement::next_move(&hosts.loads()) else { return };
        let Some(status) = hosts.on_thread(from).nth(arena).cloned() else { return };
        let Some(hosting) = hosts.take(&status) else { return };
        if hosts.orders[to].try_send(Order::Add(hosting)).is_err() {
            return status.end();
        }
        let until = Instant::now() + HAND_OVER_MAX;
        while status.thread() != Some(to) && Instant::now() < until {
            thread::sleep(LOOK_EVERY);
        }
        info!(
            load = status.load(),
            "an arena has moved from simulation thread {from} to {to}, which has less to do"
        );
    }

    fn stop(&self) {
        // None is on its way while this is held.
        let _hosts = self.hosts();
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl<T: Hosted> Hosts<T> {
    /// The arenas of a thread.
    fn on_thread(&self, thread: usize) -> impl Iterator<Item = &Arc<ArenaStatus>> {
        self.running.iter().filter(move |status| status.thread() == Some(thread))
    }

    /// The loads of the arenas of each thread.
    fn loads(&self) -> Vec<Vec<f32>> {
        let loads_of = |thread| self.on_thread(thread).map(|status| status.load()).collect();
        (0..self.orders.len()).map(loads_of).collect()
    }

    /// Takes an arena off its thread.
    fn take(&self, status: &Arc<ArenaStatus>) -> Option<Box<Hosting<T>>> {
        // Without a place to wait in: the arena changes hands while this waits for it, or it stays. After a pause of the whole process
        // this may have given up before the thread has seen the order.
        let (sender, receiver) = bounded(0);
        let then =
            move |hosting| sender.send_timeout(hosting, GIVE_MAX).err().map(SendTimeoutError::into_inner);
        let then: TakeArena<T> = Box::new(then);
        let orders = self.orders.get(status.thread()?)?;
        orders.try_send(Order::Remove { status: Arc::clone(status), then }).ok()?;
        receiver.recv_timeout(HAND_OVER_MAX).ok()
    }
}

#[cfg(test)]
mod tests;
