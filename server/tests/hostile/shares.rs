//! One network that takes all it can. The attackers come through a proxy that the server trusts, which names their addresses.

use std::sync::Arc;

use serde_json::json;

use crate::{
    battery::{Case, Group, case},
    rates,
    server::{Server, Setup},
    wire::{Wire, raw},
    ws::{CLOSE, JSON, Ws, frame, text},
};

/// Seats of a network in the group's server; it has twice as many sockets and 32 more.
const SEATS: usize = 4;
pub(crate) const SOCKETS: usize = 2 * SEATS + 32;

pub(crate) fn group() -> Group {
    let flags = &[
        "--trusted-proxy",
        "127.0.0.0/8",
        "--max-players",
        "40",
        "--max-per-network",
        "4",
        "--resume-seconds",
        "3",
        // They would have sockets of their own.
        "--rooms",
        "0",
    ];
    let stages = vec![networks(), rates::cases(), vec![customer()], vec![all_sockets()], vec![herd()]];
    Group { name: "shares", setup: Setup::with(flags), rounds: 2, stages }
}

/// The header by which the proxy names its client.
pub(crate) fn from(address: &str) -> String {
    format!("X-Forwarded-For: {address}\r\n")
}

/// Joins as often as the server lets it, from addresses that differ by a number, and then once more from elsewhere.
async fn seats(server: &Server, role: &str, address: impl Fn(usize) -> String, elsewhere: &str) -> String {
    let mut seated = Vec::new();
    let end = loop {
        let headers = format!("{JSON}{}", from(&address(seated.len())));
        let ws = Ws::open(server, "/ws", &headers).await.expect("a handshake");
        match ws.joined(json!({ "role": role })).await {
            Ok((ws, _)) => seated.push(ws),
            Err(end) => break end,
        }
    };
    let headers = format!("{JSON}{}", from(elsewhere));
    let other =
        Ws::open(server, "/ws", &headers).await.expect("a handshake").joined(json!({ "role": role })).await;
    let count = seated.len();
    for ws in seated {
        ws.leave().await;
    }
    match other {
        Ok((ws, _)) => {
            ws.leave().await;
            format!("{count} seats, then {}", end.split(' ').take(2).collect::<Vec<_>>().join(" "))
        }
        Err(end) => format!("elsewhere gets {end}"),
    }
}

/// Subscribes from one network as often as the server lets it.
async fn subscriptions(server: &Server, sse: bool, address: impl Fn(usize) -> String) -> String {
    let mut open = Vec::new();
    loop {
        let headers = from(&address(open.len()));
        let answer = if sse {
            let mut wire = Wire::open(server).await;
            wire.send(format!("GET /feed/sse HTTP/1.1\r\nHost: a\r\n{headers}\r\n")).await;
            let answer = wire.answer().await.unwrap_or_default();
            if answer.starts_with("200") {
                open.push(wire);
                continue;
            }
            answer
        } else {
            match Ws::open(server, "/feed", &headers).await {
                Ok(ws) => {
                    open.push(ws.wire);
                    continue;
                }
                Err(answer) => answer,
            }
        };
        break format!("{} subscriptions, then {}", open.len(), answer.split(' ').next().unwrap_or_default());
    }
}

fn networks() -> Vec<Case> {
    vec![
        case("players of one address", "4 seats, then close 4005", |server| async move {
            seats(&server, "Player", |_| "203.0.113.1".to_owned(), "198.51.100.1").await
        }),
        case("spectators of one address", "4 seats, then close 4005", |server| async move {
            seats(&server, "Spectator", |_| "203.0.113.2".to_owned(), "198.51.100.2").await
        }),
        case("players of one IPv6 network", "4 seats, then close 4005", |server| async move {
            seats(&server, "Player", |at| format!("2001:db8:0:1:{at:x}::{at:x}"), "2001:db8:0:2::1").await
        }),
        case(
            "players with forged addresses before their own",
            "4 seats, then close 4005",
            |server| async move {
                seats(&server, "Player", |at| format!("198.51.100.{at}, 203.0.113.3"), "198.51.100.3").await
            },
        ),
        case("players of one address in its IPv6 form", "4 seats, then close 4005", |server| async move {
            seats(
                &server,
                "Player",
                |at| ["203.0.113.4", "::ffff:203.0.113.4"][at % 2].to_owned(),
                "198.51.100.4",
            )
            .await
        }),
        case("subscribers of one address by SSE", "16 subscriptions, then 503", |server| async move {
            subscriptions(&server, true, |_| "203.0.113.5".to_owned()).await
        }),
        case(
            "subscribers of one IPv6 network by WebSocket",
            "16 subscriptions, then 503",
            |server| async move { subscriptions(&server, false, |at| format!("2001:db8:0:3::{at:x}")).await },
        ),
        case(
            "sockets of one address",
            "40 sockets, then 429 too many connections from your network; close some of them",
            |server| async move {
                let mut open = Vec::new();
                loop {
                    match Ws::open(&server, "/ws", &from("203.0.113.6")).await {
                        Ok(ws) => open.push(ws),
                        Err(answer) => break format!("{} sockets, then {answer}", open.len()),
                    }
                    assert!(open.len() <= SOCKETS, "no limit");
                }
            },
        ),
        case(
            "requests of one address on 50 of its proxy's sockets",
            "40 × 200, then 429; the proxy's others go on",
            |server| async move {
                let ask = |address| format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{}\r\n", from(address));
                let (mut open, mut refused) = (Vec::new(), 0);
                for _ in 0..50 {
                    let mut wire = Wire::open(&server).await;
                    wire.send(ask("203.0.113.9")).await;
                    match wire.answer().await.unwrap_or_default() {
                        answer if answer == "200 alive" => open.push(wire),
                        answer if answer.starts_with("429") => refused += 1,
                        answer => return answer,
                    }
                }
                let count = open.len();
                // The same sockets serve other clients.
                for wire in &mut open {
                    wire.send(ask("198.51.100.9")).await;
                    if wire.answer().await.as_deref() != Some("200 alive") {
                        return "others are refused too".to_owned();
                    }
                }
                assert_eq!(count + refused, 50);
                format!("{count} × 200, then 429; the proxy's others go on")
            },
        ),
        case(
            "client without an address in its PROXY header names a host",
            "403 the page's origin…",
            |server| async move {
                let head = "GET /ws?check=https://evil.example HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
                let forged = "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n";
                raw(&server, format!("PROXY UNKNOWN\r\n{head}{forged}\r\n")).await
            },
        ),
        case(
            "join, chat, leave, 60 times from one address",
            "an honest line is heard",
            |server: Arc<Server>| async move {
                for _ in 0..60 {
                    let headers = format!("{JSON}{}", from("203.0.113.7"));
                    let mut ws = Ws::open(&server, "/ws", &headers).await.expect("a handshake");
                    let lines = text(&json!({"Chat": "buy embers"})).repeat(4);
                    let leave = frame(CLOSE, 1000_u16.to_be_bytes());
                    ws.wire.send([text(&json!({"Hello": {"name": "Eve"}})), lines, leave].concat()).await;
                    ws.end().await;
                }
                let headers = format!("{JSON}{}", from("198.51.100.7"));
                let ws = Ws::open(&server, "/ws", &headers).await.expect("a handshake");
                let (mut ws, welcome) = ws.joined(json!({"name": "Ada"})).await.expect("a seat");
                ws.wire.send(text(&json!({"Chat": "good evening"}))).await;
                loop {
                    let frame = ws.game_frame().await.expect("it plays on");
                    let notices = frame["notices"].as_array().cloned().unwrap_or_default();
                    if let Some(rejection) = notices.iter().find(|notice| !notice["ChatRejected"].is_null()) {
                        break rejection.to_string();
                    }
                    if notices.iter().any(|notice| notice["Chat"]["from"] == welcome["player"]) {
                        ws.leave().await;
                        break "an honest line is heard".to_owned();
                    }
                }
            },
        ),
        case(
            "two PROXY headers, one behind the other",
            "400 not an HTTP/1.1 request…",
            |server| async move {
                let header = "PROXY TCP4 203.0.113.8 10.0.0.1 1 2\r\n";
                raw(&server, format!("{header}{header}GET / HTTP/1.1\r\nHost: a\r\n\r\n")).await
            },
        ),
        case(
            "PROXY header with an address that is none",
            "400 the PROXY header is faulty…",
            |server| async move {
                raw(&server, "PROXY TCP4 203.0.113.999 10.0.0.1 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    .await
            },
        ),
        case("PROXY header of 60 kB", "431 the request head is longer…", |server| async move {
            raw(&server, [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff"[..], &[0; 60_000]].concat()).await
        }),
        case("X-Forwarded-For of 1,000 addresses", "200 alive", |server| async move {
            let addresses = vec!["10.0.0.1"; 700].join(",");
            raw(
                &server,
                format!("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{}\r\n", from(&addresses)),
            )
            .await
        }),
    ]
}

/// A /48, of which each address is in a network of its own. Alone, because it fills many seats.
fn customer() -> Case {
    case("players of one customer's IPv6 networks", "16 seats, then close 4005", |server| async move {
        seats(&server, "Player", |at| format!("2001:db8:9:{at:x}::1"), "2001:db8:a::1").await
    })
}

/// All of the sockets that the server has for 40 players and 40 spectators, and 256 more.
fn all_sockets() -> Case {
    case(
        "every socket there is",
        "503 too many connections; retry later, and room afterwards",
        |server| async move {
            let mut open = Vec::new();
            let answer = loop {
                let mut wire = Wire::open(&server).await;
                // One that is refused is answered at once; the others wait for their request.
                let answer = tokio::time::timeout(std::time::Duration::from_millis(20), wire.answer()).await;
                match answer {
                    Ok(answer) => break answer.unwrap_or_default(),
                    Err(_) => open.push(wire),
                }
                assert!(open.len() < 1000, "no limit");
            };
            drop(open);
            for _ in 0..100 {
                if server.get("/healthz").await == "alive\n" {
                    return format!("{answer}, and room afterwards");
                }
            }
            answer
        },
    )
}

/// More than there is room for, all at the same moment.
fn herd() -> Case {
    case("500 connects at once", "500 answers", |server| async move {
        let request = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let answers = futures_util::future::join_all((0..500).map(|_| raw(&server, request))).await;
        let is_answer = |answer: &&String| {
            ["200 alive", "503 too many connections; retry later", "dropped"].contains(&answer.as_str())
        };
        format!("{} answers", answers.iter().filter(is_answer).count())
    })
}

/// A server whose log is read to its first line and no further, and which has much to say.
pub(crate) fn unread_log() -> Group {
    let case = case(
        "5,000 faulty requests, and nothing reads the log",
        "all refused, log lines dropped",
        |server: Arc<Server>| async move {
            let lanes = (0..50).map(|_| async {
                for _ in 0..100 {
                    let answer = raw(&server, "GET /\0 HTTP/1.1\r\n\r\n").await;
                    if !answer.starts_with("400") {
                        return answer;
                    }
                }
                "all refused".to_owned()
            });
            let answers = futures_util::future::join_all(lanes).await;
            let answer = answers
                .into_iter()
                .find(|answer| answer != "all refused")
                .unwrap_or("all refused".to_owned());
            let dropped = server.metric("emberdrift_log_lines_dropped_total").await;
            format!("{answer}, {}", if dropped > 0 { "log lines dropped" } else { "no log line dropped" })
        },
    );
    let setup = Setup { reads_log: false, ..Setup::with(&["--log", "debug"]) };
    Group { name: "unread log", setup, rounds: 1, stages: vec![vec![case]] }
}
