//! `--watch-arenas`: a changed arena file is in force without a signal, and a file that cannot be used changes nothing.

use std::{fs, time::Instant};

use shared::engine::protocol::CloseReason;

use super::{
    duellist::{Duellist, duel},
    process::{Arena, Server},
    reload::{plays_on, wait_for_line},
};

const WATCH: &[&str] = &["--watch-arenas"];

/// The line of the arena's file that has these words, from 1.
fn line_of(arena: &Arena, words: &str) -> usize {
    let text = fs::read_to_string(arena.file()).unwrap();
    1 + text.lines().position(|line| line.contains(words)).unwrap()
}

/// Waits until the server has another arena: the `bounce` in it.
async fn bounce_after_change(server: &Server, player: &mut Duellist) -> f32 {
    assert_eq!(player.closed().await, Some(CloseReason::Restarting));
    let welcome = player.reconnect(server).await;
    assert!(welcome.is_resumed);
    welcome.arena.rules.bounce
}

#[tokio::test]
async fn saved_arena_is_in_the_next_welcome_and_players_keep_what_they_have() {
    let arena = Arena::new();
    let server = Server::start(&arena, WATCH);
    let (mut ada, _bo) = duel(&server).await;
    let before = ada.ship().await;

    // Some editors write into the file, and others put a new one in its place.
    let saved = Instant::now();
    arena.change("bounce: 0.5", "bounce: 0.75");
    assert_eq!(bounce_after_change(&server, &mut ada).await, 0.75);
    println!("a saved arena was in force, and a player in it, after {:?}", saved.elapsed());
    let new = arena.file().with_extension("new");
    fs::write(&new, arena.changed("bounce: 0.75", "bounce: 0.25")).unwrap();
    fs::rename(new, arena.file()).unwrap();
    assert_eq!(bounce_after_change(&server, &mut ada).await, 0.25);

    let after = ada.ship().await;
    assert_eq!((after.embers, after.streak), (before.embers, before.streak));
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}

#[tokio::test]
async fn arena_that_cannot_be_used_is_reported_once_with_its_line_and_the_old_one_stays() {
    let arena = Arena::new();
    let server = Server::start(&arena, WATCH);
    let mut ada = Duellist::join(&server, "Ada").await;
    let path = arena.file().display().to_string();

    arena.change("bounce: 0.5", "bouncy: 0.5");
    let fault = format!("arena '{path}', line {}: unknown key 'bouncy'", line_of(&arena, "bouncy"));
    let refused = format!("arena \"Duel\" stays as it was: {fault}");
    wait_for_line(&server, &refused);
    plays_on(&mut ada).await;
    fs::remove_file(arena.file()).unwrap();
    wait_for_line(&server, "there is no arena");
    plays_on(&mut ada).await;
    assert_eq!(server.log().iter().filter(|line| line.contains(&refused)).count(), 1, "{:?}", server.log());

    // Back as it was, and then on.
    fs::copy(Arena::new().file(), arena.file()).unwrap();
    wait_for_line(&server, "the file of arena \"Duel\" is the same as before again");
    plays_on(&mut ada).await;
    arena.change("bounce: 0.5", "bounce: 0.75");
    assert_eq!(bounce_after_change(&server, &mut ada).await, 0.75);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}

#[tokio::test]
async fn without_the_flag_a_change_waits_for_the_signal() {
    let arena = Arena::new();
    let server = Server::start(&arena, &[]);
    let mut ada = Duellist::join(&server, "Ada").await;
    arena.change("bounce: 0.5", "bounce: 0.75");
    plays_on(&mut ada).await;
    server.signal("-HUP");
    assert_eq!(bounce_after_change(&server, &mut ada).await, 0.75);
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0));
}
