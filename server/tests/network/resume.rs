//! Reconnects, takeovers and hidden pages over real sockets.

use std::time::Duration;

use shared::{
    engine::protocol::{CloseReason, Hello, ResumeToken, Role},
    game::{
        Emberdrift,
        protocol::{ClientMessage, Frame, PilotState, Welcome},
    },
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::rig::{Client, eventually, server, server_with};
use server::run::Running;

/// Connects with a resume token.
async fn reconnect(server: &Running, token: Option<ResumeToken>, role: Role) -> (Client, Box<Welcome>) {
    let mut client = Client::connect(server).await;
    let hello = Hello { name: "Ada".into(), role, resume: token, ..Hello::of::<Emberdrift>() };
    client.send(&ClientMessage::Hello(hello)).await;
    let welcome = client.welcome().await;
    (client, welcome)
}

/// Waits until this many disconnected players may reconnect. They are counted once a second.
async fn wait_for_reconnecting(server: &Running, players: u64) {
    eventually("disconnected players are counted", || {
        server.telemetry().players_reconnecting.get() == players
    })
    .await;
}

#[tokio::test]
async fn disconnected_player_gets_its_ship_back_and_a_new_token() {
    let server = server().await;
    let (client, first) = Client::join(&server, "Ada").await;
    assert!(first.resume.is_some() && !first.is_resumed);
    // The stream ends without a close frame.
    drop(client);
    wait_for_reconnecting(&server, 1).await;
    let (mut client, second) = reconnect(&server, first.resume, Role::Player).await;
    assert_eq!((second.player, second.is_resumed), (first.player, true));
    assert_ne!(second.resume, first.resume);
    assert!(matches!(client.frame().await.head.viewer.own(), Some(PilotState::Alive(_))));
    assert_eq!(server.telemetry().reconnects_total.get(), 1);

    // Once the new token is acknowledged the old one is invalid.
    client.send(&ClientMessage::Hidden(false)).await;
    client.frame().await;
    client.frame().await;
    drop(client);
    wait_for_reconnecting(&server, 1).await;
    let (_other, third) = reconnect(&server, first.resume, Role::Player).await;
    assert_eq!((third.player == first.player, third.is_resumed), (false, false));
    let (_client, fourth) = reconnect(&server, second.resume, Role::Player).await;
    assert_eq!((fourth.player, fourth.is_resumed), (first.player, true));
    server.stop().await;
}

#[tokio::test]
async fn second_connection_replaces_the_first() {
    let server = server().await;
    let (mut one, first) = Client::join(&server, "Ada").await;
    let (mut two, second) = reconnect(&server, first.resume, Role::Player).await;
    one.expect_close(CloseReason::Replaced).await;
    assert_eq!((second.player, second.is_resumed), (first.player, true));
    // The end of the first connection does not affect the second.
    for _ in 0..30 {
        assert!(matches!(two.frame().await.head.viewer.own(), Some(PilotState::Alive(_))));
    }
    server.stop().await;
}

#[tokio::test]
async fn session_ends_with_a_normal_close_or_after_the_grace_period() {
    let server = server_with(|options| options.game.reconnect_grace = Duration::from_millis(100)).await;
    let (mut client, first) = Client::join(&server, "Ada").await;
    let normal = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    client.send_raw(Message::Close(Some(normal))).await;
    let telemetry = server.telemetry();
    // Not `players`, which is set once per second.
    eventually("the connection is closed", || telemetry.connections.get() == 0).await;
    let (client, second) = reconnect(&server, first.resume, Role::Player).await;
    assert!(!second.is_resumed);
    // A player whose connection broke keeps its session for the grace period only, which is six ticks.
    drop(client);
    eventually("the disconnect is noticed", || telemetry.connections.get() == 0).await;
    let noticed_at = telemetry.ticks_total.get();
    eventually("the grace period is over", || telemetry.ticks_total.get() > noticed_at + 8).await;
    let (_client, third) = reconnect(&server, second.resume, Role::Player).await;
    assert!(!third.is_resumed);
    server.stop().await;
}

#[tokio::test]
async fn forged_token_and_spectator_resume_no_session() {
    let server = server().await;
    let (client, first) = Client::join(&server, "Ada").await;
    let mut forged = first.resume.expect("a player has a token");
    forged.0[3] ^= 1;
    let (_forger, welcome) = reconnect(&server, Some(forged), Role::Player).await;
    assert_eq!((welcome.player == first.player, welcome.is_resumed), (false, false));
    let (_spectator, welcome) = reconnect(&server, first.resume, Role::Spectator).await;
    assert_eq!((welcome.player, welcome.resume, welcome.is_resumed), (None, None, false));
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn disconnected_player_keeps_its_seat_in_a_full_arena() {
    let server = server_with(|options| options.game.seats.players = 2).await;
    let (ada, welcome) = Client::join(&server, "Ada").await;
    let (_bo, _) = Client::join(&server, "Bo").await;
    drop(ada);
    wait_for_reconnecting(&server, 1).await;
    for _ in 0..3 {
        let mut late = Client::connect(&server).await;
        late.send(&ClientMessage::Hello(Hello::of::<Emberdrift>())).await;
        late.expect_close(CloseReason::Full).await;
    }
    let (_ada, back) = reconnect(&server, welcome.resume, Role::Player).await;
    assert!(back.is_resumed && back.player == welcome.player);
    server.stop().await;
}

#[tokio::test]
async fn hidden_client_gets_one_frame_a_second_and_a_full_view_afterwards() {
    let server = server().await;
    let (mut client, _) = Client::join(&server, "Ada").await;
    assert!(client.frame().await.head.view.is_some_and(|view| view.reset));
    client.send(&ClientMessage::Hidden(true)).await;
    // After the frames that were in flight, one head per second.
    let mut heads: Vec<Frame> = Vec::new();
    while heads.len() < 3 {
        let frame = client.frame().await;
        if frame.cells.is_empty() && frame.notices.is_empty() && frame.head.view.is_none() {
            heads.push(frame);
        } else {
            heads.clear();
        }
        let gap = |two: &[Frame]| two[1].head.tick.since(two[0].head.tick);
        if heads.windows(2).any(|two| gap(two) != 60) {
            heads.drain(..heads.len() - 1);
        }
    }
    client.send(&ClientMessage::Hidden(false)).await;
    let full = loop {
        let frame = client.frame().await;
        if !frame.cells.is_empty() {
            break frame;
        }
    };
    assert!(full.head.view.is_some_and(|view| view.reset));
    assert!(client.frame().await.head.view.is_none_or(|view| !view.reset));
    server.stop().await;
}
