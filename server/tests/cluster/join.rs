//! Nodes that join a cluster, and clients that come to the wrong node.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use shared::{
    engine::protocol::{CloseReason, Hello, encode_client},
    game::{Emberdrift, protocol::ClientMessage},
};
use tokio::time::timeout;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, Message},
};

use crate::{
    nats::Nats,
    node::{Node, TIMEOUT, until},
    player::Player,
};

#[tokio::test]
async fn arenas_and_public_rooms_are_listed_alike_on_every_node() {
    let nats = Nats::start().await;
    let nodes = ["a", "b", "c"].map(|name| Node::start(&nats.url(), name));
    let room = nodes[0].make_room(&json!({ "public": true })).await;
    let expected = || async {
        let lists = [nodes[0].arenas().await, nodes[1].arenas().await, nodes[2].arenas().await];
        let has_all =
            lists[0].len() == 4 && lists[0].contains(&(format!("room/{}", room.code), nodes[0].url()));
        has_all && lists.iter().all(|list| *list == lists[0])
    };
    until("the list is the same", TIMEOUT, expected).await;
    let own: Vec<_> = nodes[0].arenas().await.into_iter().filter(|(slug, _)| slug == "drift").collect();
    assert_eq!(own.len(), 3);
    assert!(nodes.iter().all(|node| own.contains(&("drift".to_owned(), node.url()))), "{own:?}");
}

#[tokio::test]
async fn second_node_of_a_name_refuses_to_start_and_so_does_one_without_nats() {
    let nats = Nats::start().await;
    let first = Node::start(&nats.url(), "twin");
    let why = Node::refused(&nats.url(), "twin");
    assert!(
        why.contains("twin runs already") && why.contains(&first.url()) && why.contains("--node"),
        "{why}"
    );
    assert_eq!(why.trim().lines().count(), 1, "{why}");
    let why = Node::refused("nats://127.0.0.1:9", "alone");
    assert!(why.contains("nats://127.0.0.1:9") && why.contains("nats-server -js"), "{why}");
}

#[tokio::test]
async fn entries_that_are_none_change_nothing() {
    let nats = Nats::start().await;
    let (a, b) = (Node::start(&nats.url(), "a"), Node::start(&nats.url(), "b"));
    let room = a.make_room(&json!({ "public": true })).await;
    let client = async_nats::connect(nats.url()).await.expect("it answers");
    let context = async_nats::jetstream::new(client);
    let own = json!({ "node": "b", "incarnation": "0000000000000001", "world": "x".repeat(500) });
    let hostile = json!({
        "name": "evil", "incarnation": "0000000000000002", "region": null, "url": "javascript:alert(1)", "is_draining": false,
        "is_full": false, "players": 0, "arenas": [], "beat": 1
    });
    for (store, key, value) in [
        ("emberdrift_nodes", "evil", hostile.to_string()),
        ("emberdrift_nodes", "worse", "\u{0}".repeat(1000)),
        ("emberdrift_rooms", "NOCODE.x", "{}".to_owned()),
        // Of a room that is held.
        ("emberdrift_rooms", &room.code, own.to_string()),
        ("emberdrift_rooms", "AAAAAA", "[]".to_owned()),
    ] {
        let store = context.get_key_value(store).await.expect("it is there");
        store.put(key, value.into()).await.expect("it is taken in");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(a.arenas().await, b.arenas().await);
    assert_eq!(a.arenas().await.len(), 3);
    assert!(a.has_room(&room.code).await && !b.has_room(&room.code).await);
    a.make_room(&json!({})).await;
}

/// The first close code, and its text, of a client that says hello at this address.
async fn closed(address: &str) -> (u16, String) {
    let (mut socket, _) = connect_async(address).await.expect("a WebSocket");
    let hello = ClientMessage::Hello(Hello::of::<Emberdrift>());
    socket.send(Message::Binary(encode_client(&hello).into())).await.expect("it is sent");
    let close = async {
        loop {
            if let Some(Ok(Message::Close(Some(close)))) = socket.next().await {
                return (close.code.into(), close.reason.to_string());
            }
        }
    };
    timeout(TIMEOUT, close).await.expect("it is closed")
}

#[tokio::test]
async fn client_at_the_wrong_node_is_sent_on_with_a_ticket_that_is_good_once() {
    let nats = Nats::start().await;
    let (a, b) = (Node::start(&nats.url(), "a"), Node::start(&nats.url(), "b"));
    let room = a.make_room(&json!({ "bots": 0, "players": 2 })).await;
    let path = format!("/ws/room/{}", room.code);
    let (code, address) = closed(&format!("ws://{}{path}", b.address)).await;
    assert_eq!(CloseReason::from_code(code), Some(CloseReason::Moved), "{address}");
    let (place, ticket) = address.split_once("?seat=").expect("a ticket");
    assert_eq!(place, format!("ws://{}{path}", a.address));
    // One of two seats is reserved, so only one more is.
    let (_, second) = closed(&format!("ws://{}{path}", b.address)).await;
    assert!(second.contains("?seat="), "{second}");
    let (code, _) = closed(&format!("ws://{}{path}", b.address)).await;
    assert_eq!(CloseReason::from_code(code), Some(CloseReason::Full));

    let status = |address: String| async move {
        match connect_async(&address).await {
            Ok(_) => 101,
            Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(status(format!("{place}?seat={}", ticket.replacen(|_| true, "x", 1))).await, 403, "forged");
    assert_eq!(status(format!("{place}?seat=AAAA")).await, 403, "forged");
    assert_eq!(status(address.clone()).await, 101);
    assert_eq!(status(address.clone()).await, 403, "used twice");

    let (status, head, _) = b.get(&format!("/rooms/{}", room.code)).await.expect("it answers");
    assert_eq!(status, 307);
    assert!(head.contains(&format!("location: {}/rooms/{}", a.url(), room.code)), "{head}");
    let (status, ..) = b.get("/rooms/ZZZZZZ").await.expect("it answers");
    assert_eq!(status, 404);
}

#[tokio::test]
async fn page_logic_follows_a_redirect_to_its_room() {
    let nats = Nats::start().await;
    let (a, b) = (Node::start(&nats.url(), "a"), Node::start(&nats.url(), "b"));
    let room = a.make_room(&json!({ "bots": 0 })).await;
    let player = Player::join(1, &b.url(), &room.code, &[]);
    until("the player is in its room", TIMEOUT, || async { player.is_at(&a.url()) }).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(player.state().games, 1);
}
