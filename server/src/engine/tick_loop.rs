//! Runs a simulation thread: calls for a tick of each of its arenas whenever one is due, and sleeps in between. Arenas come and go
//! while it runs. Must not know what a tick does.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use tracing::Span;

use super::{
    arena_status::ArenaStatus,
    notifier::Notifier,
    ticker::{Due, Ticker},
};

/// Longest sleep, so that orders and a stop are noticed soon even at a slow tick rate.
const SLEEP_MAX: Duration = Duration::from_millis(100);
/// How long before a tick the network's threads are woken, so that what has arrived is in the inbox in time.
const NOTIFY_BEFORE: Duration = Duration::from_millis(2);

/// What a simulation thread does for an arena.
pub trait Ticking {
    /// Does one tick, which begins now, at `began`.
    fn tick(&mut self, began: Instant);
    /// Notes what the tick took, and how late it began.
    fn ticked(&mut self, work: Duration, lateness: Duration);
    /// Lets `ticks` pass without doing them: the thread is too far behind to catch up.
    fn skip(&mut self, ticks: u32);
}

/// An arena that can end.
pub trait Hosted: Ticking + Send + 'static {
    /// Keeps what led to a panic in a tick. Nothing else looks at what the panic left half done.
    fn on_panic(&mut self);
    /// Ends it after its last tick.
    fn finish(self);
}

/// An arena on a simulation thread.
#[derive(Debug)]
pub struct Hosting<T> {
    arena: T,
    ticker: Ticker,
    status: Arc<ArenaStatus>,
    /// Names the arena in the log.
    span: Span,
}

/// Takes an arena off a thread, or gives it back: then the thread keeps it. Must not block for long.
pub type TakeArena<T> = Box<dyn FnOnce(Box<Hosting<T>>) -> Option<Box<Hosting<T>>> + Send>;

/// What a thread is told.
pub enum Order<T> {
    /// Runs this arena from now on.
    Add(Box<Hosting<T>>),
    /// Gives up the arena with this status. Nothing happens if the thread does not run it.
    Remove {
        /// Of the arena.
        status: Arc<ArenaStatus>,
        /// Takes it, or gives it back if it is not wanted any more.
        then: TakeArena<T>,
    },
}

impl<T: Hosted> Hosting<T> {
    /// Ticks when `ticker` says so. The thread keeps `status` up to date.
    pub fn new(arena: T, ticker: Ticker, status: Arc<ArenaStatus>, span: Span) -> Self {
        Self { arena, ticker, status, span }
    }

    /// The arena, which no thread runs.
    pub fn into_arena(self) -> T {
        self.arena
    }

    /// Does what is due. Returns whether the arena goes on.
    fn run_if_due(&mut self) -> bool {
        let Self { arena, ticker, status, span } = self;
        let due = ticker.due(Instant::now());
        if let Due::Wait(_) = due {
            return true;
        }
        let rate = ticker.rate();
        let ran = run(arena, status, span, |arena| match due {
            Due::Tick { lateness } => {
                let began = Instant::now();
                arena.tick(began);
                let work = began.elapsed();
                arena.ticked(work, lateness);
                status.on_tick(work, rate);
            }
            Due::Skip(ticks) => arena.skip(ticks),
            Due::Wait(_) => {}
        });
        if !ran {
            status.end();
        }
        ran
    }

    /// Does the last tick, and ends it.
    fn end(self) {
        let Self { mut arena, status, span, .. } = self;
        if run(&mut arena, &status, &span, |arena| arena.tick(Instant::now())) {
            // It takes the arena, so what it leaves half done is gone.
            let finished = catch_unwind(AssertUnwindSafe(|| span.in_scope(|| arena.finish())));
            if finished.is_err() {
                status.fail();
            }
        }
        status.end();
    }
}

/// Runs a part of an arena's work. Returns whether it did not panic.
fn run<T: Hosted>(arena: &mut T, status: &ArenaStatus, span: &Span, work: impl FnOnce(&mut T)) -> bool {
    status.set_in_tick(true);
    let ran = span.in_scope(|| {
        catch_unwind(AssertUnwindSafe(|| work(arena))).inspect_err(|_| {
            // A second panic, in keeping what led to the first, changes nothing.
            let _ = catch_unwind(AssertUnwindSafe(|| arena.on_panic()));
        })
    });
    status.set_in_tick(false);
    if ran.is_err() {
        status.fail();
    }
    ran.is_ok()
}

impl<T> Order<T> {
    /// `thread` is the number of the one that carries it out.
    fn carry_out(self, arenas: &mut Vec<Box<Hosting<T>>>, thread: usize) {
        match self {
            Self::Add(arena) => {
                arena.status.set_thread(thread);
                arenas.push(arena);
            }
            Self::Remove { status, then } => {
                if let Some(at) = arenas.iter().position(|arena| Arc::ptr_eq(&arena.status, &status)) {
                    let arena = arenas.remove(at);
                    arenas.extend(then(arena));
                }
            }
        }
    }
}

/// Ticks until `stop` is set, and then each arena once more, so that what has just arrived (a client that leaves) is mostly in the last
/// tick. `number` is the thread's.
pub fn run_thread<T: Hosted>(
    orders: &Receiver<Order<T>>,
    number: usize,
    notifier: &Notifier,
    stop: &AtomicBool,
) {
    let mut arenas: Vec<Box<Hosting<T>>> = Vec::new();
    let mut has_notified = false;
    while !stop.load(Ordering::Relaxed) {
        orders.try_iter().for_each(|order| order.carry_out(&mut arenas, number));
        let now = Instant::now();
        match arenas.iter().map(|arena| arena.ticker.time_left(now)).min() {
            None => {
                if let Ok(order) = orders.recv_timeout(SLEEP_MAX) {
                    order.carry_out(&mut arenas, number);
                }
            }
            Some(left) if left > NOTIFY_BEFORE => thread::sleep((left - NOTIFY_BEFORE).min(SLEEP_MAX)),
            Some(left) if !left.is_zero() => {
                if !mem::replace(&mut has_notified, true) {
                    notifier.notify();
                }
                thread::sleep(left);
            }
            Some(_) => {
                has_notified = false;
                arenas.retain_mut(|arena| arena.run_if_due());
            }
        }
    }
    orders.try_iter().for_each(|order| order.carry_out(&mut arenas, number));
    notifier.notify();
    thread::sleep(NOTIFY_BEFORE);
    arenas.into_iter().for_each(|arena| arena.end());
}

#[cfg(test)]
mod tests;
