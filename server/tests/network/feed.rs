//! The feed, as a dashboard or `curl` reads it.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use server::run::Running;
use shared::game::protocol::ClientMessage;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::rig::{Client, eventually, get, request, server, soon};

pub(crate) async fn subscribe(server: &Running, query: &str) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let url = format!("ws://{}/feed{query}", server.address());
    soon("the handshake", client_async(url, stream)).await.unwrap().0
}

pub(crate) async fn document(socket: &mut WebSocketStream<TcpStream>) -> Value {
    loop {
        match soon("a document", socket.next()).await {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
            Some(Ok(Message::Ping(_))) => {}
            other => panic!("expected a document, got {other:?}"),
        }
    }
}

#[tokio::test]
async fn subscriber_receives_population_and_events() {
    let server = server().await;
    let mut all = subscribe(&server, "").await;
    let mut scores = subscribe(&server, "?topics=scores").await;
    let (mut ada, _) = Client::join(&server, "Ada").await;
    ada.send(&ClientMessage::Chat("gg".into())).await;
    let (mut has_joined, mut has_chatted) = (false, false);
    loop {
        let document = document(&mut all).await;
        let joined = document["events"]["joined"].as_array().unwrap();
        has_joined |= joined.iter().any(|name| name == "Ada");
        let chat = document["events"]["chat"].as_array().unwrap();
        has_chatted |= chat.iter().any(|line| line["name"] == "Ada" && line["text"] == "gg");
        assert!(document["health"]["ticks"].as_u64().is_some());
        if document["scores"]["players"] == 1 {
            assert!(has_joined && has_chatted, "{document}");
            break;
        }
    }
    let only = document(&mut scores).await;
    assert!(only.get("scores").is_some() && only.get("events").is_none() && only.get("health").is_none());
    server.stop().await;
}

/// After four seconds without reading, one old document is in flight, and the next is the newest.
#[tokio::test]
async fn slow_subscriber_gets_the_newest_document_and_no_backlog() {
    let server = server().await;
    let (mut slow, mut quick) = (subscribe(&server, "").await, subscribe(&server, "").await);
    let tick = |document: &Value| document["tick"].as_u64().unwrap();
    let first = tick(&document(&mut quick).await);
    let mut latest = first;
    while latest < first + 4 * 60 {
        latest = tick(&document(&mut quick).await);
    }
    let old = tick(&document(&mut slow).await);
    assert!(old <= first + 60, "the one in flight");
    let next = tick(&document(&mut slow).await);
    assert!(next >= latest, "{next} after {latest}");
    server.stop().await;
}

#[tokio::test]
async fn event_stream_is_readable_by_curl_and_any_origin() {
    let server = server().await;
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let mut stream = BufReader::new(stream);
    let request = format!("GET /feed/sse?topics=health HTTP/1.1\r\nhost: {}\r\n\r\n", server.address());
    stream.get_mut().write_all(request.as_bytes()).await.unwrap();
    let (mut head, mut documents) = (String::new(), Vec::new());
    while documents.len() < 2 {
        let mut line = String::new();
        assert!(soon("a line", stream.read_line(&mut line)).await.unwrap() > 0, "it ended");
        match line.strip_prefix("data: ") {
            Some(data) => documents.push(serde_json::from_str::<Value>(data).unwrap()),
            None => head += &line.to_ascii_lowercase(),
        }
    }
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(head.contains("access-control-allow-origin: *"), "{head}");
    assert!(head.contains("x-accel-buffering: no"), "{head}");
    assert!(documents[1]["tick"].as_u64() > documents[0]["tick"].as_u64());
    assert!(documents[0]["health"]["tick_rate"] == 60 && documents[0].get("scores").is_none());
    server.stop().await;
}

#[tokio::test]
async fn event_stream_outlives_the_limit_of_other_requests() {
    let short = |options: &mut server::game::Options| {
        options.limits.http_lifetime = Duration::from_millis(300);
        options.limits.stall_timeout = Duration::from_millis(2500);
    };
    let server = crate::rig::server_with(short).await;
    let mut reader = BufReader::new(TcpStream::connect(server.address()).await.unwrap());
    let asked = format!("GET /feed/sse HTTP/1.1\r\nhost: {}\r\n\r\n", server.address());
    reader.get_mut().write_all(asked.as_bytes()).await.unwrap();
    let mut documents = 0;
    while documents < 4 {
        let mut line = String::new();
        assert!(soon("a line", reader.read_line(&mut line)).await.unwrap() > 0, "cut off after {documents}");
        documents += usize::from(line.starts_with("data: "));
    }
    drop(reader);
    // A response to HEAD does not stream, and keeps no subscription.
    assert_eq!(request(&server, "HEAD", "/feed/sse", &[]).await.status, 200);
    eventually("no connection is left", || server.telemetry().connections.get() == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn unknown_topic_and_disabled_echo_are_refused() {
    let server = server().await;
    let answer = get(&server, "/feed/sse?topics=scores,weather").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("weather") && answer.text().contains("health"), "{}", answer.text());
    assert_eq!(get(&server, "/echo").await.status, 404);
    assert_eq!(get(&server, "/feed").await.status, 426);
    server.stop().await;
}
