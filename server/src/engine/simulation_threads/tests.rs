//! Arenas on real threads: where they go, that they move, and that each is run by one thread at a time.

use std::sync::atomic::{AtomicU32, AtomicU64};

use super::{super::tick_loop::Ticking, *};

/// Takes a part of each tick's time, and notes when two threads run it at once.
#[derive(Clone, Debug, Default)]
struct Busy(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    work_us: AtomicU64,
    is_running: AtomicBool,
    ran_twice_at_once: AtomicBool,
    ticks: AtomicU32,
    finished: AtomicU32,
}

impl Ticking for Busy {
    fn tick(&mut self, began: Instant) {
        let shared = &self.0;
        if shared.is_running.swap(true, Ordering::SeqCst) {
            shared.ran_twice_at_once.store(true, Ordering::Relaxed);
        }
        shared.ticks.fetch_add(1, Ordering::Relaxed);
        let work = Duration::from_micros(shared.work_us.load(Ordering::Relaxed));
        if !work.is_zero() {
            thread::sleep(work.saturating_sub(began.elapsed()));
        }
        shared.is_running.store(false, Ordering::SeqCst);
    }

    fn ticked(&mut self, _: Duration, _: Duration) {}
    fn skip(&mut self, _: u32) {}
}

impl Hosted for Busy {
    fn on_panic(&mut self) {}

    fn finish(self) {
        self.0.finished.fetch_add(1, Ordering::Relaxed);
    }
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited in vain");
        thread::sleep(Duration::from_millis(1));
    }
}

fn started(threads: usize) -> (SimulationThreads<Busy>, Vec<JoinHandle<()>>) {
    SimulationThreads::start(threads, &Notifier::default()).expect("threads start")
}

#[test]
fn arenas_are_spread_over_the_threads_and_end_once() {
    let (threads, handles) = started(2);
    let arenas: Vec<_> = (0..6).map(|_| Busy::default()).collect();
    let statuses: Vec<_> = arenas.iter().map(|arena| threads.add(arena.clone(), 100, Span::none())).collect();
    wait_until(|| arenas.iter().all(|arena| arena.0.ticks.load(Ordering::Relaxed) > 2));
    for thread in 0..2 {
        assert_eq!(statuses.iter().filter(|status| status.thread() == Some(thread)).count(), 3);
    }
    threads.stop();
    handles.into_iter().for_each(|handle| handle.join().expect("no panic"));
    assert!(arenas.iter().all(|arena| arena.0.finished.load(Ordering::Relaxed) == 1));
    assert!(statuses.iter().all(|status| status.has_ended()));
}

#[test]
fn full_thread_gives_up_an_arena_which_only_one_thread_ever_runs() {
    let (threads, handles) = started(2);
    let arenas: Vec<_> = (0..3).map(|_| Busy::default()).collect();
    let statuses: Vec<_> = arenas.iter().map(|arena| threads.add(arena.clone(), 100, Span::none())).collect();
    // Two of the three are on one thread.
    let pairs = [(0, 1), (0, 2), (1, 2)];
    let (a, b) =
        pairs.into_iter().find(|(a, b)| statuses[*a].thread() == statuses[*b].thread()).expect("two threads");
    // Nine tenths of its time.
    arenas[a].0.work_us.store(5000, Ordering::Relaxed);
    arenas[b].0.work_us.store(4000, Ordering::Relaxed);
    wait_until(|| threads.is_unbalanced());
    wait_until(|| {
        threads.rebalance();
        statuses[a].thread() != statuses[b].thread()
    });
    let ticks = || arenas.iter().map(|arena| arena.0.ticks.load(Ordering::Relaxed)).collect::<Vec<_>>();
    let before = ticks();
    wait_until(|| ticks().iter().zip(&before).all(|(now, before)| now > &(before + 5)));
    threads.stop();
    handles.into_iter().for_each(|handle| handle.join().expect("no panic"));
    for arena in arenas {
        assert!(!arena.0.ran_twice_at_once.load(Ordering::Relaxed));
        assert_eq!(arena.0.finished.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn removed_arena_is_the_callers() {
    let (threads, handles) = started(1);
    let arena = Busy::default();
    let status = threads.add(arena.clone(), 100, Span::none());
    wait_until(|| arena.0.ticks.load(Ordering::Relaxed) > 2);
    assert!(threads.remove(&status).is_some());
    assert!(threads.remove(&status).is_none(), "it is gone");
    threads.stop();
    handles.into_iter().for_each(|handle| handle.join().expect("no panic"));
    assert_eq!(arena.0.finished.load(Ordering::Relaxed), 0);
}
