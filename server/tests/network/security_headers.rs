//! Every kind of answer has the security headers: files, refusals, and what is answered before a request is read.

use std::time::Duration;

use server::engine::net::Site;
use tokio::net::TcpStream;

use crate::rig::{Answer, raw, server_behind_a_proxy, server_with};

const KEY: &str = "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const UPGRADE: &str = "upgrade: websocket\r\nconnection: upgrade, close\r\n";

fn check(what: &str, status: u16, answer: &Answer) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors"),
        "{what}: {policy}"
    );
    assert!(
        ["same-origin", "cross-origin"].contains(&answer.header("cross-origin-resource-policy")),
        "{what}"
    );
    let is_refused_for_now = [429, 503].contains(&status);
    if is_refused_for_now && !answer.text().contains("xtask") {
        assert_eq!(answer.header("retry-after"), "10", "{what}");
    }
}

#[tokio::test]
async fn responses_have_the_security_headers() {
    let server = server_with(|options| {
        options.site = Site::Files([("index.html".to_owned(), b"game".to_vec())].into_iter().collect());
    })
    .await;
    let many: String = (0..200).map(|number| format!("x-{number}: y\r\n")).collect();
    let long = format!("x: {}\r\n", "y".repeat(9000));
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n")
    };
    let socket =
        |path: &str, headers: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\n{UPGRADE}{headers}\r\n");
    for (request, status) in [
        (get("/", ""), 200),
        (get("/nothing", ""), 404),
        (get("/metrics", ""), 200),
        (get("/arenas", ""), 200),
        (get("/healthz", ""), 200),
        (get("/", "").replace("GET", "OPTIONS"), 204),
        (get("/", "").replace("GET", "POST"), 405),
        (get("/ws", ""), 426),
        (get("/ws/nowhere", ""), 404),
        (get("/ws?check=http://evil.example", ""), 403),
        (get("/feed/sse?topics=none", ""), 400),
        (get("/", "host: b\r\n"), 400),
        (get("/", "").replace("host: a\r\n", ""), 400),
        (socket("/ws", KEY).replace("GET", "POST"), 405),
        (socket("/ws", ""), 426),
        (socket("/ws", &format!("{KEY}content-length: 1\r\n")), 400),
        (socket("/ws", &KEY.replace("dGhl", "")), 400),
        (socket("/ws", &format!("{KEY}origin: http://evil.example\r\n")), 403),
        (socket("/ws", &format!("{KEY}sec-websocket-protocol: none\r\n")), 400),
        // What follows is answered before HTTP reads it.
        (get("/", &many), 431),
        (get("/", &long), 431),
        ("NONSENSE\r\n\r\n".to_owned(), 400),
        ("\u{16}\u{3}".to_owned(), 400),
        ("PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n".to_owned(), 403),
    ] {
        let what = request.chars().take(60).collect::<String>();
        check(&what, status, &raw(&server, &request).await.unwrap());
    }
    server.stop().await;
}

#[tokio::test]
async fn refused_sockets_get_the_security_headers() {
    let ask = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let client = "PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n";
    let forwarded = ask.replace("\r\n\r\n", "\r\nx-forwarded-for: 203.0.113.9\r\n\r\n");

    let server = server_with(|options| options.limits.sockets = 1).await;
    let held = TcpStream::connect(server.address()).await.unwrap();
    check("too many sockets", 503, &raw(&server, "").await.unwrap());
    drop(held);
    server.stop().await;

    let server = server_behind_a_proxy(|options| options.limits.sockets_per_network = 0).await;
    let answer = raw(&server, &format!("{client}{ask}")).await.unwrap();
    check("too many sockets of a network", 429, &answer);
    // No socket, and so no request at once.
    check("too many requests of a network", 429, &raw(&server, &forwarded).await.unwrap());
    check("a PROXY header without an address", 400, &raw(&server, "PROXY TCP4 x y 1 2\r\n").await.unwrap());
    server.stop().await;

    let server = server_with(|options| options.limits.http_head_timeout = Duration::from_millis(50)).await;
    check("half a head", 408, &raw(&server, "GET / HTTP/1.1\r\n").await.unwrap());
    server.stop().await;
}
