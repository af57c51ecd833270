//! A crowd over a restart: every player is back in its own ship, and how long each was without frames.

use std::time::{Duration, Instant};

use shared::{
    engine::{
        input::{Angle, Buttons},
        protocol::CloseReason,
    },
    game::protocol::OwnShip,
};
use tokio::task::JoinSet;

use super::{
    duellist::Duellist,
    process::{Arena, Server},
};

const PLAYERS: usize = 100;

/// One player's way through the restart.
struct Passage {
    is_same_player: bool,
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
    assert_eq!(reason, Some(CloseReason::Restarting));
    let welcome = player.reconnect_when_possible().await;
    player.frame().await;
    let without_frames = last_frame.elapsed();
    let is_same_player = welcome.is_resumed && welcome.player == player.player;
    Passage { is_same_player, before, after: player.ship().await, without_frames }
}

#[tokio::test]
async fn crowd_is_back_in_its_own_ships() {
    let arena = Arena::new();
    let flags = ["--max-per-network", "1000"];
    let server = Server::start(&arena, &flags);
    let mut crowd = JoinSet::new();
    for _ in 0..PLAYERS {
        crowd.spawn(pass(Duellist::join(&server, "Ada").await));
    }
    // All of them play.
    let ticks = server.metric("emberdrift_ticks_total{arena=\"duel\"}");
    while server.metric("emberdrift_ticks_total{arena=\"duel\"}") < ticks + 60 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let address = server.address.clone();
    server.signal("-TERM");
    let exit = tokio::task::spawn_blocking(|| server.wait()).await.unwrap();
    assert_eq!(exit, Some(0));
    let server =
        tokio::task::spawn_blocking(move || Server::start_at(&address, &arena, &flags)).await.unwrap();
    let passages = crowd.join_all().await;
    assert!(passages.iter().all(|passage| passage.is_same_player));
    for Passage { before, after, .. } in &passages {
        assert_eq!((before.embers, before.streak), (after.embers, after.streak));
        assert!(before.motion.position.distance(after.motion.position) < 1.0);
    }
    let longest = passages.iter().map(|passage| passage.without_frames).max().unwrap();
    println!("{} of {PLAYERS} players are back; the longest was {longest:?} without frames", passages.len());
    assert_eq!(passages.len(), PLAYERS);
    drop(server);
}
