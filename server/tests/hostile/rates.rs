//! One network that joins, asks or is refused as often as it can, through a proxy that the server trusts.

use std::{sync::Arc, time::Instant};

use serde_json::json;

use crate::{
    battery::{Case, case},
    server::Server,
    shares::{SOCKETS, from},
    wire::{Wire, raw},
    ws::{CLOSE, JSON, Ws, frame, text},
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "hello and leave, 200 times from one address",
            "no more joins than the limit, and others join",
            hello_and_leave,
        ),
        case(
            "5,000 requests of one address on one connection",
            "no more answers than the limit, and others are served",
            requests,
        ),
        case(
            "pages of another site, from 200 addresses",
            "at most a line of the log a second, which names the flags",
            refused_pages,
        ),
    ]
}

/// Whether `count` is within a burst and what a rate allows since `started`.
fn is_within(count: usize, burst: usize, per_second: usize, started: Instant) -> bool {
    count <= burst + per_second * (started.elapsed().as_secs() as usize + 1)
}

async fn hello_and_leave(server: Arc<Server>) -> String {
    let (started, mut joined) = (Instant::now(), 0);
    for _ in 0..200 {
        let headers = format!("{JSON}{}", from("203.0.113.10"));
        let mut ws = Ws::open(&server, "/ws", &headers).await.expect("a handshake");
        let leave = frame(CLOSE, 1000_u16.to_be_bytes());
        ws.wire.send([text(&json!({"Hello": {"name": "Eve"}})), leave].concat()).await;
        if !ws.end().await.starts_with("close 4005 too many joins") {
            joined += 1;
        }
    }
    if joined == 200 || !is_within(joined, SOCKETS, 10, started) {
        return format!("{joined} joins in {:?}", started.elapsed());
    }
    let headers = format!("{JSON}{}", from("198.51.100.10"));
    let other = Ws::open(&server, "/ws", &headers).await.expect("a handshake");
    match other.joined(json!({"name": "Ada"})).await {
        Ok((ws, _)) => {
            ws.leave().await;
            "no more joins than the limit, and others join".to_owned()
        }
        Err(end) => format!("others get {end}"),
    }
}

async fn requests(server: Arc<Server>) -> String {
    const REQUEST: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let (started, mut served) = (Instant::now(), 0);
    let mut wire = Wire::open(&server).await;
    wire.send("PROXY TCP4 203.0.113.11 10.0.0.1 1 2\r\n").await;
    'flood: for _ in 0..50 {
        wire.send(REQUEST.repeat(100)).await;
        for _ in 0..100 {
            match wire.answer().await.unwrap_or_default() {
                answer if answer == "200 alive" => served += 1,
                answer if answer.starts_with("429") => break 'flood,
                answer => return format!("{served} answers, then {answer:?}"),
            }
        }
    }
    if served == 5000 || !is_within(served, 32 * SOCKETS, 200, started) {
        return format!("{served} answers in {:?}", started.elapsed());
    }
    if wire.answer().await.is_some() {
        return "the connection goes on".to_owned();
    }
    let request = REQUEST.replace("Host", "Connection: close\r\nHost");
    match raw(&server, format!("PROXY TCP4 198.51.100.11 10.0.0.1 1 2\r\n{request}")).await {
        other if other == "200 alive" => "no more answers than the limit, and others are served".to_owned(),
        other => format!("others get {other}"),
    }
}

async fn refused_pages(server: Arc<Server>) -> String {
    const HEAD: &str = "GET /ws?check=https://evil.example HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    let lines = || {
        let log = server.log();
        log.into_iter().filter(|line| line.contains("the page's origin")).collect::<Vec<_>>()
    };
    let (started, before) = (Instant::now(), lines().len());
    for at in 0..2000 {
        let answer = raw(&server, format!("{HEAD}{}\r\n", from(&format!("203.0.114.{}", at % 200)))).await;
        assert!(answer.starts_with("403"), "{answer}");
        if at >= 200 && lines().len() > before {
            break;
        }
    }
    let new = lines().split_off(before);
    let names_flags = |line: &String| line.contains("--public-url") && line.contains("--allow-origin");
    match !new.is_empty() && is_within(new.len(), 1, 1, started) && new.iter().all(names_flags) {
        true => "at most a line of the log a second, which names the flags".to_owned(),
        false => format!("{new:?} in {:?}", started.elapsed()),
    }
}
