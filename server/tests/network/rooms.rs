//! Private rooms over real sockets: a client makes one, its friends join by the code, and others do not find it.

use std::time::Duration;

use serde_json::{Value, json};
use server::run::{RoomLimits, Running};
use shared::engine::{
    protocol::CloseReason,
    rooms::{ROOM_FILE_BYTES_MAX, ROOM_KEY_BYTES_MAX, RoomCreated, RoomEntry},
};

use crate::rig::{
    Answer, Client, get, hello_with, request, request_with_body, server, server_behind_a_proxy, server_with,
};

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

pub(crate) async fn server_with_rooms(limits: RoomLimits) -> Running {
    server_with(|options| options.rooms = limits).await
}

/// `POST /rooms` with this body and these headers.
async fn post(server: &Running, headers: &[(&str, &str)], body: &str) -> Answer {
    request_with_body(server, "POST", "/rooms", headers, body).await
}

/// Makes a room, and returns its code.
async fn make(server: &Running, wanted: &Value) -> String {
    make_with_key(server, wanted).await.code
}

/// The same with its creator's key.
pub(crate) async fn make_with_key(server: &Running, wanted: &Value) -> RoomCreated {
    let answer = post(server, &[JSON], &wanted.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let created: RoomCreated = serde_json::from_slice(&answer.body).unwrap();
    assert!((20..=ROOM_KEY_BYTES_MAX).contains(&created.key.len()), "{created:?}");
    created
}

pub(crate) async fn entry(server: &Running, code: &str) -> RoomEntry {
    let answer = get(server, &format!("/rooms/{code}")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn friends_meet_in_a_room_and_nowhere_else() {
    let server = server_with_rooms(RoomLimits::new(10)).await;
    let code = make(&server, &json!({ "bots": 0, "players": 5 })).await;
    let path = format!("/ws/room/{code}");
    let (mut ada, welcome) = Client::join_at(&server, &path, "Ada").await;
    assert_eq!(welcome.arena.name, "Drift");
    let (_bo, _) = Client::join_at(&server, &path.to_lowercase(), "Bo").await;
    let (_eve, _) = Client::join(&server, "Eve").await;
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let frame = ada.frame().await;
        for notice in frame.notices {
            let text = format!("{notice:?}");
            seen.extend(["Ada", "Bo", "Eve"].into_iter().filter(|name| text.contains(&format!("{name:?}"))));
            seen.sort_unstable();
            seen.dedup();
        }
    }
    assert_eq!(seen, ["Ada", "Bo"]);
    while entry(&server, &code).await.players < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let entry = entry(&server, &code).await;
    assert_eq!((entry.code.as_str(), entry.max_players, entry.free), (code.as_str(), 5, 3));
    assert!(!get(&server, "/arenas").await.text().contains(&code), "it is private");
    server.stop().await;
}

#[tokio::test]
async fn public_room_is_listed_and_joined_by_its_slug() {
    let server = server_with_rooms(RoomLimits::new(10)).await;
    let code = make(&server, &json!({ "public": true })).await;
    let arenas: Value = serde_json::from_slice(&get(&server, "/arenas").await.body).unwrap();
    let slugs: Vec<_> =
        arenas.as_array().unwrap().iter().map(|arena| arena["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["drift", &format!("room/{code}")]);
    let (_client, _) = Client::join_at(&server, &format!("/ws/{}", slugs[1]), "Ada").await;
    server.stop().await;
}

#[tokio::test]
async fn player_resumes_in_a_room_that_slept() {
    let awake = Duration::from_millis(200);
    let server = server_with_rooms(RoomLimits { awake, ..RoomLimits::new(10) }).await;
    let code = make(&server, &json!({ "bots": 0 })).await;
    let path = format!("/ws/room/{code}");
    let (mut ada, welcome) = Client::join_at(&server, &path, "Ada").await;
    ada.frame().await;
    // As when the page is loaded again: the player may come back.
    drop(ada);
    while !entry(&server, &code).await.is_asleep {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut back = Client::connect_at(&server, &path).await;
    back.send(&hello_with("Ada", welcome.resume)).await;
    let again = back.welcome().await;
    assert!(again.is_resumed);
    assert_eq!(again.player, welcome.player);
    assert!(!entry(&server, &code).await.is_asleep);
    server.stop().await;
}

#[tokio::test]
async fn player_resumes_in_its_room_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let start = || {
        server_with(|options| {
            options.rooms = RoomLimits::new(10);
            options.storage.state = Some(directory.path().to_owned());
        })
    };
    let server = start().await;
    let code = make(&server, &json!({ "bots": 0, "arena": "drift" })).await;
    let path = format!("/ws/room/{code}");
    let (mut ada, welcome) = Client::join_at(&server, &path, "Ada").await;
    ada.frame().await;
    assert!(server.stop().await.is_none());
    ada.expect_close(CloseReason::Restarting).await;

    let server = start().await;
    assert!(entry(&server, &code).await.is_asleep);
    let mut back = Client::connect_at(&server, &path).await;
    back.send(&hello_with("Ada", welcome.resume)).await;
    let again = back.welcome().await;
    assert!(again.is_resumed && again.tick > welcome.tick);
    assert_eq!(again.player, welcome.player);
    server.stop().await;
}

#[tokio::test]
async fn request_for_a_room_that_cannot_be_met_is_refused_with_the_reason() {
    let server = server_with_rooms(RoomLimits::new(1)).await;
    let long = json!({ "file": "x".repeat(ROOM_FILE_BYTES_MAX + 1) }).to_string();
    let longer = "\"".repeat(4 * ROOM_FILE_BYTES_MAX);
    let own = format!("http://{}", server.address());
    for (headers, body, status, reason) in [
        (&[JSON][..], "{", 400, "EOF"),
        (&[JSON], r#"{"arena":"moon"}"#, 400, "expected one of drift"),
        (&[JSON], r#"{"colour":3}"#, 400, "unknown field `colour`"),
        (&[JSON], r#"{"players":65}"#, 400, "from 1 to 64"),
        (&[JSON], r#"{"file":"( name: \"Mine\", size: 5 )"}"#, 422, "line 1"),
        (&[JSON], &long, 413, "65536 bytes"),
        (&[JSON], &longer, 413, "65536 bytes"),
        (&[], "{}", 400, "application/json"),
        (&[("content-type", "text/plain")], "{}", 400, "application/json"),
        (&[JSON, ("origin", "https://elsewhere.example")], "{}", 403, "elsewhere.example"),
        (&[JSON, ("origin", &own)], "{}", 201, "code"),
        (&[JSON], "{}", 503, "all rooms"),
    ] {
        let answer = post(&server, headers, body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(reason), "{reason}: {}", answer.text());
    }
    assert_eq!(request(&server, "GET", "/rooms", &[]).await.status, 405);
    for (path, methods) in [
        ("/rooms", "POST, OPTIONS"),
        ("/rooms/ABCDEF", "GET, HEAD, PATCH, OPTIONS"),
        ("/rooms/A/qr.svg", "GET, HEAD, OPTIONS"),
    ] {
        assert_eq!(request(&server, "OPTIONS", path, &[]).await.header("allow"), methods, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn unknown_room_is_not_found_and_codes_cannot_be_tried_out() {
    let server = server_behind_a_proxy(|options| options.rooms = RoomLimits::new(10)).await;
    for path in ["/rooms/ABCDEF", "/rooms/not-a-code", "/feed/room/ABCDEF/sse"] {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    let from = ("x-forwarded-for", "192.0.2.7");
    let mut answers = Vec::new();
    for _ in 0..130 {
        answers.push(request(&server, "GET", "/rooms/ABCDEF", &[from]).await.status);
    }
    assert!(answers.starts_with(&[404; 100]) && answers.ends_with(&[429; 2]), "{answers:?}");
    let other = request(&server, "GET", "/rooms/ABCDEF", &[("x-forwarded-for", "192.0.2.8")]).await;
    assert_eq!(other.status, 404, "another network has its own looks");
    server.stop().await;
}

#[tokio::test]
async fn list_of_arenas_says_whether_a_room_can_be_made() {
    let server = server_with_rooms(RoomLimits::new(1)).await;
    assert_eq!(get(&server, "/arenas").await.header("rooms"), "open");
    make(&server, &json!({})).await;
    assert_eq!(get(&server, "/arenas").await.header("rooms"), "none", "all are taken");
    server.stop().await;
}

#[tokio::test]
async fn network_has_its_share_of_rooms() {
    let limits = RoomLimits { per_network: 2, ..RoomLimits::new(10) };
    let server = server_behind_a_proxy(|options| options.rooms = limits).await;
    let from = |address| [JSON, ("x-forwarded-for", address)];
    for expected in [201, 201, 429] {
        assert_eq!(post(&server, &from("192.0.2.7"), "{}").await.status, expected);
    }
    assert_eq!(post(&server, &from("192.0.2.8"), "{}").await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn link_of_a_room_is_drawn_and_no_other() {
    let server = server_with_rooms(RoomLimits::new(10)).await;
    let code = make(&server, &json!({})).await;
    let qr = |link: String| {
        let path = format!("/rooms/{code}/qr.svg?link={link}");
        let server = &server;
        async move { get(server, &path).await }
    };
    let drawn = qr(format!("https%3A%2F%2Fplay.example%2Fgame%2F%23room%3D{code}")).await;
    assert_eq!((drawn.status, drawn.header("content-type")), (200, "image/svg+xml"));
    assert!(drawn.text().starts_with("<svg"), "{}", drawn.text());
    for link in [
        "https%3A%2F%2Felsewhere.example%2F".to_owned(),
        String::new(),
        format!("{}room%3D{code}", "x".repeat(300)),
    ] {
        assert_eq!(qr(link).await.status, 400);
    }
    server.stop().await;
}

#[tokio::test]
async fn server_without_rooms_says_so() {
    let server = server().await;
    let made = post(&server, &[JSON], "{}").await;
    assert_eq!(made.status, 404);
    assert!(made.text().contains("no rooms"), "{}", made.text());
    assert_eq!(get(&server, "/rooms/ABCDEF").await.status, 404);
    assert_eq!(get(&server, "/arenas").await.header("rooms"), "none");
    server.stop().await;
}

#[tokio::test]
async fn rooms_are_counted() {
    let server = server_with_rooms(RoomLimits::new(10)).await;
    make(&server, &json!({})).await;
    let page = get(&server, "/metrics").await.text();
    for line in ["emberdrift_rooms{state=\"awake\"} 1", "emberdrift_rooms{state=\"asleep\"} 0"] {
        assert!(page.contains(line), "{line}");
    }
    server.stop().await;
}
