//! A steady tick allocates no memory, from the inbox to the outboxes of the connections, also when it takes a snapshot.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::{
    engine::{
        inbox::{Inbound, Inbox, Join},
        outbox::{Outbound, OutboxSender},
        room_access::Arrival,
        sessions::{ConnectionId, Seats},
        snapshot::{SnapshotWriter, StateDir},
        telemetry::Telemetry,
        tick_loop::Ticking,
    },
    game::{ArenaLoop, ArenaSettings, NetworkSide, Persistence, arena_file},
};
use shared::{
    Vec2,
    engine::{
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
        protocol::{RawInput, Role},
    },
};

const PLAYERS: u64 = 200;
/// A minute, in which every list reaches its largest size.
const WARM_UP_TICKS: u32 = 1200;
const MEASURED_TICKS: u32 = 400;
/// Two hundred ticks, so that the writer is done with one before the next.
const SNAPSHOT_INTERVAL: Duration = Duration::from_secs(10);

/// The connection's end of an outbox.
type Outbox = Box<dyn FnMut() -> Option<Outbound>>;

/// An arena whose players fly about and fight.
struct Rig {
    game: ArenaLoop,
    inbox: Inbox,
    outboxes: Vec<Outbox>,
    rng: Pcg64Mcg,
    ticks: u32,
    frames: u64,
    telemetry: Arc<Telemetry>,
    _writer: SnapshotWriter,
    _directory: tempfile::TempDir,
}

impl Rig {
    fn new() -> Self {
        let mut arena = arena_file::load("drift").expect("the arena is embedded");
        arena.size = Vec2::splat(4096.0);
        arena.rocks.retain(|rock| rock.centre.max_element() + rock.radius < 4096.0);
        let settings = ArenaSettings {
            arena,
            tick_rate: 20,
            bots: 220,
            seats: Seats::new(1000),
            seed: 3,
            reconnect_grace: Duration::ZERO,
            slow_tick: None,
            fail_after: None,
        };
        let (network, inbox) = NetworkSide::detached(10_000).expect("the system has randomness");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let state = StateDir::open(directory.path()).expect("it can be used");
        let writer = SnapshotWriter::start(state, SNAPSHOT_INTERVAL, 1).expect("a thread");
        let telemetry = Arc::clone(&network.telemetry);
        let persistence =
            Persistence::open(&settings.arena, settings.tick_rate, "drift", writer.queue(), &telemetry)
                .expect("nothing is there yet");
        let mut game = ArenaLoop::with_persistence(settings, network, persistence);
        let outboxes = (0..PLAYERS).map(|player| {
            let (outbox, mut receiver) = OutboxSender::new();
            let connection = ConnectionId(player);
            inbox
                .offer(Inbound::Joined(Box::new(Join {
                    connection,
                    name: None,
                    colour: None,
                    role: Role::Player,
                    network: None,
                    claim: None,
                    entry: Ok(()),
                    arrival: Arrival::default(),
                    party: None,
                    outbox,
                })))
                .expect("there is room");
            let outbox: Outbox = Box::new(move || receiver.try_recv());
            outbox
        });
        let outboxes = outboxes.collect();
        game.tick(Instant::now());
        Self {
            game,
            inbox,
            outboxes,
            rng: Pcg64Mcg::seed_from_u64(4),
            ticks: 1,
            frames: 0,
            telemetry,
            _writer: writer,
            _directory: directory,
        }
    }

    /// Every player sends an input and acknowledges the last frame.
    fn send_inputs(&mut self) {
        for player in 0..PLAYERS {
            let input = PlayerInput { buttons: Buttons(self.rng.random()), aim: Angle(self.rng.random()) };
            let input = RawInput::new(&input).expect("it is short");
            let (connection, ack, arrived) = (ConnectionId(player), self.ticks as u8, Instant::now());
            let inbound = Inbound::Input { connection, tick: Tick(0), input, rewind: 100, ack, arrived };
            self.inbox.offer(inbound).expect("there is room");
        }
    }

    /// Runs a tick, and returns how often it allocated.
    fn tick(&mut self) -> u64 {
        self.send_inputs();
        let game = &mut self.game;
        let allocated = allocation_counter::measure(|| game.tick(Instant::now()));
        self.ticks += 1;
        for outbox in &mut self.outboxes {
            while outbox().is_some() {
                self.frames += 1;
            }
        }
        allocated.count_total
    }
}

#[test]
fn steady_tick_allocates_nothing() {
    let mut rig = Rig::new();
    let warm_up: u64 = (0..WARM_UP_TICKS).map(|_| rig.tick()).sum();
    assert!(warm_up > 100, "allocations are not counted: {warm_up}");
    rig.frames = 0;
    let snapshots_before = rig.telemetry.snapshot_tick_seconds.count();
    let allocations: Vec<_> =
        (0..MEASURED_TICKS).map(|tick| (tick, rig.tick())).filter(|(_, count)| *count > 0).collect();
    assert_eq!(rig.frames, PLAYERS * u64::from(MEASURED_TICKS), "not every player got a frame every tick");
    assert_eq!(rig.telemetry.snapshot_tick_seconds.count(), snapshots_before + 2, "snapshots were taken");
    assert_eq!(allocations, [], "ticks and how often they allocated");
}
