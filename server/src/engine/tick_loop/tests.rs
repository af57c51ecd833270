//! One simulation thread with arenas that are slow, that panic, and that are taken away.

use crossbeam_channel::{Sender, bounded};

use super::*;

/// Counts, and takes a quarter of a second for its third tick.
#[derive(Clone, Debug, Default)]
struct Slow(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts(std::sync::Mutex<Counted>);

#[derive(Clone, Debug, Default)]
struct Counted {
    ticks: u32,
    work: Vec<Duration>,
    skipped: u32,
    has_finished: bool,
    panics_at: Option<u32>,
    has_saved: bool,
}

impl Slow {
    fn counted(&self) -> Counted {
        self.0.0.lock().unwrap().clone()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Counted) -> T) -> T {
        change(&mut self.0.0.lock().unwrap())
    }
}

impl Ticking for Slow {
    fn tick(&mut self, began: Instant) {
        assert!(began.elapsed() < Duration::from_secs(5));
        let (ticks, panics_at) = self.change(|counted| {
            counted.ticks += 1;
            (counted.ticks, counted.panics_at)
        });
        assert_ne!(panics_at, Some(ticks), "as it was asked to");
        if ticks == 3 {
            thread::sleep(Duration::from_millis(250));
        }
    }

    fn ticked(&mut self, work: Duration, _: Duration) {
        self.change(|counted| counted.work.push(work));
    }

    fn skip(&mut self, ticks: u32) {
        self.change(|counted| counted.skipped += ticks);
    }
}

impl Hosted for Slow {
    fn on_panic(&mut self) {
        self.change(|counted| counted.has_saved = true);
    }

    fn finish(self) {
        self.change(|counted| counted.has_finished = true);
    }
}

/// An arena for a thread, and what is seen of it from outside.
fn add(orders: &Sender<Order<Slow>>, rate: u16) -> (Slow, Arc<ArenaStatus>) {
    let (slow, status) = (Slow::default(), Arc::<ArenaStatus>::default());
    let ticker = Ticker::new(Instant::now(), rate);
    let hosting = Hosting::new(slow.clone(), ticker, Arc::clone(&status), Span::none());
    orders.send(Order::Add(Box::new(hosting))).unwrap();
    (slow, status)
}

/// Runs a thread while `during` does something.
fn with_thread<T>(during: impl FnOnce(&Sender<Order<Slow>>) -> T) -> T {
    let (orders, receiver) = bounded(4);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| run_thread(&receiver, 7, &Notifier::default(), &stop));
        let done = during(&orders);
        stop.store(true, Ordering::Relaxed);
        done
    })
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited in vain");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn each_tick_is_measured_and_a_long_one_costs_ticks() {
    let (slow, status) = with_thread(|orders| {
        let (slow, status) = add(orders, 100);
        wait_until(|| slow.counted().ticks >= 10);
        (slow, status)
    });
    let Counted { ticks, work, skipped, has_finished, .. } = slow.counted();
    assert_eq!(ticks as usize, work.len() + 1, "and the last one, which no deadline asks for");
    assert!(work[2] >= Duration::from_millis(250));
    // A quarter of a second is 25 ticks, of which a few are caught up with.
    assert!(skipped >= 19, "{skipped}");
    assert!(has_finished && status.has_ended() && !status.has_failed());
    assert_eq!(status.thread(), Some(7));
    assert!(status.load() > 0.0);
}

#[test]
fn panic_ends_one_arena_and_not_the_others_of_its_thread() {
    let (failing, other) = with_thread(|orders| {
        let (failing, other) = (add(orders, 100), add(orders, 50));
        failing.0.change(|counted| counted.panics_at = Some(5));
        wait_until(|| failing.1.has_ended());
        let before = other.0.counted().ticks;
        wait_until(|| other.0.counted().ticks > before + 3);
        (failing, other)
    });
    assert!(failing.1.has_failed() && failing.0.counted().has_saved);
    assert!(!failing.0.counted().has_finished, "half of a tick is no state to keep");
    assert!(!other.1.has_failed() && other.0.counted().has_finished);
}

#[test]
fn removed_arena_is_given_away_and_no_longer_ticks() {
    with_thread(|orders| {
        let (slow, status) = add(orders, 100);
        wait_until(|| slow.counted().ticks > 0);
        let (sender, receiver) = bounded(4);
        let then = move |arena: Box<Hosting<Slow>>| {
            sender.send(arena.into_arena()).unwrap();
            None
        };
        orders.send(Order::Remove { status: Arc::clone(&status), then: Box::new(then) }).unwrap();
        let removed = receiver.recv_timeout(Duration::from_secs(60)).unwrap().counted().ticks;
        thread::sleep(Duration::from_millis(50));
        let Counted { ticks, has_finished, .. } = slow.counted();
        assert_eq!((ticks, has_finished, status.has_ended()), (removed, false, false));
    });
}

#[test]
fn arena_that_is_given_back_goes_on() {
    with_thread(|orders| {
        let (slow, status) = add(orders, 100);
        wait_until(|| slow.counted().ticks > 0);
        let (sender, receiver) = bounded(1);
        let then = move |arena| {
            sender.send(()).unwrap();
            Some(arena)
        };
        orders.send(Order::Remove { status: Arc::clone(&status), then: Box::new(then) }).unwrap();
        receiver.recv_timeout(Duration::from_secs(60)).unwrap();
        let before = slow.counted().ticks;
        wait_until(|| slow.counted().ticks > before + 3);
    });
}
