//! The server's program and a client of it, over a real socket.

use client_web::test_client::{Server, TestClient};
use shared::prelude::*;
use tag::Tag;

/// A second and a half.
const FRAMES: u64 = 45;
const WAYS: [Vec2; 4] = [Vec2::X, Vec2::Y, Vec2::NEG_X, Vec2::NEG_Y];

/// A server without bots: a lone player is touched by no one.
fn server() -> Server {
    Server::start(env!("CARGO_BIN_EXE_tag-server"), &["--bots", "0"])
}

#[test]
fn body_moves_where_its_player_steers() {
    let server = server();
    let mut player = TestClient::<Tag>::join(&server, "Ada");
    for way in WAYS {
        let moved = player.play(FRAMES, Stick::towards(way));
        assert!(moved.dot(way) > 100.0, "towards {way}: {moved}");
    }
    assert_eq!(player.session().stats().checksum_mismatches, 0);
}

#[test]
fn prediction_is_exact() {
    let server = server();
    let mut player = TestClient::<Tag>::join(&server, "Ada");
    // The first player becomes "it" at once, and stays that.
    player.play(FRAMES, Stick::default());
    player.play_exactly(FRAMES, &WAYS.map(Stick::towards));
}

#[test]
fn player_comes_back_as_itself() {
    let server = server();
    let mut player = TestClient::<Tag>::join(&server, "Ada");
    player.play(FRAMES, Stick::towards(Vec2::X));
    let (id, place) = (player.session().player_id(), player.position());
    let player = player.reconnect(&server);
    assert_eq!(
        (player.session().player_id(), player.session().welcome().is_some_and(|it| it.is_resumed)),
        (id, true)
    );
    let way = player.position().zip(place).map(|(now, before)| now.distance(before));
    assert!(way.is_some_and(|way| way < 200.0), "it was not put elsewhere: {way:?}");
}

#[test]
fn players_see_one_another_and_every_checksum_agrees() {
    let server = Server::start(env!("CARGO_BIN_EXE_tag-server"), &["--bots", "6"]);
    let (mut ada, mut ben) =
        (TestClient::<Tag>::join(&server, "Ada"), TestClient::<Tag>::join(&server, "Ben"));
    for way in WAYS {
        ada.play(FRAMES / 3, Stick::towards(way));
        ben.play(FRAMES / 3, Stick::towards(-way));
    }
    for player in [&ada, &ben] {
        assert!(player.session().stats().visible_bodies > 0);
        assert_eq!(player.session().stats().checksum_mismatches, 0);
    }
    let name = ben.session().player_id().zip(ada.session().roster()).map(|(id, roster)| roster.name(id));
    assert_eq!(name.as_deref(), Some("Ben"));
}
