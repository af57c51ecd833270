//! Frames that break RFC 6455, and frames that keep to it and come in masses.

use shared::engine::limits::CLIENT_MESSAGE_BYTES_MAX;

use std::time::Duration;

use serde_json::json;

use crate::{
    battery::{Case, Group, case},
    server::Setup,
    ws::{BINARY, CLOSE, CONTINUATION, MASKED, PING, PONG, TEXT, Ws, binary_end, frame, json_end, text},
};

/// These bytes as the first on a new binary connection.
fn sends(name: &'static str, expected: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
    let bytes = bytes.into();
    case(name, expected, move |server| {
        let bytes = bytes.clone();
        async move { binary_end(&server, bytes).await }
    })
}

/// A JSON hello, cut into fragments of `size` bytes.
fn fragments(size: usize) -> Vec<u8> {
    let hello = json!({"Hello": {"name": "Eve"}}).to_string().into_bytes();
    let parts: Vec<_> = hello.chunks(size).collect();
    let last = parts.len() - 1;
    let first_byte = |at: usize| (if at == 0 { 1 } else { CONTINUATION }) | if at == last { 0x80 } else { 0 };
    parts.iter().enumerate().flat_map(|(at, part)| frame(first_byte(at), part)).collect()
}

pub(crate) fn group() -> Group {
    let cases = broken().into_iter().chain(sizes()).chain(masses());
    Group {
        name: "frames",
        setup: Setup::with(&["--resume-seconds", "3"]),
        rounds: 3,
        stages: vec![cases.collect()],
    }
}

fn broken() -> Vec<Case> {
    vec![
        sends("unmasked frame", "close 1002…", [BINARY, 1, 0]),
        sends("reserved bit 1", "close 1002…", frame(BINARY | 0x40, [0])),
        sends("reserved bits 2 and 3", "close 1002…", frame(BINARY | 0x30, [0])),
        sends("reserved data opcode", "close 1002…", frame(0x83, [0])),
        sends("reserved control opcode", "close 1002…", frame(0x8b, [0])),
        sends("fragmented ping", "close 1002…", frame(9, [0])),
        sends("ping of 126 bytes", "close 1002…", frame(PING, [0; 126])),
        sends("continuation of nothing", "close 1002…", frame(0x80 | CONTINUATION, [0])),
        sends(
            "new message inside a fragmented one",
            "close 1002…",
            [frame(2, [0]), frame(BINARY, [0])].concat(),
        ),
        sends("close with half a code", "close 1002…", frame(CLOSE, [3])),
        sends("close with code 999", "close 1002…", frame(CLOSE, 999_u16.to_be_bytes())),
        sends("close with code 1005", "close 1002…", frame(CLOSE, 1005_u16.to_be_bytes())),
        sends("close with text that is not UTF-8", "close 1007…", frame(CLOSE, b"\x03\xe8\xff\xfe")),
        sends("close with code 65535", "close 1002…", frame(CLOSE, [0xff; 2])),
        case("text that is not UTF-8", "close 1007 text that is not UTF-8", |server| async move {
            json_end(&server, frame(TEXT, b"{\"Hello\": \"\xc0\x80\"}")).await
        }),
        case("text that ends inside a character", "close 1007 text that is not UTF-8", |server| async move {
            json_end(&server, frame(TEXT, b"\"\xf0\x9f\x94")).await
        }),
        case("text on a binary connection", "close 1003…", |server| async move {
            binary_end(&server, frame(TEXT, b"{}")).await
        }),
        case("bytes on a JSON connection", "close 1003…", |server| async move {
            json_end(&server, frame(BINARY, [0])).await
        }),
        sends("a request instead of frames", "close 1002…", &b"GET / HTTP/1.1\r\n\r\n"[..]),
    ]
}

fn sizes() -> Vec<Case> {
    vec![
        sends(
            "frame of 2^63 bytes",
            "close 1009…",
            [&[BINARY, MASKED | 127][..], &[0x80, 0, 0, 0, 0, 0, 0, 0], &[0; 4]].concat(),
        ),
        sends(
            "frame of 1 GB",
            "close 1009…",
            [&[BINARY, MASKED | 127][..], &(1_u64 << 30).to_be_bytes(), &[0; 4]].concat(),
        ),
        sends(
            "message of one byte too many",
            "close 1009…",
            frame(BINARY, [0; CLIENT_MESSAGE_BYTES_MAX + 1]),
        ),
        sends("message of one byte too many in fragments of 11 bytes", "close 1009…", {
            let first = frame(2, [0; 11]);
            [first, frame(CONTINUATION, [0; 11]).repeat(CLIENT_MESSAGE_BYTES_MAX / 11)].concat()
        }),
        case("length in more bytes than it needs", "open", |server| async move {
            let mut ws = Ws::binary(&server).await;
            ws.wire.send([&[PONG, MASKED | 126, 0, 1][..], &[0; 4], b"x"].concat()).await;
            ws.probe().await
        }),
        case("message in 25 fragments with pings between", "open", |server| async move {
            let mut ws = Ws::json(&server).await;
            ws.wire.send(fragments(1)).await;
            ws.probe().await
        }),
        case("frames byte by byte", "open", |server| async move {
            let mut ws = Ws::json(&server).await;
            ws.wire.send_slowly(fragments(9), Duration::from_millis(2)).await;
            ws.probe().await
        }),
        case("hello behind the handshake in one segment", "open", |server| async move {
            let mut ws = Ws::json(&server).await;
            ws.wire.send([text(&json!({"Hello": {}})), frame(PING, []), frame(PONG, [])].concat()).await;
            ws.probe().await
        }),
    ]
}

fn masses() -> Vec<Case> {
    vec![
        sends(
            "20,000 empty fragments",
            "close 1008…",
            [frame(2, []), frame(CONTINUATION, []).repeat(20_000)].concat(),
        ),
        sends("3,000 pings", "close 1008…", frame(PING, []).repeat(3000)),
        sends("3,000 pongs that were not asked for", "close 1008…", frame(PONG, []).repeat(3000)),
        sends("pings of 125 bytes, answers unread", "close 1008…", frame(PING, [7; 125]).repeat(3000)),
        case("messages of 1,900 bytes, as fast as they go", "close 1008…", |server| async move {
            let mut ws = Ws::json(&server).await;
            // White space around a message is allowed.
            let message = format!("{}{}", " ".repeat(1900), json!({"Ack": 0}));
            ws.wire.send(text(&json!({"Hello": {}}))).await;
            ws.wire.send(frame(TEXT, message).repeat(2000)).await;
            ws.end().await
        }),
        case("close, and never an answer to the server's", "close 1002 ... dropped", |server| async move {
            let mut ws = Ws::binary(&server).await;
            ws.wire.send([BINARY, 1, 0]).await;
            let code = ws.end_code().await;
            // Nothing is answered; the server ends it.
            format!("{code} ... {}", ws.end().await)
        }),
        case("close with lines for the log as its text", "close 1000", |server| async move {
            let mut ws = Ws::binary(&server).await;
            ws.wire.send(frame(CLOSE, b"\x03\xe8\r\n2026-11-29T00:00:00Z ERROR stop")).await;
            // It gets back what it sent.
            ws.end_code().await
        }),
        case("100 resets behind a handshake", "all reset", |server| async move {
            for _ in 0..100 {
                let ws = Ws::binary(&server).await;
                ws.wire.reset();
            }
            "all reset".to_owned()
        }),
        case("message to the feed", "close 1002 the feed takes no messages…", |server| async move {
            let mut ws = Ws::open(&server, "/feed", "").await.expect("a subscription");
            ws.wire.send(frame(TEXT, b"{}")).await;
            ws.end().await
        }),
    ]
}
