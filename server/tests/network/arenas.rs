//! A server with several arenas: each has its own address, world, chat, metrics and feed.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use server::{
    engine::{chat::AUTHOR_ELSEWHERE, drill::SlowTick, net::Site},
    game::{ArenaSettings, Options},
    run::{self, Running, StartError},
};
use shared::{
    engine::protocol::{CloseReason, Hello, ResumeToken},
    game::{
        Emberdrift,
        arena::Arena,
        protocol::{ClientMessage, Notice, Welcome},
    },
};
use tokio::net::TcpStream;
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::rig::{Answer, Client, eventually, get, hello, options, request, soon};

const CELLAR: &str = "/ws/the-cellar";

/// Options for the arenas Drift and The Cellar, each on a thread of its own.
fn two_arenas() -> Options {
    let mut options = options();
    let arena = Arena { name: "The Cellar".into(), ..options.game.arena.clone() };
    options.others = vec![ArenaSettings { arena, bots: 7, ..options.game.clone() }];
    options.simulation_threads = 2;
    options
}

async fn server() -> Running {
    run::start(two_arenas()).await.unwrap()
}

/// A WebSocket handshake. Without `close` the connection would stay open after a refusal.
async fn handshake(server: &Running, path: &str) -> Answer {
    let headers = [
        ("upgrade", "websocket"),
        ("connection", "Upgrade, close"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    request(server, "GET", path, &headers).await
}

#[tokio::test]
async fn arena_is_joined_at_its_address_and_an_unknown_one_is_refused() {
    let server = server().await;
    for (path, name) in [("/ws", "Drift"), ("/ws/drift", "Drift"), (CELLAR, "The Cellar")] {
        let (mut client, welcome) = Client::join_at(&server, path, "Ada").await;
        assert_eq!(welcome.arena.name, name);
        client.frame().await;
    }
    for path in ["/ws/nowhere", "/ws/The Cellar".replace(' ', "%20").as_str(), "/feed/nowhere"] {
        let answer = handshake(&server, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("drift, the-cellar"), "{}", answer.text());
    }
    assert_eq!(get(&server, "/feed/nowhere/sse").await.status, 404);
    assert_eq!(server.telemetry().refused.get("arena").get(), 4);
    server.stop().await;
}

/// Waits for the client's own chat line, and returns all lines received until then.
async fn lines_until(client: &mut Client, own: &str) -> Vec<String> {
    let mut lines = Vec::new();
    while !lines.iter().any(|line| line == own) {
        for notice in client.frame().await.notices {
            match notice {
                Notice::Chat(line) => lines.push(line.text.as_str().to_owned()),
                Notice::ChatHistory(history) => {
                    lines.extend(history.iter().map(|line| line.text.as_str().to_owned()));
                }
                _ => {}
            }
        }
    }
    lines
}

#[tokio::test]
async fn chat_stays_in_its_arena() {
    let server = server().await;
    let (mut ada, _) = Client::join(&server, "Ada").await;
    let (mut bo, _) = Client::join_at(&server, CELLAR, "Bo").await;
    bo.send(&ClientMessage::Chat("down here".into())).await;
    assert_eq!(lines_until(&mut bo, "down here").await, ["down here"]);
    ada.send(&ClientMessage::Chat("up here".into())).await;
    assert_eq!(lines_until(&mut ada, "up here").await, ["up here"]);
    server.stop().await;
}

#[tokio::test]
async fn line_to_all_reaches_every_arena_once_and_says_so() {
    let server = server().await;
    let (mut ada, welcome) = Client::join(&server, "Ada").await;
    let (mut bo, _) = Client::join_at(&server, CELLAR, "Bo").await;
    ada.send(&ClientMessage::Chat("/all everywhere".into())).await;
    for (client, author) in [(&mut ada, welcome.player.unwrap()), (&mut bo, AUTHOR_ELSEWHERE)] {
        let line = client.line().await;
        assert_eq!((line.text.as_str(), line.name.as_str()), ("everywhere", "Ada"));
        assert_eq!((line.from, line.to_all), (author, true));
    }
    bo.send(&ClientMessage::Chat("only here".into())).await;
    let line = bo.line().await;
    assert_eq!((line.text.as_str(), line.to_all), ("only here", false), "each once");
    server.stop().await;
}

#[tokio::test]
async fn each_arena_has_its_own_metrics_and_list_entry() {
    let server = server().await;
    let (_ada, _) = Client::join(&server, "Ada").await;
    let (_bo, _) = Client::join_at(&server, CELLAR, "Bo").await;
    let (_cy, _) = Client::join_at(&server, CELLAR, "Cy").await;
    let players = |arena: usize| server.telemetry_of(arena).players.get();
    eventually("three players", || (players(0), players(1)) == (1, 2)).await;
    eventually("ships", || server.telemetry_of(1).bodies.get() == 7).await;

    let text = get(&server, "/metrics").await.text();
    for line in [
        "emberdrift_players{arena=\"drift\"} 1\nemberdrift_players{arena=\"the-cellar\"} 2\n",
        "emberdrift_connections{arena=\"the-cellar\"} 2\n",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    for family in ["emberdrift_tick_seconds", "process_cpu_seconds_total"] {
        assert_eq!(text.matches(&format!("# TYPE {family} ")).count(), 1, "{family}");
    }

    let answer = get(&server, "/arenas").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut list: Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(list[0]["slug"], "drift");
    let size = list[0]["size"].clone();
    assert!(size[0].as_f64() > Some(1000.0), "{size}");
    assert_eq!(
        list[1].take(),
        json!({
            "slug": "the-cellar", "name": "The Cellar", "mode": "free", "players": 2, "bodies": 7, "max_players": 20, "free": 18, "size": size,
        })
    );
    server.stop().await;
}

#[tokio::test]
async fn each_arena_has_its_own_feed() {
    let server = server().await;
    for (path, name) in [("/feed", "Drift"), ("/feed/the-cellar", "The Cellar")] {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let url = format!("ws://{}{path}", server.address());
        let (mut feed, _) = soon("the handshake", client_async(url, stream)).await.unwrap();
        let Some(Ok(Message::Text(text))) = soon("a document", feed.next()).await else {
            panic!("no document at {path}");
        };
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["arena"], name);
    }
    assert_eq!(request(&server, "HEAD", "/feed/the-cellar/sse", &[]).await.status, 200);
    server.stop().await;
}

async fn reconnect(server: &Running, path: &str, resume: Option<ResumeToken>) -> Box<Welcome> {
    let mut client = Client::connect_at(server, path).await;
    client
        .send(&ClientMessage::Hello(Hello { name: "Ada".into(), resume, ..Hello::of::<Emberdrift>() }))
        .await;
    client.welcome().await
}

#[tokio::test]
async fn resume_token_is_valid_in_its_arena_only() {
    let server = server().await;
    let (ada, first) = Client::join(&server, "Ada").await;
    // Each is the first player of its arena, so their tokens differ only by key and nonce.
    let (bo, other) = Client::join_at(&server, CELLAR, "Bo").await;
    assert!(first.resume.is_some() && other.resume.is_some());
    drop((ada, bo));
    assert!(!reconnect(&server, CELLAR, first.resume).await.is_resumed);
    assert!(!reconnect(&server, "/ws", other.resume).await.is_resumed);
    assert!(reconnect(&server, "/ws/drift", first.resume).await.is_resumed);
    assert!(reconnect(&server, CELLAR, other.resume).await.is_resumed);
    server.stop().await;
}

#[tokio::test]
async fn full_arena_does_not_affect_the_other() {
    let mut options = two_arenas();
    options.game.seats.players = 1;
    let server = run::start(options).await.unwrap();
    let (_ada, _) = Client::join(&server, "Ada").await;
    let mut late = Client::connect(&server).await;
    late.send(&hello("Late")).await;
    late.expect_close(CloseReason::Full).await;
    let (mut elsewhere, _) = Client::join_at(&server, CELLAR, "Late").await;
    elsewhere.frame().await;
    server.stop().await;
}

#[tokio::test]
async fn overloaded_arena_does_not_affect_the_other() {
    let mut options = two_arenas();
    options.site = Site::Files([("index.html".to_owned(), b"the game".to_vec())].into());
    options.others[0].tick_rate = 20;
    options.others[0].slow_tick = Some(SlowTick {
        extra: Duration::from_millis(45),
        lasts: Duration::from_secs(60),
        after: Duration::ZERO,
    });
    let server = run::start(options).await.unwrap();
    eventually("level 4", || server.telemetry_of(1).overload_level.get() == 4).await;
    assert_eq!(handshake(&server, CELLAR).await.status, 503);
    Client::join(&server, "Ada").await.0.frame().await;
    assert_eq!(get(&server, "/").await.text(), "the game");
    server.stop().await;
}

#[tokio::test]
async fn server_is_ready_when_all_arenas_tick() {
    let mut options = two_arenas();
    // The first tick of this arena ends long after that of the other.
    options.others[0].slow_tick = Some(SlowTick {
        extra: Duration::from_secs(3),
        lasts: Duration::from_secs(60),
        after: Duration::ZERO,
    });
    options.others[0].tick_rate = 10;
    let server = run::start(options).await.unwrap();
    let watched = async {
        tokio::select! {
            ended = server.watch() => panic!("{ended}"),
            () = async {
                eventually("the first ticks", || server.telemetry().ticks_total.get() > 20).await;
                let answer = get(&server, "/readyz").await;
                if server.telemetry_of(1).ticks_total.get() == 0 {
                    assert_eq!((answer.status, answer.text().contains("does not tick")), (503, true));
                }
                while get(&server, "/readyz").await.status != 200 {}
            } => {}
        }
    };
    soon("readiness", watched).await;
    assert!(server.telemetry_of(1).ticks_total.get() > 0);
    server.stop().await;
}

#[tokio::test]
async fn arenas_with_the_same_slug_are_refused() {
    let mut options = two_arenas();
    options.others[0].arena.name = "drift!".into();
    let error = run::start(options).await.unwrap_err();
    assert!(matches!(&error, StartError::SameName { name } if name == "drift!"), "{error}");
}
