//! SIGHUP: the file of an arena is read again, and the game goes on in the changed arena.

use std::{fs, time::Duration};

use shared::engine::protocol::CloseReason;

use super::{
    duellist::{Duellist, duel},
    process::{Arena, Server},
    recording::{recordings, verified},
};

/// Waits until a line of the log has these words.
pub(crate) fn wait_for_line(server: &Server, words: &str) {
    for _ in 0..1000 {
        if server.log().iter().any(|line| line.contains(words)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no {words:?} in {:?}", server.log());
}

/// Frames that a player still gets on its connection.
pub(crate) async fn plays_on(player: &mut Duellist) {
    for _ in 0..30 {
        player.frame().await;
    }
}

#[tokio::test]
async fn changed_arena_takes_effect_and_players_keep_what_they_have() {
    let arena = Arena::new();
    let games = arena.state().with_file_name("games");
    let server = Server::start(&arena, &["--record", games.to_str().unwrap(), "--snapshot-seconds", "3600"]);
    let (mut ada, mut bo) = duel(&server).await;
    let before = ada.ship().await;
    assert!(before.streak > 0 && before.embers > 0, "{before:?}");

    arena.change("bounce: 0.5", "bounce: 0.75");
    server.signal("-HUP");
    for player in [&mut ada, &mut bo] {
        assert_eq!(player.closed().await, Some(CloseReason::Restarting));
        let welcome = player.reconnect(&server).await;
        assert_eq!((welcome.player, welcome.is_resumed), (player.player, true));
        assert_eq!(welcome.arena.rules.bounce, 0.75);
    }
    let after = ada.ship().await;
    // Embers are scattered again, and one may lie in reach.
    assert!(after.embers >= before.embers && after.streak == before.streak, "{before:?} {after:?}");
    assert!(after.motion.position.distance(before.motion.position) < 1.0);

    // A rock where the ship is: it is moved, and keeps the rest.
    let place = after.motion.position;
    let rock = format!("rocks: [(centre: ({}, {}), radius: 60)], rules: (", place.x, place.y);
    arena.change("rules: (", &rock);
    server.signal("-HUP");
    assert_eq!(ada.closed().await, Some(CloseReason::Restarting));
    let welcome = ada.reconnect(&server).await;
    assert!(welcome.is_resumed && welcome.arena.rocks.len() == 1);
    let moved = ada.ship().await;
    assert!(moved.embers >= before.embers && moved.streak == before.streak, "{before:?} {moved:?}");
    assert!(moved.motion.position.distance(place) > 60.0);

    // A snapshot of the new arena was taken at once: a crash loses nothing.
    wait_for_line(&server, "the changed arena is in force");
    let written = || server.metric("emberdrift_snapshots_total{arena=\"duel\"}");
    // One for each reload.
    while written() < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let address = server.address.clone();
    server.kill();
    let server = Server::start_at(&address, &arena, &[]);
    assert!(ada.reconnect(&server).await.is_resumed);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
    // Each arena has a recording of its own; the last was cut by the kill, and is good up to there.
    let recordings = recordings(&games);
    assert!(recordings.len() >= 2, "{recordings:?}");
    recordings.iter().for_each(|recording| drop(verified(recording)));
}

#[tokio::test]
async fn file_that_cannot_be_used_or_says_the_same_changes_nothing() {
    let arena = Arena::new();
    let server = Server::start(&arena, &[]);
    let mut ada = Duellist::join(&server, "Ada").await;
    server.signal("-HUP");
    wait_for_line(&server, "arena \"Duel\" is the same as before");
    plays_on(&mut ada).await;

    arena.change("bounce: 0.5", "bounce: 99");
    server.signal("-HUP");
    wait_for_line(&server, "arena \"Duel\" stays as it was: ");
    assert!(server.log().iter().any(|line| line.contains("rules.bounce")), "{:?}", server.log());
    plays_on(&mut ada).await;

    arena.change("bounce: 99", "bounce: 0.5");
    arena.change("\"Duel\"", "\"Other\"");
    server.signal("-HUP");
    wait_for_line(&server, "in its file it is called \"Other\"");
    plays_on(&mut ada).await;

    fs::remove_file(arena.file()).unwrap();
    server.signal("-HUP");
    wait_for_line(&server, "there is no arena");
    plays_on(&mut ada).await;
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}
