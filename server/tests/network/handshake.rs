//! Faulty requests and the answers to them.

use std::time::Duration;

use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::rig::{eventually, raw, request, server, server_with, soon};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

fn headers<'a>(change: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let mut headers = vec![
        ("upgrade", "websocket"),
        ("connection", "upgrade, close"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", KEY),
    ];
    for (name, value) in change {
        headers.retain(|(other, _)| other != name);
        headers.push((name, value));
    }
    headers
}

#[tokio::test]
async fn each_fault_has_its_status_and_text() {
    let server = server().await;
    for (change, status, says) in [
        (&[("upgrade", "h2c")][..], 426, "Upgrade: websocket"),
        (&[("connection", "close")], 426, "Connection: Upgrade"),
        (&[("sec-websocket-version", "8")], 426, "Sec-WebSocket-Version: 13"),
        (&[("sec-websocket-key", "c2hvcnQ=")], 400, "16 random bytes"),
        (&[("origin", "http://evil.example")], 403, "evil.example"),
        (&[("origin", "null")], 403, "null"),
    ] {
        let answer = request(&server, "GET", "/ws", &headers(change)).await;
        assert_eq!(answer.status, status, "{change:?}");
        assert!(answer.text().contains(says), "{}", answer.text());
        if status == 426 {
            assert_eq!(answer.header("sec-websocket-version"), "13");
            assert_eq!(answer.header("upgrade"), "websocket");
        }
    }
    let answer = request(&server, "POST", "/ws", &headers(&[])).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET"));
    assert_eq!(server.telemetry().refused.get("origin").get(), 2);
    server.stop().await;
}

#[tokio::test]
async fn frame_right_behind_the_request_is_handled() {
    let server = server().await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let text = format!(
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: emberdrift.json\r\n\r\n"
    );
    // A masked text frame with invalid JSON.
    let frame = [&[0x81, 0x82, 0, 0, 0, 0][..], b"{}"].concat();
    stream.write_all(&[text.as_bytes(), &frame].concat()).await.unwrap();
    let mut answer = Vec::new();
    soon("the end", stream.read_to_end(&mut answer)).await.unwrap();
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    // A close frame with 1007.
    assert_eq!((answer[head + 4], &answer[head + 6..head + 8]), (0x88, &1007_u16.to_be_bytes()[..]));
    server.stop().await;
}

/// A client that disconnects before the response is sent leaves nothing behind: no socket, and no subscription of the feed.
#[tokio::test]
async fn aborted_handshake_leaves_nothing() {
    let server = server().await;
    for path in ["/ws", "/feed"] {
        for _ in 0..150 {
            let mut stream = TcpStream::connect(server.address()).await.unwrap();
            let text = format!(
                "GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
            );
            stream.write_all(text.as_bytes()).await.unwrap();
            // The connection is reset and not closed.
            SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
        eventually("no connection is left", || server.telemetry().connections.get() == 0).await;
    }
    assert_eq!(server.telemetry().refused.get("subscribers").get(), 0);
    server.stop().await;
}

#[tokio::test]
async fn page_of_the_same_origin_may_connect() {
    let server = server().await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let address = server.address();
    let text = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    soon("an answer", stream.read_exact(&mut head)).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    server.stop().await;
}

#[tokio::test]
async fn request_that_is_not_http_or_too_long_is_answered_and_closed() {
    let server = server().await;
    let answer = raw(&server, "NONSENSE\r\n\r\n").await.unwrap();
    assert_eq!((answer.status, answer.text().contains("not an HTTP/1.1 request")), (400, true));
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let answer = raw(&server, &format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n")).await.unwrap();
    assert_eq!((answer.status, answer.text().contains("more than 64 headers")), (431, true));
    let long = "y".repeat(100_000);
    let answer = raw(&server, &format!("GET /ws HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n")).await.unwrap();
    assert_eq!((answer.status, answer.text().contains("longer than 8192 bytes")), (431, true));
    for reason in ["not_http", "too_many_headers", "head_too_long"] {
        assert_eq!(server.telemetry().refused.get(reason).get(), 1, "{reason}");
    }
    server.stop().await;
}

#[tokio::test]
async fn request_that_never_ends_times_out() {
    let server = server_with(|options| options.limits.http_head_timeout = Duration::from_millis(50)).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    let mut rest = String::new();
    soon("the end", stream.read_to_string(&mut rest)).await.unwrap();
    assert!(rest.starts_with("HTTP/1.1 408 ") && rest.contains("did not arrive within 50ms"), "{rest}");
    // A client that sends nothing gets no answer.
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    rest.clear();
    soon("the end", stream.read_to_string(&mut rest)).await.unwrap();
    assert_eq!(rest, "");
    server.stop().await;
}

#[tokio::test]
async fn sockets_beyond_the_limit_are_refused() {
    let server = server_with(|options| options.limits.sockets = 1).await;
    let first = TcpStream::connect(server.address()).await.unwrap();
    let mut second = TcpStream::connect(server.address()).await.unwrap();
    let mut answer = String::new();
    soon("an answer", second.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert_eq!(answer.split("\r\n\r\n").nth(1), Some("too many connections; retry later\n"));
    assert_eq!(server.telemetry().refused.get("sockets").get(), 1);
    drop(first);
    server.stop().await;
}
