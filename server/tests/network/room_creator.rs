//! What the creator of a room can do, over real sockets: remove players, lock the room, turn its chat off, change its arena, and hand it
//! over. Others cannot.

use serde_json::{Value, json};
use server::run::{RoomLimits, Running};
use shared::{
    engine::{
        chat::ChatRejection,
        ids::PlayerId,
        protocol::CloseReason,
        rooms::{ROOM_FILE_BYTES_MAX, RoomCreated},
    },
    game::protocol::{ClientMessage, Notice},
};

use crate::{
    rig::{Answer, Client, get, hello, hello_with, request_with_body, server_behind_a_proxy, server_with},
    rooms::{JSON, entry, make_with_key, server_with_rooms},
};

/// `PATCH /rooms/CODE` with this key, from this address.
async fn patch_from(server: &Running, room: &RoomCreated, change: &Value, address: &str) -> Answer {
    let bearer = format!("Bearer {}", room.key);
    let headers = [JSON, ("authorization", bearer.as_str()), ("x-forwarded-for", address)];
    request_with_body(server, "PATCH", &format!("/rooms/{}", room.code), &headers, &change.to_string()).await
}

async fn patch(server: &Running, room: &RoomCreated, change: &Value) -> Answer {
    patch_from(server, room, change, "192.0.2.1").await
}

/// Changes a room, and returns its new entry.
async fn changed(server: &Running, room: &RoomCreated, change: &Value) -> Value {
    let answer = patch(server, room, change).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

fn path(room: &RoomCreated) -> String {
    format!("/ws/room/{}", room.code)
}

async fn room(server: &Running) -> RoomCreated {
    make_with_key(server, &json!({ "bots": 0 })).await
}

/// The next notice for which `get` has a value.
async fn notice<T>(client: &mut Client, get: impl Fn(Notice) -> Option<T>) -> T {
    loop {
        if let Some(got) = client.frame().await.notices.into_iter().find_map(&get) {
            return got;
        }
    }
}

async fn rejection(client: &mut Client) -> ChatRejection {
    notice(client, |notice| match notice {
        Notice::ChatRejected(rejection) => Some(rejection),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn only_the_creator_changes_a_room() {
    let server = server_with_rooms(RoomLimits::new(10)).await;
    let room = room(&server).await;
    let path = format!("/rooms/{}", room.code);
    let other = make_with_key(&server, &json!({})).await;
    let bearer = |room: &RoomCreated| format!("Bearer {}", room.key);
    let (own, wrong, basic) = (bearer(&room), bearer(&other), format!("Basic {}", room.key));
    let long = json!({ "file": "x".repeat(ROOM_FILE_BYTES_MAX + 1) }).to_string();
    let [own, wrong, basic] = [&own, &wrong, &basic].map(|value| ("authorization", value.as_str()));
    for (headers, body, status, reason) in [
        (vec![JSON], "{}", 403, "Authorization: Bearer KEY"),
        (vec![JSON, wrong], "{}", 403, "only the room's creator"),
        (vec![JSON, basic], "{}", 403, "only the room's creator"),
        (vec![JSON, own, ("origin", "https://elsewhere.example")], "{}", 403, "elsewhere.example"),
        (vec![own], "{}", 400, "application/json"),
        (vec![JSON, own], "{\"colour\":3}", 400, "unknown field `colour`"),
        (vec![JSON, own], "{\"bots\":65}", 400, "from 0 to 64"),
        (vec![JSON, own], "{\"arena\":\"moon\"}", 400, "expected one of drift"),
        (vec![JSON, own], "{\"file\":\"(\"}", 422, "line 1"),
        (vec![JSON, own], &long, 413, "65536 bytes"),
        (vec![JSON, own], "{\"remove\":9999}", 400, "`remove`: no player in the room has the number 9999"),
        (vec![JSON, own], "{\"hand_over\":9999}", 400, "`hand_over`: no player"),
        (vec![JSON, own], "{}", 200, "is_locked"),
    ] {
        let answer = request_with_body(&server, "PATCH", &path, &headers, body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        assert!(answer.text().contains(reason), "{reason}: {}", answer.text());
    }
    let gone = request_with_body(&server, "PATCH", "/rooms/ABCDEF", &[JSON, own], "{}").await;
    assert_eq!(gone.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn removed_player_and_its_network_stay_out_of_the_room() {
    let server = server_behind_a_proxy(|options| options.rooms = RoomLimits::new(10)).await;
    let room = room(&server).await;
    let join_from = |address: &'static str, name: &'static str| {
        let (server, path) = (&server, path(&room));
        async move {
            let mut client = Client::connect_from_at(server, address, &path).await.unwrap();
            client.send(&hello(name)).await;
            client
        }
    };
    let mut ada = join_from("192.0.2.1", "Ada").await;
    ada.welcome().await;
    let mut eve = join_from("192.0.2.66", "Eve").await;
    let welcome = eve.welcome().await;
    let PlayerId(number) = welcome.player.unwrap();
    changed(&server, &room, &json!({ "remove": number })).await;
    eve.expect_close(CloseReason::Removed).await;
    let left = notice(&mut ada, |notice| match notice {
        Notice::Left(id) => Some(id),
        _ => None,
    });
    assert_eq!(left.await, PlayerId(number));
    // Neither as the player it was nor as another.
    let mut back = Client::connect_from_at(&server, "192.0.2.66", &path(&room)).await.unwrap();
    back.send(&hello_with("Eve", welcome.resume)).await;
    back.expect_close(CloseReason::Removed).await;
    join_from("192.0.2.66", "Another").await.expect_close(CloseReason::Removed).await;
    // Others still come, also from the creator's own network, of which one was removed.
    let mut bo = join_from("192.0.2.1", "Bo").await;
    let PlayerId(number) = bo.welcome().await.player.unwrap();
    changed(&server, &room, &json!({ "remove": number })).await;
    bo.expect_close(CloseReason::Removed).await;
    join_from("192.0.2.1", "Cy").await.welcome().await;
    // It still plays elsewhere.
    let mut elsewhere = Client::connect_from(&server, "192.0.2.66").await.unwrap();
    elsewhere.send(&hello("Eve")).await;
    elsewhere.welcome().await;
    server.stop().await;
}

#[tokio::test]
async fn locked_room_admits_only_players_that_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let start = || {
        server_with(|options| {
            options.rooms = RoomLimits::new(10);
            options.storage.state = Some(directory.path().to_owned());
        })
    };
    let server = start().await;
    let room = room(&server).await;
    let (ada, welcome) = Client::join_at(&server, &path(&room), "Ada").await;
    assert_eq!(changed(&server, &room, &json!({ "locked": true })).await["is_locked"], true);
    let mut late = Client::connect_at(&server, &path(&room)).await;
    late.send(&hello("Late")).await;
    late.expect_close(CloseReason::RoomLocked).await;
    drop(ada);
    let mut back = Client::connect_at(&server, &path(&room)).await;
    back.send(&hello_with("Ada", welcome.resume)).await;
    let again = back.welcome().await;
    assert!(again.is_resumed);
    server.stop().await;

    // It is still locked after a restart, and the key is still the creator's.
    let server = start().await;
    assert!(entry(&server, &room.code).await.is_locked);
    let mut late = Client::connect_at(&server, &path(&room)).await;
    late.send(&hello("Late")).await;
    late.expect_close(CloseReason::RoomLocked).await;
    assert_eq!(changed(&server, &room, &json!({ "locked": false })).await["is_locked"], false);
    Client::join_at(&server, &path(&room), "Late").await;
    server.stop().await;
}

#[tokio::test]
async fn chat_that_is_off_tells_its_authors_so_also_after_a_sleep() {
    let awake = std::time::Duration::from_millis(200);
    let server = server_with_rooms(RoomLimits { awake, ..RoomLimits::new(10) }).await;
    let room = make_with_key(&server, &json!({ "bots": 0, "chat": false })).await;
    let (mut ada, welcome) = Client::join_at(&server, &path(&room), "Ada").await;
    ada.send(&ClientMessage::Chat("hi".into())).await;
    assert_eq!(rejection(&mut ada).await, ChatRejection::Off);
    drop(ada);
    while !entry(&server, &room.code).await.is_asleep {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut ada = Client::connect_at(&server, &path(&room)).await;
    ada.send(&hello_with("Ada", welcome.resume)).await;
    ada.welcome().await;
    ada.send(&ClientMessage::Chat("hi".into())).await;
    assert_eq!(rejection(&mut ada).await, ChatRejection::Off);
    assert_eq!(changed(&server, &room, &json!({ "chat": true })).await["has_chat"], true);
    ada.send(&ClientMessage::Chat("hello".into())).await;
    let line = notice(&mut ada, |notice| match notice {
        Notice::Chat(line) => Some(line),
        _ => None,
    });
    assert_eq!(line.await.text.as_str(), "hello");
    server.stop().await;
}

#[tokio::test]
async fn game_goes_on_in_another_arena_with_the_same_players() {
    let server = server_with_rooms(RoomLimits::new(10)).await;
    let room = room(&server).await;
    let (mut ada, welcome) = Client::join_at(&server, &path(&room), "Ada").await;
    let file = include_str!("../../../assets/arenas/duel.ron").replace("\"Duel\"", "\"Pocket\"");
    let entry = changed(&server, &room, &json!({ "file": file, "bots": 3, "public": true })).await;
    assert_eq!((entry["name"].as_str(), entry["is_public"].as_bool()), (Some("Pocket"), Some(true)));
    ada.expect_close(CloseReason::Restarting).await;
    let mut back = Client::connect_at(&server, &path(&room)).await;
    back.send(&hello_with("Ada", welcome.resume)).await;
    let again = back.welcome().await;
    assert!(again.is_resumed);
    assert_eq!((again.player, again.arena.name.as_str()), (welcome.player, "Pocket"));
    assert!(get(&server, "/arenas").await.text().contains("Pocket"));
    server.stop().await;
}

#[tokio::test]
async fn room_that_is_handed_over_has_the_new_creators_key_only() {
    let server = server_with_rooms(RoomLimits::new(10)).await;
    let room = room(&server).await;
    let (mut bo, welcome) = Client::join_at(&server, &path(&room), "Bo").await;
    let PlayerId(number) = welcome.player.unwrap();
    changed(&server, &room, &json!({ "hand_over": number })).await;
    let key = notice(&mut bo, |notice| match notice {
        Notice::RoomKey(key) => Some(key),
        _ => None,
    });
    let of_bo = RoomCreated { key: key.await, ..room.clone() };
    assert_ne!(of_bo.key, room.key);
    // Should it be lost on the way, the room still has a creator.
    changed(&server, &room, &json!({ "locked": true })).await;
    assert_eq!(changed(&server, &of_bo, &json!({ "locked": false })).await["is_locked"], false);
    assert_eq!(patch(&server, &room, &json!({})).await.status, 403);
    server.stop().await;
}
