//! Rooms with real simulations and short times, without sockets; and rooms as bytes.

use std::sync::atomic::Ordering;

use proptest::prelude::*;
use shared::engine::rooms::{ROOM_BOTS_MAX, ROOM_PLAYERS_MAX};
use tokio::time::{Instant, timeout};

use super::{
    files::KeptRoom,
    moved::{pack, snapshot_of, unpack},
    *,
};
use crate::{
    engine::{
        arena_loop::HostedArena,
        chat_relay::ChatRelay,
        drill::SlowTick,
        network_delay::NetworkDelay,
        notifier::Notifier,
        sessions::Seats,
        simulation::ArenaOf,
        simulation_threads::{SimulationThreads, ThreadControl},
        snapshot::{SnapshotQueue, SnapshotWriter, StateDir},
        token_bucket::Rate,
    },
    game::{ArenaSettings, arena_file, replicated::ReplicatedSim},
};

type Threads = Arc<SimulationThreads<HostedArena<ReplicatedSim>>>;

/// A server's rooms with short times, and the threads that run them.
fn rooms(limits: RoomLimits) -> (Arc<Rooms<ReplicatedSim>>, Threads) {
    kept_rooms(limits, None)
}

/// The same, kept by this queue.
fn kept_rooms(limits: RoomLimits, queue: Option<SnapshotQueue>) -> (Arc<Rooms<ReplicatedSim>>, Threads) {
    let (threads, _) = SimulationThreads::start(1, &Notifier::default()).unwrap();
    let threads = Arc::new(threads);
    let opener = Opener {
        stall_timeout: Duration::from_secs(15),
        notifier: Notifier::default(),
        delay: NetworkDelay::default(),
        join_key: None,
        known: None,
        join_rate: Rate::new(100, 100),
        relay: ChatRelay::default(),
        threads: Arc::clone(&threads),
    };
    let arenas = ["drift", "duel"].map(|name| ArenaSettings {
        arena: arena_file::load(name).unwrap(),
        tick_rate: 60,
        bots: 500,
        seats: Seats::new(2000),
        seed: 1,
        reconnect_grace: Duration::from_secs(60),
        slow_tick: Some(SlowTick {
            extra: Duration::from_secs(60),
            lasts: Duration::from_secs(60),
            after: Duration::ZERO,
        }),
        fail_after: Some(Duration::ZERO),
    });
    let files = Arc::new(RoomFiles::new(queue, std::env::temp_dir()));
    (Arc::new(Rooms::new(Arc::new(opener), files, limits, RoomDefaults::new(arenas.into()), None)), threads)
}

fn short() -> RoomLimits {
    RoomLimits { awake: Duration::from_millis(50), ..RoomLimits::new(4) }
}

async fn until<T>(what: &str, mut get: impl FnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(got) = get() {
                return got;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(60), wait).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// Rooms that tick, and rooms that do not.
fn counts(rooms: &Rooms<ReplicatedSim>) -> (usize, usize) {
    let RoomTelemetry { awake, asleep, .. } = rooms.telemetry();
    (awake, asleep)
}

async fn made(rooms: &Rooms<ReplicatedSim>, request: RoomRequest) -> RoomCode {
    rooms.create(request, None).await.unwrap().code.parse().unwrap()
}

#[tokio::test]
async fn room_has_what_was_asked_for_and_the_defaults_for_the_rest() {
    let (rooms, threads) = rooms(short());
    let plain = made(&rooms, RoomRequest::default()).await;
    let entry = rooms.entry(plain).unwrap();
    assert_eq!((entry.name.as_str(), entry.max_players), ("Drift", u32::from(ROOM_PLAYERS_MAX)));
    assert!(!entry.is_public && !entry.is_asleep && entry.code == plain.to_string());
    assert_eq!(rooms.find(plain).unwrap().settings().bots, ROOM_BOTS_MAX, "not all that the arena has");
    let wanted = RoomRequest {
        arena: Some("duel".into()),
        bots: Some(3),
        players: Some(2),
        public: true,
        ..RoomRequest::default()
    };
    let duel = made(&rooms, wanted).await;
    let entry = rooms.entry(duel).unwrap();
    assert_eq!((entry.name.as_str(), entry.max_players, entry.is_public), ("Duel", 2, true));
    let listed = rooms.public();
    assert!(listed.len() == 1 && listed[0].slug == format!("room/{duel}"), "{listed:?}");
    assert!(rooms.find(plain).unwrap().settings().fail_after.is_none(), "drills are the server's");
    threads.stop();
}

#[tokio::test]
async fn request_that_cannot_be_met_says_why() {
    let (rooms, threads) = rooms(short());
    let refusal = |request| {
        let rooms = Arc::clone(&rooms);
        async move { rooms.create(request, None).await.unwrap_err().to_string() }
    };
    let plain = RoomRequest::default;
    for (request, expected) in [
        (RoomRequest { arena: Some("moon".into()), ..plain() }, "`arena`: expected one of drift, duel"),
        (RoomRequest { bots: Some(ROOM_BOTS_MAX + 1), ..plain() }, "`bots`: expected a number from 0 to 64"),
        (RoomRequest { players: Some(0), ..plain() }, "`players`: expected a number from 1 to 64"),
        (RoomRequest { file: Some("(".into()), ..plain() }, "arena 'the room's file', line 1"),
        (
            RoomRequest { file: Some("()".into()), arena: Some("duel".into()), ..plain() },
            "exclude each other",
        ),
    ] {
        let refusal = refusal(request).await;
        assert!(refusal.contains(expected), "{refusal}");
    }
    assert_eq!(counts(&rooms), (0, 0));
    threads.stop();
}

#[tokio::test]
async fn rooms_are_limited_in_all_and_for_each_network() {
    let (rooms, threads) = rooms(RoomLimits { per_network: 2, ..short() });
    let network = |last| ClientNetwork::of([192, 0, 2, last].into());
    let create = |network| rooms.create(RoomRequest::default(), network);
    for _ in 0..2 {
        create(network(1)).await.unwrap();
    }
    assert_eq!(create(network(1)).await, Err(RoomRefusal::TooManyFromNetwork(2)));
    for _ in 0..2 {
        create(network(2)).await.unwrap();
    }
    assert_eq!(create(network(3)).await, Err(RoomRefusal::Full));
    threads.stop();
}

#[tokio::test]
async fn empty_room_sleeps_without_ticks_and_goes_on_where_it_was() {
    let (rooms, threads) = rooms(short());
    let code = made(&rooms, RoomRequest { bots: Some(5), ..RoomRequest::default() }).await;
    let room = rooms.find(code).unwrap();
    let entered = room.enter().await.unwrap();
    let ticks = |entered: &Entered| entered.arena.admission.telemetry.ticks_total.get();
    until("ticks", || (ticks(&entered) > 20).then_some(())).await;
    let began = Instant::now();
    while began.elapsed() < short().awake * 3 {
        assert_eq!(room.look(&short()).await, Looked::Stays);
        assert!(room.telemetry().is_some(), "a client is in it");
        sleep(Duration::from_millis(10)).await;
    }
    let arena = Arc::clone(&entered.arena);
    drop(entered);
    while room.telemetry().is_some() {
        room.look(&short()).await;
        sleep(Duration::from_millis(10)).await;
    }
    let slept_at = arena.admission.telemetry.tick.get();
    assert_eq!(counts(&rooms), (0, 1));
    assert!(room.kept_bytes().await.unwrap() <= 64 * 1024, "{:?}", room.kept_bytes().await);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(arena.admission.telemetry.tick.get(), slept_at);

    let woken = room.enter().await.unwrap();
    assert!(!Arc::ptr_eq(&woken.arena, &arena));
    let tick =
        until("a tick", || Some(woken.arena.admission.telemetry.tick.get()).filter(|tick| *tick > 0)).await;
    assert!(tick > slept_at && tick < slept_at + 100_000, "{tick} after {slept_at}");
    assert_eq!(counts(&rooms), (1, 0));
    threads.stop();
}

#[tokio::test]
async fn room_that_slept_for_too_long_is_forgotten_and_its_networks_share_is_free() {
    let limits = RoomLimits { asleep: Duration::from_millis(50), per_network: 1, ..short() };
    let (rooms, threads) = rooms(limits);
    let network = ClientNetwork::of([192, 0, 2, 1].into());
    let code: RoomCode = rooms.create(RoomRequest::default(), network).await.unwrap().code.parse().unwrap();
    let watching = Arc::clone(&rooms);
    let watch = tokio::spawn(async move { watching.watch().await });
    until("the room's end", || rooms.entry(code).is_none().then_some(())).await;
    // Its share is given back when the last that knows it lets go of it, a moment later.
    let end = Instant::now() + Duration::from_secs(30);
    while rooms.create(RoomRequest::default(), network).await.is_err() {
        assert!(Instant::now() < end, "the share is not free");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    watch.abort();
    threads.stop();
}

#[tokio::test]
async fn room_that_fails_is_closed_and_the_others_go_on() {
    let (rooms, threads) = rooms(short());
    let (failing, other) =
        (made(&rooms, RoomRequest::default()).await, made(&rooms, RoomRequest::default()).await);
    let (failing, other) = (rooms.find(failing).unwrap(), rooms.find(other).unwrap());
    let (_in_failing, in_other) = (failing.enter().await.unwrap(), other.enter().await.unwrap());
    failing.fail().await;
    assert_eq!(failing.look(&short()).await, Looked::Over);
    assert!(failing.enter().await.is_none());
    let before = in_other.arena.admission.telemetry.ticks_total.get();
    until("ticks", || (in_other.arena.admission.telemetry.ticks_total.get() > before + 5).then_some(()))
        .await;
    assert_eq!(other.look(&short()).await, Looked::Stays);
    assert!(in_other.arena.ready.load(Ordering::Relaxed));
    threads.stop();
}

#[tokio::test]
async fn rooms_are_kept_on_the_disk_until_they_are_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let writer = || {
        let dir = StateDir::open(directory.path()).unwrap();
        SnapshotWriter::start(dir, Duration::ZERO, 10).unwrap()
    };
    let names = || {
        let names = std::fs::read_dir(directory.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name.starts_with("room_")).collect();
        names.sort();
        names
    };
    let first = writer();
    let (made_in, threads) = kept_rooms(short(), Some(first.queue().clone()));
    let code =
        made(&made_in, RoomRequest { bots: Some(3), players: Some(5), ..RoomRequest::default() }).await;
    let entered = made_in.find(code).unwrap().enter().await.unwrap();
    let tick = |entered: &Entered| entered.arena.admission.telemetry.tick.get();
    until("ticks", || (tick(&entered) > 30).then_some(())).await;
    let slept = made(&made_in, RoomRequest { bots: Some(0), ..RoomRequest::default() }).await;
    let room = made_in.find(slept).unwrap();
    while room.telemetry().is_some() {
        room.look(&short()).await;
        sleep(Duration::from_millis(10)).await;
    }
    // As the server stops.
    threads.stop();
    until("the end", || made_in.find(code).unwrap().has_ended().then_some(())).await;
    assert_eq!(made_in.find(code).unwrap().look(&short()).await, Looked::Stays, "it is not over");
    let stopped_at = tick(&entered);
    made_in.parts.files.close();
    assert!(first.finish(Duration::from_secs(20)));
    let mut kept =
        [code, slept].map(|code| [format!("room_{code}.room"), format!("room_{code}.snapshot")]).concat();
    kept.sort();
    assert_eq!(names(), kept);

    std::fs::write(directory.path().join("room_ABCDEF.room"), "torn").unwrap();
    let second = writer();
    let limits = RoomLimits { asleep: Duration::from_millis(50), ..short() };
    let (rooms, threads) = kept_rooms(limits, Some(second.queue().clone()));
    assert_eq!(counts(&rooms), (0, 2));
    assert_eq!(rooms.entry(code).unwrap().max_players, 5);
    let woken = rooms.find(code).unwrap().enter().await.unwrap();
    let goes_on_at = until("a tick", || Some(tick(&woken)).filter(|tick| *tick > 0)).await;
    assert!(goes_on_at >= stopped_at && goes_on_at < stopped_at + 100_000, "{goes_on_at} after {stopped_at}");
    drop(woken);
    let watching = Arc::clone(&rooms);
    let watch = tokio::spawn(async move { watching.watch().await });
    until("the room's end", || (names() == ["room_ABCDEF.room.refused-1"]).then_some(())).await;
    watch.abort();
    threads.stop();
}

fn kept_room() -> KeptRoom<ArenaOf<ReplicatedSim>> {
    KeptRoom {
        arena: arena_file::load("drift").expect("an arena"),
        bots: 3,
        players: 7,
        key: RoomKeyHash::new_key().expect("randomness").1,
        next_key: None,
        is_public: true,
        is_locked: true,
        has_chat: false,
    }
}

#[test]
fn room_is_what_it_was_and_one_of_another_tick_rate_begins_again() {
    let packed =
        pack::<ReplicatedSim>(&kept_room(), &snapshot_of::<ReplicatedSim>(&kept_room(), 30, b"world"));
    let moved = unpack::<ReplicatedSim>(&packed, 30).expect("a room");
    assert_eq!(moved.payload.as_deref(), Some(&b"world"[..]));
    assert_eq!((moved.kept.players, moved.kept.is_public, moved.kept.is_locked), (7, true, true));
    assert_eq!(unpack::<ReplicatedSim>(&packed, 60).expect("a room").payload, None);
    let new = pack::<ReplicatedSim>(&kept_room(), &[]);
    assert_eq!(unpack::<ReplicatedSim>(&new, 30).expect("a room").payload, None);
}

proptest! {
    #[test]
    fn torn_room_is_refused(share in 0.0..1.0_f64) {
        let packed = pack::<ReplicatedSim>(&kept_room(), &[]);
        let end = (packed.len() as f64 * share) as usize;
        prop_assert!(unpack::<ReplicatedSim>(&packed[..end], 30).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(unpack::<ReplicatedSim>(&bytes, 30).is_err());
    }
}
