//! HTTP: heads that are no heads, targets that are no targets, bodies, and sockets that never come to the point.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    battery::{Case, Group, case},
    server::{Server, Setup},
    wire::{Wire, raw},
};

/// One request with these bytes, on a connection of its own.
fn sends(name: &'static str, expected: &'static str, bytes: &'static [u8]) -> Case {
    case(name, expected, move |server| async move { raw(&server, bytes).await })
}

/// `GET` of this target.
fn gets(name: &'static str, expected: &'static str, target: &'static str) -> Case {
    case(name, expected, move |server| async move { raw(&server, get(target, "")).await })
}

/// What an address gets that is none.
const NOT_FOUND: &str = "404 Not found. The game is at the server's root.";

fn get(target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}

pub(crate) fn group() -> Group {
    let cases = heads().into_iter().chain(targets()).chain(bodies()).chain(rooms()).chain(sockets());
    Group { name: "http", setup: Setup::with(&[]), rounds: 2, stages: vec![cases.collect()] }
}

fn heads() -> Vec<Case> {
    vec![
        sends(
            "TLS hello on the plain port",
            "400 this port speaks HTTP and not HTTPS…",
            b"\x16\x03\x01\x02\x00\x01",
        ),
        sends("HTTP/2 preface", "400 not an HTTP/1.1 request…", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        sends("SSH banner", "400 not an HTTP/1.1 request…", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        sends("SMTP greeting", "400 not an HTTP/1.1 request…", b"EHLO mail.example\r\n\r\n"),
        sends("NUL bytes first", "400 not an HTTP/1.1 request…", b"\0\0\0\0"),
        sends(
            "NUL byte in a header",
            "400 not an HTTP/1.1 request…",
            b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
        ),
        sends("HTTP/3.7", "400 not an HTTP/1.1 request…", b"GET / HTTP/3.7\r\nHost: a\r\n\r\n"),
        sends("HTTP/0.9", "400 not an HTTP/1.1 request…", b"GET /\r\n\r\n"),
        sends(
            "lines that end in LF only",
            "200 alive",
            b"GET /healthz HTTP/1.1\nHost: a\nConnection: close\n\n",
        ),
        sends(
            "folded header",
            "400 not an HTTP/1.1 request…",
            b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
        ),
        sends(
            "space before the colon",
            "400 not an HTTP/1.1 request…",
            b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        ),
        sends("no header name", "400 not an HTTP/1.1 request…", b"GET / HTTP/1.1\r\n: a\r\n\r\n"),
        sends(
            "PROXY header from a stranger",
            "403 only proxies that are trusted…",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\nGET / HTTP/1.1\r\n\r\n",
        ),
        sends(
            "binary PROXY header from a stranger",
            "403 only proxies that are trusted…",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c",
        ),
        sends("empty lines without end", "431 the request head is longer…", &[b'\n'; 9000]),
        case("empty lines in a packet of their own", "200 alive", |server| async move {
            let mut wire = Wire::open(&server).await;
            wire.send("\r\n\r\n").await;
            sleep(Duration::from_millis(50)).await;
            wire.send(get("/healthz", "")).await;
            wire.answers().await
        }),
        case("head of 9 kB", "431 the request head is longer…", |server| async move {
            raw(&server, get("/", &format!("X: {}\r\n", "a".repeat(9000)))).await
        }),
        case("65 headers", "431 the request has more than 64 headers…", |server| async move {
            raw(&server, get("/", &"X: y\r\n".repeat(63))).await
        }),
        case("second head of 9 kB on a connection", "200 alive + 431", |server| async move {
            let second = get("/", &format!("X: {}\r\n", "a".repeat(9000)));
            raw(&server, format!("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n{second}")).await
        }),
        sends(
            "two Hosts",
            "400 send the header `Host` once",
            b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        ),
        sends(
            "no Host",
            "400 send the header `Host` once",
            b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
        ),
    ]
}

fn targets() -> Vec<Case> {
    vec![
        gets("absolute target of another host", "200 alive", "http://evil.example/healthz"),
        sends("target is a star", NOT_FOUND, b"GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        sends(
            "CONNECT to another host",
            "405",
            b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        ),
        sends("TRACE", "405", b"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        sends("method of a stranger", "405", b"PROPFIND / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        gets("path that climbs up", NOT_FOUND, "/../../etc/passwd"),
        gets("path that climbs up, encoded", NOT_FOUND, "/%2e%2e/%2e%2e/etc/passwd"),
        gets("path that climbs up, twice encoded", NOT_FOUND, "/%252e%252e/%252fetc/passwd"),
        gets("path with backslashes", NOT_FOUND, "/..\\..\\etc\\passwd"),
        gets("path with an overlong encoding", NOT_FOUND, "/%c0%ae%c0%ae/etc/passwd"),
        gets("path with an encoded NUL", NOT_FOUND, "/index.html%00.png"),
        gets("broken percent encoding", NOT_FOUND, "/%zz%"),
        gets("arena name that is not UTF-8", "400 Invalid UTF-8…", "/ws/%ff%fe"),
        gets("arena name with control characters", "404 there is no arena…", "/ws/%0d%0aSet-Cookie:%20a=b"),
        gets("topics that are none", "400 unknown topic…", "/feed/sse?topics=%1b%5b2J,scores"),
        case("query of 7 kB", "200 alive", |server| async move {
            raw(&server, get(&format!("/healthz?{}", "a=b&".repeat(1750)), "")).await
        }),
        case("ranges that overlap", NOT_FOUND, |server| async move {
            let ranges = vec!["0-"; 500].join(",");
            raw(&server, get("/nothing.js", &format!("Range: bytes={ranges}\r\n"))).await
        }),
    ]
}

fn bodies() -> Vec<Case> {
    vec![
        sends("POST with a body", "405", b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"),
        sends(
            "request smuggled by both lengths",
            "405",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        sends("two lengths", "400", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        sends("length below zero", "400", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
        sends("body of 16 EB", "431", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551614\r\n\r\na"),
        sends("chunk of 16 EB", "405", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\na"),
        sends("unknown transfer encoding", "400", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\na"),
        case("body without end", "405", |server| async move {
            let mut wire = Wire::open(&server).await;
            wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n").await;
            for _ in 0..1000 {
                wire.send([b'x'; 10_000]).await;
            }
            wire.answers().await
        }),
        case("body that is announced and not sent", "405", |server| async move {
            raw(&server, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n").await
        }),
    ]
}

/// `POST /rooms` with this body.
fn makes(name: &'static str, expected: &'static str, headers: &'static str, body: String) -> Case {
    case(name, expected, move |server| {
        let length = body.len();
        let request = format!(
            "POST /rooms HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        async move { raw(&server, request).await }
    })
}

/// `PATCH` of a room that is not there.
fn changes(name: &'static str, expected: &'static str, headers: &'static str, body: &'static str) -> Case {
    case(name, expected, move |server| {
        let length = body.len();
        let request = format!(
            "PATCH /rooms/ABCDEF HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        );
        async move { raw(&server, request).await }
    })
}

fn rooms() -> Vec<Case> {
    const JSON: &str = "Content-Type: application/json\r\n";
    let file = |text: String| format!("{{\"file\":\"{text}\"}}");
    vec![
        makes("room of no JSON", "400 a room cannot be made from this request: EOF…", JSON, "{".to_owned()),
        makes("room of nested JSON", "400 a room cannot be made…", JSON, "[".repeat(60_000)),
        makes(
            "room without a type",
            "400 a room cannot be made from this request: send it as…",
            "",
            "{}".to_owned(),
        ),
        makes(
            "room for another site's page",
            "403 the page's origin \"https://evil.example\"…",
            "Content-Type: application/json\r\nOrigin: https://evil.example\r\n",
            "{}".to_owned(),
        ),
        makes(
            "room of a nested file",
            "422 a room cannot be made from this file…",
            JSON,
            file("(".repeat(60_000)),
        ),
        makes(
            "room of a file of 64 KiB and one byte",
            "413 a request for a room…",
            JSON,
            file("x".repeat(65_537)),
        ),
        makes("room of a file of a megabyte", "413 a request for a room…", JSON, file("x".repeat(1 << 20))),
        makes("room of 65,535 players", "400 a room cannot be made…", JSON, "{\"players\":65535}".to_owned()),
        changes("room changed without a key", "403 only the room's creator…", "", "{}"),
        changes(
            "room changed with a key of no text",
            "403 only the room's creator…",
            "Authorization: Bearer \u{ff}\r\n",
            "{}",
        ),
        changes(
            "room that is none, changed",
            "404 there is no such room…",
            "Authorization: Bearer AAAA\r\n",
            "{}",
        ),
        gets("room behind a dot", "404 there is no such room…", "/rooms/..%2f..%2fetc"),
        gets("socket of a room that is none", "404 there is no such room…", "/ws/room/%00%00%00%00%00%00"),
    ]
}

fn sockets() -> Vec<Case> {
    vec![
        case("half-closed before the head ends", "dropped", |server| async move {
            let mut wire = Wire::open(&server).await;
            wire.send("GET / HT").await;
            wire.half_close().await;
            wire.answers().await
        }),
        case("half-closed behind the head", "answered or dropped", |server| async move {
            let mut wire = Wire::open(&server).await;
            wire.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
            wire.half_close().await;
            // It depends on whether the end is read together with the head.
            match wire.answers().await.as_str() {
                "200 alive" | "dropped" => "answered or dropped".to_owned(),
                other => other.to_owned(),
            }
        }),
        case("100 resets in the middle of a head", "all reset", |server| async move {
            for _ in 0..100 {
                let mut wire = Wire::open(&server).await;
                wire.send("GET / HTTP/1.1\r\nHost").await;
                wire.reset();
            }
            "all reset".to_owned()
        }),
        case("100 resets behind a request for the metrics", "all reset", |server| async move {
            for _ in 0..100 {
                let mut wire = Wire::open(&server).await;
                wire.send(get("/metrics", "")).await;
                wire.reset();
            }
            "all reset".to_owned()
        }),
        case("500 pipelined requests", "501 × 200 alive", |server| async move {
            let many = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500);
            raw(&server, many + &get("/healthz", "")).await
        }),
        case("300 pipelined requests for the metrics, none read", "unread", |server| async move {
            let mut wire = Wire::open_small(&server).await;
            wire.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(300)).await;
            sleep(Duration::from_secs(1)).await;
            "unread".to_owned()
        }),
        case("500 pipelined OPTIONS", "500 × 204 + 200 alive", |server| async move {
            let many =
                "OPTIONS /arenas HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n\r\n".repeat(500);
            raw(&server, many + &get("/healthz", "")).await
        }),
        case("HEAD of the metrics", "200", |server| async move {
            raw(&server, "HEAD /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await
        }),
        case("forged X-Forwarded-For for each of 50 sockets", "50 × 101", |server: Arc<Server>| async move {
            // They count as what they are, this machine's, which has no limit of its own.
            let mut open = Vec::new();
            for _ in 0..50 {
                open.push(crate::ws::Ws::open(&server, "/ws", "X-Forwarded-For: 203.0.113.9\r\n").await);
            }
            format!("{} × 101", open.iter().filter(|each| each.is_ok()).count())
        }),
    ]
}
