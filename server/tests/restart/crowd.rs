//! A crowd over a restart of each kind: every player is back in its own ship, and how long each was without frames. `cargo xtask
//! restart` measures the same with more players, and compares the times with what they may be.

use std::time::{Duration, Instant};

use shared::{
    engine::{
        input::{Angle, Buttons},
        protocol::CloseReason,
    },
    game::protocol::OwnShip,
};
use tokio::task::{JoinSet, spawn_blocking};

use super::{
    duellist::Duellist,
    process::{Arena, Server},
    wait_for_snapshot,
};

const PLAYERS: usize = 30;

/// One player's way through the restart.
struct Passage {
    is_same_player: bool,
    /// What the server said when it closed, if it could.
    reason: Option<CloseReason>,
    before: OwnShip,
    after: OwnShip,
    without_frames: Duration,
}

/// Plays until the server restarts, and reconnects as soon as it can.
async fn pass(mut player: Duellist) -> Passage {
    let before = player.ship().await;
    let mut last_frame = Instant::now();
    let reason = loop {
        player.input(Buttons::default(), Angle(0)).await;
        match player.frame_or_close().await {
            Ok(_) => last_frame = Instant::now(),
            Err(reason) => break reason,
        }
    };
    let welcome = player.reconnect_when_possible().await;
    player.frame().await;
    let without_frames = last_frame.elapsed();
    let is_same_player = welcome.is_resumed && welcome.player == player.player;
    Passage { is_same_player, reason, before, after: player.ship().await, without_frames }
}

/// Lets a crowd play while `restart` replaces the server, and expects all of it back, after it was told `reason`.
async fn crowd_is_back(
    restart: impl FnOnce(Server, Arena, &[&str]) -> Server + Send + 'static,
    reason: Option<CloseReason>,
) {
    let arena = Arena::new();
    let takeover = arena.state().with_file_name("takeover").display().to_string();
    let flags = ["--max-per-network", "1000", "--snapshot-seconds", "1", "--takeover", &takeover];
    let server = Server::start(&arena, &flags);
    let mut crowd = JoinSet::new();
    for _ in 0..PLAYERS {
        crowd.spawn(pass(Duellist::join(&server, "Ada").await));
    }
    // All of them play, and are in a snapshot.
    let flags = flags.map(str::to_owned);
    let replaced = spawn_blocking(move || {
        wait_for_snapshot(&server);
        restart(server, arena, &flags.each_ref().map(String::as_str))
    });
    let server = replaced.await.unwrap();
    let passages = crowd.join_all().await;
    assert!(passages.iter().all(|passage| passage.is_same_player && passage.reason == reason));
    for Passage { before, after, .. } in &passages {
        assert_eq!((before.embers, before.streak), (after.embers, after.streak));
        assert!(before.motion.position.distance(after.motion.position) < 1.0);
    }
    let longest = passages.iter().map(|passage| passage.without_frames).max().unwrap();
    println!("{} of {PLAYERS} players are back; the longest was {longest:?} without frames", passages.len());
    assert_eq!(passages.len(), PLAYERS);
    drop(server);
}

#[tokio::test]
async fn crowd_is_back_after_a_takeover() {
    let take_over = |server: Server, arena: Arena, flags: &[&str]| {
        let next = Server::start_at(&server.address, &arena, flags);
        assert_eq!(server.wait(), Some(0));
        next
    };
    crowd_is_back(take_over, Some(CloseReason::Restarting)).await;
}

#[tokio::test]
async fn crowd_is_back_after_a_stop() {
    let stop = |server: Server, arena: Arena, flags: &[&str]| {
        let address = server.address.clone();
        server.signal("-TERM");
        assert_eq!(server.wait(), Some(0));
        Server::start_at(&address, &arena, flags)
    };
    crowd_is_back(stop, Some(CloseReason::Restarting)).await;
}

#[tokio::test]
async fn crowd_is_back_after_a_kill() {
    let kill = |server: Server, arena: Arena, flags: &[&str]| {
        let address = server.address.clone();
        server.kill();
        Server::start_at(&address, &arena, flags)
    };
    crowd_is_back(kill, None).await;
}
