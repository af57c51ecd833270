//! The real program is stopped, killed and started again, and its players come back as they were. Snapshots that cannot be used
//! are moved aside. What failed is replayed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail there")]

mod certificate;
mod crowd;
mod duellist;
mod process;
#[path = "../common/program.rs"]
mod program;
mod recording;
mod reload;
mod supervisor;
mod takeover;
mod watched_arena;

use std::{fs, path::Path};

use shared::engine::protocol::CloseReason;

use self::{
    duellist::{Duellist, duel},
    process::{Arena, Server},
};

/// Waits until one more snapshot is written than now.
fn wait_for_snapshot(server: &Server) {
    let written = || server.metric("emberdrift_snapshots_total{arena=\"duel\"}");
    // One may be on its way, with the state of before.
    let enough = written() + 2;
    while written() < enough {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[tokio::test]
async fn stopped_server_goes_on_with_every_player_in_its_own_ship() {
    let arena = Arena::new();
    let server = Server::start(&arena, &[]);
    let (mut ada, mut bo) = duel(&server).await;
    let before = ada.ship().await;
    assert!(before.streak > 0 && before.embers > 0, "{before:?}");
    server.signal("-TERM");
    for player in [&mut ada, &mut bo] {
        assert_eq!(player.closed().await, Some(CloseReason::Restarting));
    }
    let address = server.address.clone();
    assert_eq!(server.wait(), Some(0));

    let server = Server::start_at(&address, &arena, &[]);
    for (player, name) in [(&mut ada, "Ada"), (&mut bo, "Bo")] {
        let last_tick = player.tick;
        let welcome = player.reconnect(&server).await;
        assert_eq!((welcome.player, welcome.is_resumed), (player.player, true), "{name}");
        // Nothing passed while no process ran: the ticks go on where they were, a few of them while the clients connect.
        assert!(
            welcome.tick >= last_tick && welcome.tick.since(last_tick) < 300,
            "{:?} {last_tick:?}",
            welcome.tick
        );
    }
    let after = ada.ship().await;
    assert_eq!((after.embers, after.streak), (before.embers, before.streak));
    let way = after.motion.position.distance(before.motion.position);
    assert!(way < 60.0, "it came back {way} units from where it was");
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}

#[tokio::test]
async fn killed_server_goes_on_from_its_last_snapshot() {
    let arena = Arena::new();
    let server = Server::start(&arena, &["--snapshot-seconds", "1"]);
    let (mut ada, _bo) = duel(&server).await;
    let before = ada.ship().await;
    wait_for_snapshot(&server);
    // A token that no snapshot knows, most probably: the next one is a second away.
    assert!(ada.reconnect(&server).await.is_resumed);
    let address = server.address.clone();
    server.kill();

    let server = Server::start_at(&address, &arena, &[]);
    let welcome = ada.reconnect(&server).await;
    assert_eq!((welcome.player, welcome.is_resumed), (ada.player, true));
    let after = ada.ship().await;
    assert_eq!((after.embers, after.streak), (before.embers, before.streak));
}

/// Expects that the snapshot in the directory is refused with these words, moved aside, and that players can join.
async fn is_refused(arena: &Arena, snapshot: &[u8], number: u32, why: &str) {
    fs::write(arena.snapshot(), snapshot).unwrap();
    let server = Server::start(arena, &[]);
    let said = server.log_before_start.iter().filter(|line| line.contains("cannot use the snapshot"));
    let said: Vec<_> = said.collect();
    assert!(matches!(&said[..], [line] if line.contains(why)), "{why}: {:?}", server.log_before_start);
    let aside = format!("{}.refused-{number}", arena.snapshot().display());
    assert_eq!(fs::read(Path::new(&aside)).unwrap(), snapshot);
    assert!(!arena.snapshot().exists());
    let ada = Duellist::join(&server, "Ada").await;
    assert!(ada.player.is_some());
    drop(ada);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(arena.snapshot().exists(), "{why}");
}

#[tokio::test]
async fn snapshot_that_cannot_be_used_is_moved_aside_and_the_arena_starts_clean() {
    let arena = Arena::new();
    let server = Server::start(&arena, &[]);
    drop(Duellist::join(&server, "Ada").await);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    let good = fs::read(arena.snapshot()).unwrap();

    is_refused(&arena, &good[..good.len() / 2], 1, "it is torn").await;
    is_refused(&arena, b"", 2, "it is no snapshot").await;
    is_refused(&arena, b"not ours at all", 3, "it is no snapshot").await;
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    is_refused(&arena, &changed, 4, "its checksum is wrong").await;
    let mut other_format = good.clone();
    other_format[8] = 0;
    is_refused(&arena, &other_format, 5, "it has format 0").await;
    // The arena's file says something else now.
    arena.change("bounce: 0.5", "bounce: 0.6");
    is_refused(&arena, &good, 6, "it is of another arena").await;
}

#[test]
fn two_servers_never_share_a_state_directory() {
    let arena = Arena::new();
    let server = Server::start(&arena, &[]);
    let second = program::output(&mut process::emberdrift(&arena, "127.0.0.1:0", &[]));
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1));
    assert!(said.contains("another server uses the state directory") && said.lines().count() == 1, "{said}");
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}

#[tokio::test]
async fn server_that_cannot_write_its_last_snapshot_promises_no_ship_and_exits_with_1() {
    let arena = Arena::new();
    let server = Server::start(&arena, &[]);
    let mut ada = Duellist::join(&server, "Ada").await;
    // What the temporary file is called.
    let mut name = arena.snapshot().into_os_string();
    name.push(".tmp");
    fs::create_dir(name).unwrap();
    server.signal("-TERM");
    assert_eq!(ada.closed().await, Some(CloseReason::ShuttingDown));
    assert_eq!(server.wait(), Some(1));
    assert!(!arena.snapshot().exists());
}
