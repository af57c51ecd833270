//! What a player receives, and how a client that breaks the protocol is closed.

use std::time::Duration;

use server::engine::token_bucket::Rate;
use shared::{
    engine::{
        game_trait::Game as _,
        ids::Tick,
        input::PlayerInput,
        limits::{CLIENT_MESSAGE_BYTES_MAX, LEAD_NONE},
        protocol::{CloseReason, Hello, ProtocolVersion, encode_client},
    },
    game::{Emberdrift, protocol::ClientMessage},
};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::rig::{Client, eventually, hello, server, server_with};

fn input(tick: Tick) -> ClientMessage {
    ClientMessage::Input { tick, input: PlayerInput::default(), rewind: 0, ack: 0 }
}

#[tokio::test]
async fn hello_is_answered_by_a_welcome_and_frames_with_rising_ticks() {
    let server = server().await;
    let (mut client, welcome) = Client::join(&server, "Ada").await;
    assert_eq!(welcome.tick_rate, 60);

    let first = client.frame().await;
    assert!(first.head.tick >= welcome.tick);
    let mut tick = first.head.tick;
    for _ in 0..20 {
        let frame = client.frame().await;
        assert!(frame.head.tick > tick, "{:?} after {tick:?}", frame.head.tick);
        tick = frame.head.tick;
    }
    server.stop().await;
}

#[tokio::test]
async fn inputs_reach_the_simulation_and_are_acknowledged() {
    let server = server().await;
    let (mut client, _) = Client::join(&server, "Ada").await;
    let now = client.frame().await.head;
    assert_eq!(now.lead, LEAD_NONE);
    // As far ahead as the server keeps inputs.
    for ticks in 1..=15 {
        client.send(&input(now.tick.after(ticks))).await;
    }
    let last = now.tick.after(15);
    loop {
        let head = client.frame().await.head;
        let newest = i64::from(head.tick.0) + i64::from(head.lead);
        if newest == i64::from(last.0) {
            break;
        }
        assert!(head.tick < last, "the last input was never acknowledged");
    }
    server.stop().await;
}

#[tokio::test]
async fn player_that_disconnects_leaves_the_arena() {
    let server = server().await;
    let (mut client, _) = Client::join(&server, "Ada").await;
    eventually("one player", || server.telemetry().players.get() == 1).await;
    client.send_raw(Message::Close(None)).await;
    while let Some(Ok(_)) = futures_util::StreamExt::next(&mut client.socket).await {}
    eventually("no player", || server.telemetry().players.get() == 0).await;
    eventually("no connection", || server.telemetry().connections.get() == 0).await;
    assert_eq!(server.telemetry().closed.get("peer").get(), 1);

    let (client, _) = Client::join(&server, "Ada").await;
    eventually("one player", || server.telemetry().players.get() == 1).await;
    drop(client);
    eventually("no player", || server.telemetry().players.get() == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn other_protocol_version_is_closed() {
    let server = server().await;
    let mut client = Client::connect(&server).await;
    let hello =
        Hello { protocol: ProtocolVersion(Emberdrift::PROTOCOL_VERSION ^ 1), ..Hello::of::<Emberdrift>() };
    client.send(&ClientMessage::Hello(hello)).await;
    client.expect_close(CloseReason::VersionMismatch).await;
    server.stop().await;
}

#[tokio::test]
async fn party_code_that_is_none_is_closed_with_what_one_is() {
    let server = server().await;
    for code in ["", "not a code", "ABCDEFGHIJKLMNOPQ"] {
        let mut client = Client::connect(&server).await;
        let hello = Hello { party: Some(code.into()), ..Hello::of::<Emberdrift>() };
        client.send(&ClientMessage::Hello(hello)).await;
        let (code, text) = client.closed().await;
        assert_eq!(CloseReason::from_code(code), Some(CloseReason::ProtocolError), "{text}");
        assert!(text.contains("1 to 16 letters and digits"), "{text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn client_of_another_game_is_told_which_game_this_is() {
    let server = server().await;
    let mut client = Client::connect(&server).await;
    client.send(&ClientMessage::Hello(Hello { game: "tag".into(), ..Hello::of::<Emberdrift>() })).await;
    let (code, text) = client.closed().await;
    assert_eq!(CloseReason::from_code(code), Some(CloseReason::OtherGame), "{text}");
    assert!(text.contains("emberdrift"), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn protocol_violation_is_closed_with_its_reason() {
    let server = server().await;
    let cut = Bytes::from(encode_client(&hello("Ada"))).slice(..5);
    for (message, reason) in [
        (Message::Binary(vec![0xff; 9].into()), CloseReason::InvalidPayload),
        (Message::Binary(cut), CloseReason::InvalidPayload),
        (Message::Binary(Bytes::new()), CloseReason::InvalidPayload),
        (Message::Binary(encode_client(&input(Tick(1))).into()), CloseReason::ProtocolError),
        (Message::text("hello"), CloseReason::UnsupportedData),
        (Message::Binary(vec![0; CLIENT_MESSAGE_BYTES_MAX + 1].into()), CloseReason::MessageTooBig),
        (Message::Binary(vec![0; 1_000_000].into()), CloseReason::MessageTooBig),
    ] {
        let mut client = Client::connect(&server).await;
        client.send_raw(message).await;
        client.expect_close(reason).await;
    }
    // The same after joining.
    let (mut client, _) = Client::join(&server, "Ada").await;
    eventually("one player", || server.telemetry().players.get() == 1).await;
    client.send(&hello("Ada")).await;
    client.expect_close(CloseReason::ProtocolError).await;
    eventually("no player is left", || server.telemetry().players.get() == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn client_without_hello_times_out() {
    let server = server_with(|options| options.limits.hello_timeout = Duration::from_millis(50)).await;
    let mut client = Client::connect(&server).await;
    client.expect_close(CloseReason::IdleTimeout).await;
    server.stop().await;
}

#[tokio::test]
async fn flood_of_messages_or_bytes_is_rate_limited() {
    let server = server_with(|options| {
        options.limits.message_rate = Rate::new(1, 50);
    })
    .await;
    let (mut client, _) = Client::join(&server, "Ada").await;
    for _ in 0..50 {
        client.send(&input(Tick(0))).await;
    }
    client.expect_close(CloseReason::RateLimited).await;
    server.stop().await;

    let server = server_with(|options| {
        options.limits.byte_rate = Rate::new(1, 1000);
        options.limits.check_interval = Duration::from_millis(10);
    })
    .await;
    let (mut client, _) = Client::join(&server, "Ada").await;
    for _ in 0..10 {
        client.send_raw(Message::Ping(vec![0; 125].into())).await;
    }
    client.expect_close(CloseReason::RateLimited).await;
    server.stop().await;
}

#[tokio::test]
async fn flood_of_one_kind_of_message_is_rate_limited_and_named() {
    let server = server().await;
    for (message, count, named) in [
        (encode_client(&ClientMessage::Chat("hi".into())), 71, "chat lines"),
        (encode_client(&ClientMessage::Hidden(true)), 41, "Hidden"),
        (Vec::new(), 101, "pings"),
    ] {
        let (mut client, _) = Client::join(&server, "Ada").await;
        for _ in 0..count {
            let frame = match message.is_empty() {
                true => Message::Ping(Vec::new().into()),
                false => Message::Binary(message.clone().into()),
            };
            client.send_raw(frame).await;
        }
        let (code, text) = client.closed().await;
        assert_eq!(CloseReason::from_code(code), Some(CloseReason::RateLimited), "{text}");
        assert!(text.contains(named), "{text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn full_arena_refuses_another_player() {
    let server = server_with(|options| options.game.seats.players = 1).await;
    let (_first, _) = Client::join(&server, "Ada").await;
    let mut second = Client::connect(&server).await;
    second.send(&hello("Bob")).await;
    second.expect_close(CloseReason::Full).await;
    server.stop().await;
}
