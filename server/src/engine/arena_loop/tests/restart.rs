//! What a restart keeps: the arena's loop ends, and another one goes on from what it saved.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::atomic::AtomicBool,
};

use crossbeam_channel::bounded;

use shared::engine::{
    body::Motion,
    input::{Angle, PlayerInput},
    protocol::RawInput,
};
use tracing::Span;

use super::*;
use crate::engine::{
    arena_loop::persistence::SAVED_TICKS_MAX,
    arena_status::ArenaStatus,
    recording,
    saved_arena::{self, put_payload},
    snapshot::{self, SnapshotWriter, StateDir},
    tick_loop::{Hosting, Order, run_thread},
    ticker::Ticker,
    wait::TEST_LIMIT,
};

type Saved = SavedArena<TestSimulation>;

impl Rig {
    /// Another process goes on, after whatever time. No client is connected to it.
    pub(super) fn restart(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut payload = Vec::new();
        let (key, sessions) = self.arena.clients.kept();
        put_payload(&mut payload, key, sessions, &self.arena.arena.sim);
        let mut settings = self.settings;
        change(&mut settings);
        let saved = Saved::decode(&payload, &settings.arena, settings.tick_rate)
            .expect("it was saved by this version");
        let (mut network, inbox) = NetworkSide::detached(100).unwrap();
        network.resume_key = saved.key.clone();
        let key = saved.key.clone();
        let persistence = Persistence { saved: Some(saved), ..Persistence::default() };
        let arena = ArenaLoop::with_persistence(settings.clone(), network, persistence);
        Self::around(arena, inbox, key, settings)
    }

    fn motion(&self, player: PlayerId) -> Option<Motion> {
        self.arena.arena.sim.players.get(player).map(|player| player.state.motion)
    }

    /// Sends an input, as a client that has got its welcome does.
    fn play(&mut self, client: &Client) {
        let (connection, arrived) = (client.connection, Instant::now());
        let input =
            RawInput::new(&PlayerInput { buttons: TestGame::PUSH, aim: Angle(0) }).expect("it is short");
        self.offer(Inbound::Input {
            connection,
            tick: shared::engine::ids::Tick(0),
            input,
            rewind: 0,
            ack: 0,
            arrived,
        });
        self.tick();
    }
}

#[test]
fn players_come_back_as_themselves_and_a_new_one_gets_no_name_of_theirs() {
    let mut rig = Rig::new(|settings| settings.seats.players = 4);
    let (_ada, ada) = rig.player();
    let (bo, second) = rig.player();
    rig.disconnect(&bo);
    (0..40).for_each(|_| rig.tick());
    let tick = rig.arena.arena.sim.tick;
    let motion = rig.motion(PlayerId(0));
    let mut rig = rig.restart(|_| {});
    assert_eq!((rig.arena.arena.sim.tick, rig.arena.clients.reconnecting()), (tick, 2));
    rig.tick();
    let idle = rig.arena.arena.sim.players.iter().filter(|player| player.idle_since.is_some()).count();
    assert_eq!((rig.players(), idle), (vec![PlayerId(0), PlayerId(1)], 2));
    let (_, third) = rig.player();
    let name = |rig: &Rig, player: Option<PlayerId>| {
        rig.arena.arena.sim.players.get(player.unwrap()).map(|player| player.name.as_str().to_owned())
    };
    assert_eq!(name(&rig, third.player).as_deref(), Some("Ada 3"), "two have names of hers");
    for before in [ada, second] {
        let (_, after) = rig.join(Role::Player, before.resume);
        let after = after.expect("it has its place");
        assert_eq!((after.player, after.is_resumed), (before.player, true));
        assert!(motion.is_some() && rig.motion(PlayerId(0)) == motion);
        let is_idle = rig.arena.arena.sim.players.get(after.player.unwrap()).unwrap().idle_since.is_some();
        assert!(!is_idle);
    }
}

#[test]
fn grace_period_goes_on_where_it_was() {
    let mut rig = Rig::new(|settings| settings.reconnect_grace = Duration::from_secs(1));
    let (ada, _) = rig.player();
    let (_bo, _) = rig.player();
    rig.disconnect(&ada);
    (0..9).for_each(|_| rig.tick());
    let mut rig = rig.restart(|_| {});
    for _ in 0..11 {
        assert_eq!(rig.players(), [PlayerId(0), PlayerId(1)]);
        rig.tick();
    }
    for _ in 0..9 {
        assert_eq!(rig.players(), [PlayerId(1)], "she was disconnected before the restart");
        rig.tick();
    }
    rig.tick();
    assert_eq!(rig.players(), []);
}

#[test]
fn used_token_is_not_good_after_a_restart_either() {
    let mut rig = Rig::new(|_| {});
    let (ada, first) = rig.player();
    rig.disconnect(&ada);
    let (ada, second) = rig.join(Role::Player, first.resume);
    rig.play(&ada);
    let mut rig = rig.restart(|_| {});
    let (_, answer) = rig.join(Role::Player, first.resume);
    assert!(answer.is_ok_and(|welcome| !welcome.is_resumed));
    let (_, answer) = rig.join(Role::Player, second.expect("she was welcomed").resume);
    assert!(answer.is_ok_and(|welcome| welcome.is_resumed && welcome.player == first.player));
}

#[test]
fn spectators_are_not_kept_and_the_number_of_bots_is_the_new_one() {
    let mut rig = Rig::new(|settings| settings.bots = 6);
    let (_eve, _) = rig.join(Role::Spectator, None);
    (0..10).for_each(|_| rig.tick());
    assert_eq!(rig.players().len(), 6);
    let mut rig = rig.restart(|settings| settings.bots = 3);
    (0..10).for_each(|_| rig.tick());
    assert_eq!((rig.players().len(), rig.arena.clients.reconnecting()), (3, 0));
}

/// Runs an arena that keeps its state in `dir` as that of `kept_as`. `stop` is set before its first tick, when `send` has filled its
/// inbox.
fn run_stopped(dir: &Path, kept_as: &Square, send: impl FnOnce(&mut Rig)) {
    let mut rig = Rig::new(|_| {});
    let (mut network, inbox) = NetworkSide::detached(100).unwrap();
    let writer = SnapshotWriter::start(StateDir::open(dir).unwrap(), Duration::ZERO, 1).unwrap();
    let rate = rig.settings.tick_rate;
    let persistence =
        Persistence::<TestSimulation>::open(kept_as, rate, "square", writer.queue(), &network.telemetry)
            .unwrap();
    let persistence = persistence.with_failures_in(dir.to_owned(), "square");
    if let Some(saved) = persistence.saved() {
        network.resume_key = saved.key.clone();
    }
    (rig.key, rig.inbox) = (network.resume_key.clone(), inbox);
    send(&mut rig);
    let (arena, _another) = hosted(rig.settings, network, persistence);
    let (status, ticker) = (Arc::<ArenaStatus>::default(), Ticker::new(Instant::now(), rate));
    let hosting = Hosting::new(arena, ticker, Arc::clone(&status), Span::none());
    let (orders, receiver) = bounded(4);
    orders.send(Order::Add(Box::new(hosting))).expect("there is room");
    run_thread(&receiver, 0, &Notifier::default(), &AtomicBool::new(true));
    assert!(status.has_ended() && !status.has_failed() && writer.finish(TEST_LIMIT));
}

#[test]
fn what_arrived_before_the_stop_is_in_the_last_snapshot() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let ArenaSettings { arena, tick_rate, .. } = Rig::new(|_| {}).settings;
    let sessions = || {
        let bytes = std::fs::read(dir.path().join("square.snapshot")).expect("it was saved");
        let saved = Saved::read(&bytes, &arena, tick_rate);
        saved.expect("it can go on").sessions.len()
    };
    let mut client = None;
    run_stopped(dir.path(), &arena, |rig| client = Some(rig.hello(Role::Player, None)));
    let welcome = client.expect("it said hello").answer().expect("there is room");
    assert_eq!(sessions(), 1, "it has a token, and it may come back");
    run_stopped(dir.path(), &arena, |rig| {
        let client = rig.hello(Role::Player, welcome.resume);
        rig.offer(Inbound::Left { connection: client.connection, is_final: true });
    });
    assert_eq!(sessions(), 0, "it left for good");
}

#[test]
fn last_state_that_breaks_a_rule_is_recorded() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    // To the check of snapshots the arena is another.
    run_stopped(dir.path(), &Square(1024.0), |rig| drop(rig.hello(Role::Player, None)));
    assert!(!dir.path().join("square.snapshot").exists());
    let bytes = std::fs::read(dir.path().join("square.failure-1.recording")).expect("it was recorded");
    let replayed = recording::replay::<TestSimulation>(&bytes, true, |_| {}).expect("it can be replayed");
    assert_eq!((replayed.from, replayed.tick, replayed.difference), (0, 1, None));
}

#[test]
fn arena_with_too_many_ticks_starts_clean() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let state = StateDir::open(dir.path()).unwrap();
    let writer = SnapshotWriter::start(state, Duration::ZERO, 1).unwrap();
    for (ticks, goes_on) in [(SAVED_TICKS_MAX.0, true), (SAVED_TICKS_MAX.0 + 1, false)] {
        let mut rig = Rig::new(|_| {});
        rig.arena.arena.sim.skip(ticks);
        let ArenaSettings { arena, tick_rate, .. } = rig.settings;
        let mut bytes = Vec::new();
        snapshot::begin(saved_arena::header::<TestSimulation>(&arena, tick_rate), ticks, &mut bytes);
        bytes.extend(rig.arena.payload());
        snapshot::seal(&mut bytes);
        std::fs::write(writer.queue().dir().expect("a directory").snapshot_path("square"), bytes)
            .expect("writable");
        let telemetry = Arc::new(Telemetry::new(&[]));
        let persistence =
            Persistence::<TestSimulation>::open(&arena, tick_rate, "square", writer.queue(), &telemetry)
                .unwrap();
        assert_eq!(persistence.saved().is_some(), goes_on);
    }
    assert!(dir.path().join("square.snapshot.refused-1").exists());
}

#[test]
fn arena_without_a_number_for_its_next_tick_fails() {
    let mut rig = Rig::new(|_| {});
    rig.arena.arena.sim.skip(u32::MAX - 1);
    rig.tick();
    let failed = catch_unwind(AssertUnwindSafe(|| rig.tick())).expect_err("time would stand still");
    assert!(failed.downcast_ref::<&str>().is_some_and(|why| why.contains("no numbers left")));
}
