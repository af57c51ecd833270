//! Clients that come to no point and clients that do not read: each is gone after its deadline.

use std::{
    os::fd::OwnedFd,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    battery::{Case, Group, case_within},
    server::{Server, Setup},
    wire::{Wire, raw},
    ws::{BINARY, JSON, Ws, frame, text},
};

/// Longer than the longest deadline, 30 s, and the closing handshake of a slow reader on a busy machine.
const DEADLINES: Duration = Duration::from_secs(55);

pub(crate) fn group() -> Group {
    let cases = silent().into_iter().chain(deaf()).collect();
    Group { name: "patience", setup: Setup::with(&["--resume-seconds", "3"]), rounds: 1, stages: vec![cases] }
}

fn waits<F: Future<Output = String> + Send + 'static>(
    name: &'static str,
    expected: &'static str,
    attack: impl Fn(std::sync::Arc<Server>) -> F + Send + Sync + 'static,
) -> Case {
    case_within(DEADLINES, name, expected, attack)
}

const HEALTHZ: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

fn silent() -> Vec<Case> {
    vec![
        waits("silence", "dropped", |server| async move { raw(&server, "").await }),
        waits(
            "head byte by byte",
            "408 the request head did not arrive within 10s; send it at once",
            |server| async move {
                let mut wire = Wire::open(&server).await;
                wire.send_slowly("GET / HTTP/1.1\r\nHost: localhost\r\n", Duration::from_millis(400)).await;
                wire.answers().await
            },
        ),
        waits("kept connection without a second request", "200 alive", |server| async move {
            raw(&server, HEALTHZ).await
        }),
        waits("second head byte by byte", "200 alive", |server| async move {
            let mut wire = Wire::open(&server).await;
            wire.send(HEALTHZ).await;
            wire.send_slowly("GET / HTTP/1.1\r\nHost: localhost\r\n", Duration::from_millis(400)).await;
            wire.answers().await
        }),
        waits("request hidden in a body", "405", |server| async move {
            let hidden = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
            let length = hidden.len();
            raw(&server, format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{hidden}"))
                .await
        }),
        waits("no hello", "close 4002 no Hello within 5 s of the handshake", |server| async move {
            Ws::binary(&server).await.end().await
        }),
        waits(
            "pings instead of a hello",
            "close 4002 no Hello within 5 s of the handshake",
            |server| async move {
                let mut ws = Ws::binary(&server).await;
                let pings = frame(crate::ws::PING, []).repeat(30);
                ws.wire.send_slowly(pings, Duration::from_millis(40)).await;
                ws.end().await
            },
        ),
        waits(
            "half a frame, then silence",
            "close 4002 no Hello within 5 s of the handshake",
            |server| async move {
                let mut ws = Ws::binary(&server).await;
                ws.wire.send(&frame(BINARY, [0; 40])[..20]).await;
                ws.end().await
            },
        ),
        waits(
            "subscriber that answers no ping",
            "close 4002 idle timeout: no message arrived in time",
            |server| async move { Ws::open(&server, "/feed", "").await.expect("a subscription").end().await },
        ),
    ]
}

/// Joins through a tiny receive buffer.
async fn join_small(server: &Server, hello: Value) -> Ws {
    let ws = Ws::open_on(Wire::open_small(server).await, "/ws", JSON).await.expect("a handshake");
    ws.joined(hello).await.expect("a seat").0
}

/// Sends these messages once a second until the server ends the connection, reading `bytes` each time.
async fn until_gone(mut ws: Ws, message: &[u8], bytes: usize) -> String {
    let started = Instant::now();
    loop {
        sleep(Duration::from_secs(1)).await;
        let mut buffer = vec![0; bytes];
        let is_over = match bytes {
            // The kernel tells of a reset when the next message is sent.
            0 => false,
            _ => {
                let read = tokio::io::AsyncReadExt::read(&mut ws.wire.stream, &mut buffer);
                matches!(timeout(Duration::from_millis(1), read).await, Ok(Ok(0) | Err(_)))
            }
        };
        let is_broken = tokio::io::AsyncWriteExt::write_all(&mut ws.wire.stream, message).await.is_err();
        if is_over || is_broken {
            let seconds = started.elapsed().as_secs();
            return if (5..50).contains(&seconds) {
                "gone in time".to_owned()
            } else {
                format!("gone after {seconds} s")
            };
        }
    }
}

fn deaf() -> Vec<Case> {
    vec![
        waits(
            "player that acknowledges nothing",
            "close 4003 frames were not read or acknowledged in time",
            |server| async move { Ws::join(&server, json!({"name": "Eve"})).await.expect("a seat").0.end().await },
        ),
        waits(
            "spectator that acknowledges nothing",
            "close 4003 frames were not read or acknowledged in time",
            |server| async move {
                Ws::join(&server, json!({"role": "Spectator"})).await.expect("a seat").0.end().await
            },
        ),
        waits(
            "player that reads nothing and says nothing",
            "close 4003 frames were not read or acknowledged in time",
            |server| async move {
                let mut ws = join_small(&server, json!({"name": "Eve"})).await;
                sleep(Duration::from_secs(20)).await;
                ws.end().await
            },
        ),
        waits("player that reads nothing and acknowledges all", "gone in time", |server| async move {
            let ws = join_small(&server, json!({"name": "Eve"})).await;
            let all =
                (0..250).step_by(10).map(|ack| text(&json!({ "Ack": ack }))).collect::<Vec<_>>().concat();
            until_gone(ws, &all, 0).await
        }),
        waits("player that reads a byte a second", "gone in time", |server| async move {
            let ws = join_small(&server, json!({"name": "Eve"})).await;
            until_gone(ws, &text(&json!({"Ack": 0})), 1).await
        }),
        waits("process that is stopped", "gone in time", |server| async move {
            let (ws, _) = Ws::join(&server, json!({"name": "Eve"})).await.expect("a seat");
            let stream = ws.into_stream().into_std().expect("a socket");
            let own = stream.try_clone().expect("a descriptor");
            let mut reader = Command::new("cat")
                .stdin(OwnedFd::from(stream))
                .stdout(Stdio::null())
                .spawn()
                .expect("cat runs");
            let id = reader.id().to_string();
            assert!(Command::new("kill").args(["-STOP", &id]).status().expect("kill runs").success());
            sleep(Duration::from_secs(18)).await;
            let stream = tokio::net::TcpStream::from_std(own).expect("a socket");
            let end = Ws { wire: Wire::on(stream) }.end().await;
            // A stopped process ends too.
            reader.kill().and_then(|()| reader.wait()).expect("it ends");
            // What it read is missing, perhaps in the middle of a frame: then the close frame is not found.
            match end.as_str() {
                "dropped" => "gone in time".to_owned(),
                end if end.starts_with("close 4003 ") => "gone in time".to_owned(),
                other => other.to_owned(),
            }
        }),
        waits("subscriber by SSE that stops reading", "gone in time", |server| async move {
            let mut wire = Wire::open_small(&server).await;
            wire.send("GET /feed/sse HTTP/1.1\r\nHost: a\r\n\r\n").await;
            wire.answer().await;
            // Behind a request, further bytes are taken as the next one, which must wait.
            until_gone(Ws { wire }, b"\r\n", 0).await
        }),
    ]
}
