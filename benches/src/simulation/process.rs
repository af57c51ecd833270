//! One process of the server: its arena, its connections, its clock. Made of the server's own parts, as `server::run` does it, but
//! for what the machine gives: threads, sockets, files, time and random numbers.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::SocketAddr,
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crossbeam_channel::Receiver;
use server::{
    engine::{
        clock::Clock,
        connection_state::Admission,
        feed_channel::FeedSender,
        game_codec::GameCodec,
        inbox::{Inbound, Inbox},
        json::{FEED_TOPICS, Listing},
        net::{
            ArenaHandle, Arenas, Feed, Limits, Phase, PhaseReceiver, ServerState, Site, Subprotocol,
            serve_upgraded,
        },
        network_delay::NetworkDelay,
        notifier::Notifier,
        resume::ResumeKey,
        simulation::Simulation as _,
        telemetry::Telemetry,
        tick_loop::Ticking,
        ticker::{Due, Ticker},
    },
    game::{ArenaLoop, ArenaSettings, NetworkSide, Persistence, replicated::ReplicatedSim},
};
use shared::{engine::protocol::CloseReason, game::Emberdrift};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{journal::Journal, laws::Laws, link::End, pause::Pause, record::Record, scenario::Load};

/// How long the last snapshot takes to be written.
const SNAPSHOT_TIME: Duration = Duration::from_millis(20);

/// Simulated time, in a runtime whose clock is paused.
const CLOCK: Clock = Clock::new(now, time_of_day);

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// The same in each run: nothing depends on how it goes on.
fn time_of_day() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// A running process.
#[derive(Debug)]
pub(super) struct Process {
    /// `None` once the simulation has ended.
    pub(super) arena: RefCell<Option<ArenaLoop>>,
    pub(super) record: RefCell<Record>,
    pub(super) laws: RefCell<Laws>,
    handle: Arc<ArenaHandle>,
    state: Arc<ServerState>,
    pub(super) inbox: Receiver<Inbound>,
    phase: watch::Sender<Phase>,
    tasks: RefCell<JoinSet<()>>,
    pause: Pause,
    journal: Journal,
    /// It stops, or was killed: its connections end.
    is_ending: Cell<bool>,
}

/// What a process begins with.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) settings: ArenaSettings,
    pub(super) key: ResumeKey,
    pub(super) persistence: Persistence,
    pub(super) load: Load,
    pub(super) laws: Laws,
}

impl Process {
    /// Starts it: from now on it ticks and serves.
    pub(super) fn start(start: Start, pause: Pause, journal: Journal) -> Rc<Self> {
        let Start { settings, key, persistence, load, laws } = start;
        let tick_rate = settings.tick_rate;
        let telemetry = Arc::new(Telemetry::new(ReplicatedSim::GAUGES));
        let (inbox, receiver) = Inbox::new(settings.seats.inbox_capacity());
        let gate = inbox.gate();
        let (feed_sender, documents) = FeedSender::new();
        let feed = Feed::new(feed_sender.subscribers(), &FEED_TOPICS);
        let listing = Listing::new(&settings.arena, settings.seats.players, Arc::clone(&telemetry));
        let limits = Limits::for_seats(&settings.seats);
        let admission =
            Admission::new(inbox, Arc::clone(&telemetry), key.clone()).with_join_rate(limits.join_rate());
        let handle = Arc::new(ArenaHandle::new(&settings.arena.name, admission, feed, listing));
        let delay = NetworkDelay::default();
        let network = NetworkSide {
            inbox: receiver.clone(),
            gate,
            feed: feed_sender,
            notifier: Notifier::default(),
            telemetry,
            resume_key: key,
            delay: delay.clone(),
            stall_timeout: limits.stall_timeout,
            runs: server::engine::arena_loop::Runs::default(),
            clock: CLOCK,
            relay: server::engine::chat_relay::ChatRelay::default(),
        };
        let arena = ArenaLoop::with_persistence(settings, network, persistence);
        let (phase, phases) = PhaseReceiver::new();
        let arenas = Arenas::new(vec![Arc::clone(&handle)]);
        let site = Site::Files(HashMap::new());
        let state = ServerState::new(arenas, limits, site, GameCodec::of::<Emberdrift>(), phases.clone());
        let process = Rc::new(Self {
            record: RefCell::new(Record::new(&arena)),
            arena: RefCell::new(Some(arena)),
            laws: RefCell::new(laws),
            handle,
            state: Arc::new(state),
            inbox: receiver,
            phase,
            tasks: RefCell::new(JoinSet::new()),
            pause,
            journal,
            is_ending: Cell::new(false),
        });
        let publisher = Arc::clone(&process.handle);
        process.spawn(async move { publisher.feed.publish(documents).await });
        process.spawn(async move {
            tokio::select! {
                biased;
                () = phases.draining() => {}
                () = delay.probe() => {}
            }
        });
        let ticking = Rc::clone(&process);
        process.spawn(async move { ticking.tick(tick_rate, load).await });
        process
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.tasks.borrow_mut().spawn_local(self.pause.stops(task));
    }

    /// What the simulation's thread does, as `tick_loop::run` does it.
    async fn tick(&self, tick_rate: u16, load: Load) {
        let mut ticker = Ticker::new(now(), tick_rate);
        loop {
            match ticker.due(now()) {
                Due::Wait(time) => sleep(time).await,
                Due::Skip(ticks) => {
                    if self.with_arena(|arena| arena.skip(ticks)).is_none() {
                        return;
                    }
                    self.laws.borrow_mut().on_skip(ticks);
                    self.journal.note(format_args!("server  skips {ticks} ticks"));
                }
                Due::Tick { lateness } => {
                    if self.with_arena(|arena| arena.tick(now())).is_none() {
                        return;
                    }
                    self.on_tick();
                    let work = load.work(Instant::now());
                    if work >= Duration::from_millis(1) {
                        sleep(work).await;
                    }
                    self.with_arena(|arena| arena.ticked(work, lateness));
                }
            }
        }
    }

    fn with_arena<T>(&self, act: impl FnOnce(&mut ArenaLoop) -> T) -> Option<T> {
        self.arena.borrow_mut().as_mut().map(act)
    }

    fn on_tick(&self) {
        let arena = self.arena.borrow();
        let Some(arena) = &*arena else { return };
        let sim = arena.simulation().sim();
        self.journal.ticked(sim.world().tick.0, sim.quick_checksum());
        let mut laws = self.laws.borrow_mut();
        let mut record = self.record.borrow_mut();
        record.observe(arena, laws.is_full(arena));
        laws.check_tick(arena, &record, self.handle.admission.telemetry.inputs_dropped_total.get());
        self.reap();
    }

    /// Forgets the connections that are over. One that panicked breaks a law.
    fn reap(&self) {
        while let Some(ended) = self.tasks.borrow_mut().try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                self.journal.broken("no task panics", format_args!("{error}"));
            }
        }
    }

    /// Serves a client whose handshake is done.
    pub(super) fn serve(&self, end: End, subprotocol: Subprotocol, peer: SocketAddr) {
        let (handle, state) = (Arc::clone(&self.handle), Arc::clone(&self.state));
        self.spawn(async move { serve_upgraded(end, subprotocol, peer, &handle, &state).await });
    }

    /// Serves a client, and never lets go of it: a leak, for the check that it is found.
    pub(super) fn serve_and_leak(&self, end: End, subprotocol: Subprotocol, peer: SocketAddr) {
        let (handle, state) = (Arc::clone(&self.handle), Arc::clone(&self.state));
        self.spawn(async move {
            serve_upgraded(end, subprotocol, peer, &handle, &state).await;
            std::future::pending::<()>().await;
        });
    }

    /// Whether new clients are let in: it is not overloaded.
    pub(super) fn is_open(&self) -> bool {
        self.handle.admission.inbox.gate().is_open()
    }

    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.get()
    }

    /// Connections that are not over, without the process's own tasks.
    pub(super) fn connections(&self) -> usize {
        self.reap();
        // The feed, the probe and the loop.
        self.tasks.borrow().len().saturating_sub(3)
    }

    /// Ends the simulation, whose outboxes close: the payload of the last snapshot, and a checksum of all that it should hold.
    pub(super) fn end_simulation(&self) -> Option<(u32, Vec<u8>, u64)> {
        self.is_ending.set(true);
        self.phase.send_replace(Phase::Draining);
        // As `tick_loop::run` does it: what has arrived is in the snapshot.
        self.with_arena(|arena| arena.tick(now()))?;
        self.on_tick();
        let arena = self.arena.borrow_mut().take()?;
        let sim = arena.simulation().sim();
        Some((sim.world().tick.0, arena.payload(), sim.checksum()))
    }

    /// Closes the connections, and drops those that do not close in time.
    pub(super) async fn end_connections(&self) {
        sleep(SNAPSHOT_TIME).await;
        self.phase.send_replace(Phase::Closing(CloseReason::Restarting));
        let until = Instant::now() + self.state.limits.shutdown_timeout;
        while Instant::now() < until && !self.tasks.borrow().is_empty() {
            self.reap();
            sleep(Duration::from_millis(10)).await;
        }
        self.kill();
    }

    /// Ends everything at once. The kernel closes its sockets.
    pub(super) fn kill(&self) {
        self.is_ending.set(true);
        self.tasks.borrow_mut().abort_all();
        self.arena.borrow_mut().take();
    }
}
