//! Handshakes of WebSockets with a fault each, and pages of other sites.

use crate::{
    battery::{Case, Group, case},
    server::Setup,
    wire::raw,
    ws::{UPGRADE, Ws},
};

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A handshake at `/ws` without a fault but that `from` is replaced by `to` in its headers.
fn changed(name: &'static str, expected: &'static str, from: &'static str, to: &'static str) -> Case {
    assert!(UPGRADE.contains(from), "{from}");
    let request = format!("GET /ws HTTP/1.1\r\nHost: localhost\r\n{}\r\n", UPGRADE.replacen(from, to, 1));
    case(name, expected, move |server| {
        let request = request.clone();
        async move { raw(&server, request + CLOSES).await }
    })
}

/// A refused handshake keeps the connection open for a better one: this ends it.
const CLOSES: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// A handshake at `path` with more headers.
fn with(name: &'static str, expected: &'static str, path: &'static str, headers: &'static str) -> Case {
    case(name, expected, move |server| async move {
        match Ws::open(&server, path, headers).await {
            Ok(mut ws) => format!("101 and {}", ws.probe().await),
            Err(answer) => answer,
        }
    })
}

pub(crate) fn group() -> Group {
    let cases = faults().into_iter().chain(strangers());
    Group { name: "handshake", setup: Setup::with(&[]), rounds: 3, stages: vec![cases.collect()] }
}

fn faults() -> Vec<Case> {
    vec![
        changed("no key", "400 send `Sec-WebSocket-Key` once…", KEY, ""),
        changed(
            "two keys",
            "400 send `Sec-WebSocket-Key` once…",
            KEY,
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        ),
        changed("key of 3 bytes", "400 send `Sec-WebSocket-Key` once…", "dGhlIHNhbXBsZSBub25jZQ==", "YWJj"),
        changed("key of 6 kB", "400 send `Sec-WebSocket-Key` once…", "dGhlIHNhbXBsZSBub25jZQ==", LONG_KEY),
        changed("version 8", "426 this server supports WebSocket version 13…", "13", "8"),
        changed("versions 8 and 13", "426 this server supports WebSocket version 13…", "13", "8, 13"),
        changed("no upgrade", "426 this address is a WebSocket…", "Upgrade: websocket\r\n", ""),
        changed("upgrade to h2c", "426 this address is a WebSocket…", "Upgrade: websocket", "Upgrade: h2c"),
        changed(
            "no connection upgrade",
            "426 send the header `Connection: Upgrade`…",
            "Connection: Upgrade",
            "Connection: keep-alive",
        ),
        case("handshake by POST", "405 a WebSocket handshake is a GET request…", |server| async move {
            raw(&server, format!("POST /ws HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}\r\n{CLOSES}")).await
        }),
        case("handshake by HTTP/1.0", "426 a WebSocket handshake needs HTTP/1.1…", |server| async move {
            raw(&server, format!("GET /ws HTTP/1.0\r\nHost: localhost\r\n{UPGRADE}\r\n")).await
        }),
        case("handshake with a body", "400 a WebSocket handshake has no body…", |server| async move {
            raw(
                &server,
                format!(
                    "GET /ws HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}Content-Length: 10\r\n\r\n0123456789"
                ),
            )
            .await
        }),
        with(
            "extensions offered",
            "101 and open",
            "/ws",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x\r\n",
        ),
        with(
            "unknown subprotocols",
            "400 unknown subprotocols…",
            "/ws",
            "Sec-WebSocket-Protocol: soap, wamp\r\n",
        ),
        with(
            "subprotocol that is not text",
            "400 unknown subprotocols…",
            "/ws",
            "Sec-WebSocket-Protocol: \u{e9}\r\n",
        ),
        with("empty subprotocol", "400 unknown subprotocols…", "/ws", "Sec-WebSocket-Protocol: ,,,\r\n"),
        with("unknown arena", "404 there is no arena…", "/ws/nowhere", ""),
        with("feed with unknown topics", "400 unknown topic…", "/feed?topics=secrets", ""),
        with("echo, which is off", "404 Not found…", "/echo", ""),
    ]
}

/// A key that is no key, as long as a head may be.
const LONG_KEY: &str = {
    const BYTES: [u8; 6000] = [b'A'; 6000];
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => "",
    }
};

fn strangers() -> Vec<Case> {
    vec![
        with("page of another site", "403 the page's origin…", "/ws", "Origin: https://evil.example\r\n"),
        with("page without an origin of its own", "403 the page's origin…", "/ws", "Origin: null\r\n"),
        with(
            "page whose site begins like this one",
            "403 the page's origin…",
            "/ws",
            "Origin: http://localhost.evil.example\r\n",
        ),
        with(
            "page of this host on another port",
            "403 the page's origin…",
            "/ws",
            "Origin: http://localhost:8081\r\n",
        ),
        with(
            "page of this host by another scheme",
            "403 the page's origin…",
            "/ws",
            "Origin: file://localhost\r\n",
        ),
        with(
            "page with two origins",
            "403 the page's origin…",
            "/ws",
            "Origin: http://localhost\r\nOrigin: https://evil.example\r\n",
        ),
        with(
            "forged X-Forwarded-Host",
            "403 the page's origin…",
            "/ws",
            "Origin: https://evil.example\r\nX-Forwarded-Host: evil.example\r\n",
        ),
        with(
            "page's origin and two Hosts",
            "400 send the header `Host` once",
            "/ws",
            "Host: evil.example\r\nOrigin: https://evil.example\r\n",
        ),
        with(
            "page's origin with user and path",
            "403 the page's origin…",
            "/ws",
            "Origin: http://localhost@evil.example/\r\n",
        ),
        with(
            "page of another site, at the feed",
            "101 and open",
            "/feed",
            "Origin: https://evil.example\r\n",
        ),
    ]
}
