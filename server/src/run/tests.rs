//! How a server is watched and stopped.

use std::collections::HashMap;

use super::*;
use crate::{
    engine::{
        drill::SlowTick,
        net::{Limits, Site, Tls, TlsSource},
        sessions::Seats,
    },
    game::{ArenaSettings, arena_file, replicated::ReplicatedSim},
};

fn options() -> Options<ReplicatedSim> {
    let game = ArenaSettings {
        arena: arena_file::load("drift").unwrap(),
        tick_rate: 60,
        bots: 0,
        seats: Seats::new(2),
        seed: 1,
        reconnect_grace: Duration::from_secs(60),
        slow_tick: None,
        fail_after: None,
    };
    Options {
        limits: Limits { shutdown_timeout: Duration::from_millis(100), ..Limits::for_players(2) },
        site: Site::Files(HashMap::new()),
        ..Options::of_one_arena(game)
    }
}

#[test]
fn simulation_without_a_tick_for_a_second_is_not_ticking() {
    let (start, mut progress) = (Instant::now(), Progress::default());
    let after = |ms| start + Duration::from_millis(ms);
    assert!(!progress.is_ticking(0, start), "it has never ticked");
    assert!(progress.is_ticking(1, after(5000)));
    assert!(progress.is_ticking(1, after(5999)));
    assert!(!progress.is_ticking(1, after(6000)));
    assert!(progress.is_ticking(2, after(6001)));
}

#[tokio::test]
async fn watch_reports_a_simulation_that_ends_by_itself() {
    let server = start(options()).await.unwrap();
    let ended = async {
        tokio::select! {
            ended = server.watch() => ended,
            () = async {
                while !server.parts.simulations[0].arena.ready.load(Ordering::Relaxed) {
                    sleep(Duration::from_millis(1)).await;
                }
                // Only this flag is set, so for `watch` the thread ends by itself.
                server.parts.threads.control.stop();
                std::future::pending::<()>().await;
            } => unreachable!(),
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the watch returns");
    assert!(ended.to_string().contains("\"Drift\""), "{ended}");
    assert!(
        !server.parts.simulations[0].arena.ready.load(Ordering::Relaxed),
        "no client is sent here any more"
    );
    server.stop().await;
}

#[tokio::test]
async fn simulation_thread_that_panics_leaves_its_recording_and_ends_the_run() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options();
    options.game.fail_after = Some(Duration::from_millis(200));
    options.storage.state = Some(directory.path().to_owned());
    let server = start(options).await.unwrap();
    let ended =
        tokio::time::timeout(Duration::from_secs(20), server.watch()).await.expect("the watch returns");
    assert!(ended.is_failure && ended.to_string().contains("\"Drift\""), "{ended}");
    assert!(!server.parts.simulations[0].arena.ready.load(Ordering::Relaxed));
    let ticks = server.telemetry().ticks_total.get();
    // The panic does not keep the server from stopping.
    server.stop().await;
    let recording = std::fs::read(directory.path().join("drift.failure-1.recording")).unwrap();
    let replayed = crate::engine::recording::replay::<ReplicatedSim>(&recording, true, |_| {}).unwrap();
    assert_eq!((replayed.difference, u64::from(replayed.tick)), (None, ticks));
    assert!(!directory.path().join("drift.snapshot").exists(), "what a failure left is not kept");
}

/// The watcher's clock stands still but for its own sleeps, so its checks take no time.
#[tokio::test(start_paused = true)]
async fn simulation_that_hangs_ends_the_run() {
    let mut options = options();
    let hour = Duration::from_secs(3600);
    options.game.slow_tick = Some(SlowTick { extra: hour, lasts: hour, after: Duration::ZERO });
    let server = start(options).await.unwrap();
    let began = Instant::now();
    let ended =
        tokio::time::timeout(Duration::from_secs(20), server.watch()).await.expect("the watch returns");
    assert!(ended.to_string().starts_with("the simulation of arena \"Drift\" hangs"), "{ended}");
    assert!(began.elapsed() >= Duration::from_secs(9), "{:?}", began.elapsed());
    // Not stopped: that would wait for the thread in one of the runtime's own, which this runtime would wait for.
}

#[test]
fn ticks_and_pauses_of_the_process_are_no_hang() {
    let (mut progress, start) = (Progress::default(), Instant::now());
    // A tick every nine seconds; and the process is stopped for an hour between two checks.
    for check in 0..400_u64 {
        let pause = if check > 200 { Duration::from_secs(3600) } else { Duration::ZERO };
        let now = start + WATCH_EVERY * check as u32 + pause;
        progress.is_ticking(1 + check / 90, now);
        assert!(progress.checks_without_tick < HANGS_AFTER_CHECKS, "{check}");
    }
}

#[tokio::test]
async fn task_that_ends_by_itself_ends_the_run() {
    let mut options = options();
    let source = TlsSource::SelfSigned { names: vec!["localhost".to_owned()], kept_in: None };
    options.tls = Some(Arc::new(Tls::new(source).unwrap()));
    let mut server = start(options).await.unwrap();
    let feed = core::mem::replace(&mut server.parts.simulations[0].feed, tokio::spawn(async {}));
    let limit = Duration::from_secs(20);
    let ended = tokio::time::timeout(limit, server.watch()).await.expect("the watch returns");
    assert!(ended.to_string().starts_with("the feed of arena \"Drift\" stopped"), "{ended}");
    server.parts.simulations[0].feed = feed;
    let network = core::mem::replace(&mut server.parts.network, tokio::spawn(async {}));
    let ended = tokio::time::timeout(limit, server.watch()).await.expect("the watch returns");
    assert!(ended.to_string().starts_with("the network stopped"), "{ended}");
    server.parts.network = network;
    // As after a panic in it.
    server.parts.certificate.as_ref().unwrap().abort();
    let ended = tokio::time::timeout(limit, server.watch()).await.expect("the watch returns");
    assert!(ended.to_string().starts_with("the watch on the certificate stopped"), "{ended}");
    server.stop().await;
}

#[tokio::test]
async fn stop_ends_the_simulation_and_the_listener() {
    let server = start(options()).await.unwrap();
    let address = server.address();
    let Simulated { arena, status, .. } = &server.parts.simulations[0];
    let (arena, status) = (Arc::clone(arena), Arc::clone(status));
    server.stop().await;
    assert!(status.has_ended() && !status.has_failed());
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "it no longer listens");
    // The thread is joined, so there are no more ticks.
    let ticks = arena.admission.telemetry.ticks_total.get();
    sleep(Duration::from_millis(100)).await;
    assert_eq!(arena.admission.telemetry.ticks_total.get(), ticks);
}

#[tokio::test]
async fn stop_does_not_wait_for_a_simulation_that_hangs() {
    let mut options = options();
    let hour = Duration::from_secs(3600);
    options.game.slow_tick =
        Some(SlowTick { extra: Duration::from_secs(3), lasts: hour, after: Duration::ZERO });
    let server = start(options).await.unwrap();
    // Into the first tick.
    sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    server.stop().await;
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
}

#[test]
fn simulation_that_hangs_does_not_keep_the_storage_open() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut options = options();
    let hour = Duration::from_secs(3600);
    options.game.slow_tick = Some(SlowTick { extra: hour, lasts: hour, after: Duration::ZERO });
    options.storage.state = Some(directory.path().join("state"));
    options.storage.record = Some(directory.path().join("games"));
    runtime.block_on(async {
        let server = start(options).await.unwrap();
        // Into the first tick.
        sleep(Duration::from_millis(200)).await;
        let began = Instant::now();
        assert!(matches!(server.stop().await, Some(StopError::NotSaved)));
        assert!(began.elapsed() < stop::STOP_MAX / 2, "{:?}", began.elapsed());
    });
    // One of its threads waits for the simulation.
    runtime.shutdown_background();
}

#[tokio::test]
async fn arenas_with_the_same_address_are_refused_before_anything_starts() {
    // The second has a Cyrillic letter.
    for same in ["drift!", "Dr\u{456}ft"] {
        let mut options = options();
        let mut other = options.game.clone();
        other.arena.name = same.into();
        options.others = vec![other];
        assert!(matches!(start(options).await, Err(StartError::SameName { name }) if name == same));
    }
}
