//! The machine that the server runs on: starts its processes one after the other, keeps their snapshots, stops and kills them, and
//! connects clients to the one that runs.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::{
    engine::{
        net::Subprotocol,
        resume::{KEY_BYTES, ResumeKey},
        saved_arena::header,
        snapshot,
    },
    game::{ArenaSettings, Persistence, SavedArena, replicated::ReplicatedSim},
};
use tokio::time::{Instant, sleep};

use super::{
    journal::Journal,
    laws::Laws,
    link::{Conditions, End, Faults, link},
    pause::Pause,
    process::{Process, Start},
    scenario::{Event, Load, Sabotage, Scenario},
};

/// Between two snapshots.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(3);
/// How long a client waits for its handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often it looks whether the server answers.
const CONNECT_CHECK: Duration = Duration::from_millis(50);

/// The machine.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) journal: Journal,
    pub(super) start: Instant,
    settings: ArenaSettings,
    sabotage: Option<Sabotage>,
    load: Load,
    pause: Pause,
    rng: RefCell<Pcg64Mcg>,
    process: RefCell<Option<Rc<Process>>>,
    snapshot: RefCell<Option<Kept>>,
    connections: Cell<u64>,
    /// When the server last could not answer: it was paused or did not run.
    absent: Cell<Option<Instant>>,
    /// Ticks take longer than they may until then.
    busy_until: Instant,
}

/// A snapshot on the disk, and what the laws remember of that moment.
#[derive(Debug)]
struct Kept {
    bytes: Vec<u8>,
    checksum: u64,
    laws: Laws,
}

impl Server {
    /// Starts the first process.
    pub(super) fn new(scenario: &Scenario, journal: Journal, sabotage: Option<Sabotage>) -> Rc<Self> {
        let start = Instant::now();
        let settings = scenario.settings.clone();
        let busy_until = scenario.busy.iter().map(|(_, to, _)| start + *to).max().unwrap_or(start);
        let server = Self {
            journal,
            start,
            sabotage,
            load: Load::new(start, &scenario.busy),
            pause: Pause::default(),
            rng: RefCell::new(Pcg64Mcg::seed_from_u64(settings.seed)),
            process: RefCell::new(None),
            snapshot: RefCell::new(None),
            connections: Cell::new(0),
            absent: Cell::new(None),
            busy_until,
            settings,
        };
        server.start_process();
        Rc::new(server)
    }

    /// Starts a process, which goes on from the snapshot if there is one.
    fn start_process(&self) {
        let ArenaSettings { arena, tick_rate, reconnect_grace, seats, .. } = &self.settings;
        let grace_ticks = (reconnect_grace.as_secs_f32() * f32::from(*tick_rate)) as u32;
        let mut laws = Laws::new(self.journal.clone(), *tick_rate, grace_ticks, seats.players);
        let mut rng = self.rng.borrow_mut();
        let mut key = ResumeKey::from_bytes(rng.random::<[u8; KEY_BYTES]>());
        let mut persistence = Persistence::default();
        let mut expected = None;
        if let Some(kept) = &*self.snapshot.borrow() {
            match SavedArena::read(&kept.bytes, arena, *tick_rate) {
                Ok(saved) => {
                    key = saved.key.clone();
                    persistence = Persistence::of(saved, rng.random());
                    laws = kept.laws.clone();
                    expected = Some(kept.checksum);
                }
                Err(refusal) => {
                    self.journal
                        .broken("a snapshot that was written can be loaded", format_args!("{refusal}"));
                }
            }
        }
        drop(rng);
        let (settings, load) = (self.settings.clone(), self.load.clone());
        let start = Start { settings, key, persistence, load, laws };
        let process = Process::start(start, self.pause.clone(), self.journal.clone());
        if let Some(moment) = process.record.borrow().last() {
            process.laws.borrow_mut().on_restart(moment);
        }
        let checksum = process.arena.borrow().as_ref().map(|arena| arena.simulation().sim().checksum());
        if expected.is_some() && checksum != expected {
            self.journal
                .broken("a restart changes nothing", format_args!("{checksum:?} and not {expected:?}"));
        }
        self.process.replace(Some(process));
    }

    /// The process that runs.
    pub(super) fn process(&self) -> Option<Rc<Process>> {
        self.process.borrow().clone()
    }

    /// Tells the laws of the process that runs.
    pub(super) fn laws(&self, tell: impl FnOnce(&mut Laws)) {
        if let Some(process) = self.process() {
            tell(&mut process.laws.borrow_mut());
        }
    }

    /// Keeps what a process would write to its disk.
    fn keep(&self, process: &Process, tick: u32, payload: &[u8], checksum: u64) {
        let mut bytes = Vec::new();
        snapshot::begin(
            header::<ReplicatedSim>(&self.settings.arena, self.settings.tick_rate),
            tick,
            &mut bytes,
        );
        bytes.extend_from_slice(payload);
        snapshot::seal(&mut bytes);
        if self.sabotage == Some(Sabotage::FlipSnapshotBit) {
            let last = bytes.len() - 1;
            bytes[last / 2] ^= 1;
        }
        let laws = process.laws.borrow().clone();
        self.snapshot.replace(Some(Kept { bytes, checksum, laws }));
    }

    /// Takes snapshots at an interval, as long as it is polled.
    pub(super) async fn take_snapshots(&self) {
        loop {
            sleep(SNAPSHOT_INTERVAL).await;
            let process = self.process().filter(|process| !process.is_ending() && !self.pause.is_paused());
            let Some(process) = process else { continue };
            let taken = process.arena.borrow().as_ref().map(|arena| {
                let sim = arena.simulation().sim();
                (sim.world().tick.0, arena.payload(), sim.checksum())
            });
            if let Some((tick, payload, checksum)) = taken {
                self.keep(&process, tick, &payload, checksum);
            }
        }
    }

    /// Lets something happen to the server.
    pub(super) async fn suffer(&self, event: Event) {
        self.journal.note(format_args!("server  {event:?}"));
        match event {
            Event::Pause(time) => {
                self.pause.begin();
                sleep(time).await;
                self.pause.end();
            }
            Event::Restart(down) => {
                let Some(process) = self.process.take() else { return };
                if let Some((tick, payload, checksum)) = process.end_simulation() {
                    self.keep(&process, tick, &payload, checksum);
                }
                process.end_connections().await;
                sleep(down).await;
                self.start_process();
            }
            Event::Kill(down) => {
                let Some(process) = self.process.take() else { return };
                process.kill();
                sleep(down).await;
                self.start_process();
            }
        }
        self.absent.set(Some(Instant::now()));
        self.journal.note(format_args!("server  runs again"));
    }

    /// Whether the server was there all the time since `since`, and had time for everyone.
    pub(super) fn was_well_since(&self, since: Instant) -> bool {
        let was_there = self.absent.get().is_none_or(|until| until < since);
        was_there && self.busy_until < since && !self.pause.is_paused() && self.process.borrow().is_some()
    }

    /// Connects a client, handshake and all; `None` if there is no answer, or it is turned away.
    pub(super) async fn connect(
        &self,
        subprotocol: Subprotocol,
        peer: SocketAddr,
        conditions: Conditions,
        seed: u64,
    ) -> Option<(End, Faults, Rc<Process>)> {
        // Two round trips, for TCP's handshake and WebSocket's.
        sleep(conditions.delay * 4).await;
        let give_up = Instant::now() + CONNECT_TIMEOUT;
        while self.pause.is_paused() {
            // The kernel has accepted it, and nothing answers.
            sleep(CONNECT_CHECK).await;
            if Instant::now() > give_up {
                return None;
            }
        }
        let process = self.process().filter(|process| process.is_open())?;
        let number = self.connections.get() + 1;
        self.connections.set(number);
        let (client, end, faults) = link(conditions, seed ^ number, (self.journal.clone(), number));
        if self.sabotage == Some(Sabotage::KeepConnection) && number == 3 {
            process.serve_and_leak(end, subprotocol, peer);
        } else {
            process.serve(end, subprotocol, peer);
        }
        Some((client, faults, process))
    }

    /// What is left of the clients, once all of them have gone; `None` if nothing is.
    pub(super) fn leftovers(&self) -> Option<String> {
        let process = self.process()?;
        let arena = process.arena.borrow();
        let arena = arena.as_ref()?;
        let (held, connections, inbox) = (arena.held(), process.connections(), process.inbox.len());
        let players = arena.world().in_order().filter(|pilot| pilot.session.is_some()).count();
        let is_clean = held == Default::default() && connections + inbox + players == 0;
        (!is_clean).then(|| {
            format!("{held:?}, {connections} connections, {inbox} messages in the inbox, {players} players")
        })
    }
}
