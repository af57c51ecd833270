//! Connections that are not a player's: requests for pages and the feed, spectators, and peers that leave in the middle of
//! something or send what the server does not understand. One visit at a time, 100 ms apart.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde::Serialize;
use shared::{
    engine::protocol::{
        Hello, Role, SUBPROTOCOL_BINCODE, SUBPROTOCOL_JSON, encode_client, encode_client_json,
    },
    game::{Emberdrift, protocol::ClientMessage},
};
use tokio_tungstenite::tungstenite::{
    Message, WebSocket, client,
    client::IntoClientRequest,
    http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
};

/// Between two visits.
const PAUSE: Duration = Duration::from_millis(100);
/// For an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Of visits, this share may get no answer: the test's own threads may be late.
const FAILED_SHARE_MAX: f64 = 0.01;

/// Counts of visits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Visits {
    pub all: u64,
    /// Those in which the server did not do what it should.
    pub failed: u64,
}

impl Visits {
    pub(super) fn failure(self) -> Option<String> {
        let is_bad = self.all == 0 || self.failed as f64 > FAILED_SHARE_MAX * self.all as f64;
        is_bad.then(|| format!("{} of {} visits of strangers failed", self.failed, self.all))
    }
}

/// Visits the server until `is_over`.
pub(super) fn run(server: SocketAddr, is_over: &AtomicBool) -> Visits {
    let kinds: [fn(SocketAddr) -> io::Result<()>; 8] = [
        |server| page(server, "/"),
        |server| page(server, "/arenas"),
        half_a_request,
        feed,
        malformed_message,
        player_that_vanishes,
        spectator,
        nothing,
    ];
    let mut visits = Visits::default();
    for visit in kinds.iter().cycle() {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        visits.all += 1;
        visits.failed += u64::from(visit(server).is_err());
        thread::sleep(PAUSE);
    }
    visits
}

fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&server, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// Sends a request for `path`; the connection, of which nothing has been read.
fn request(server: SocketAddr, path: &str) -> io::Result<TcpStream> {
    let mut stream = connect(server)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n")?;
    Ok(stream)
}

/// An error unless the answer begins with `200`.
fn expect_ok(answer: &[u8]) -> io::Result<()> {
    if answer.starts_with(b"HTTP/1.1 200 ") { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

fn page(server: SocketAddr, path: &str) -> io::Result<()> {
    let mut answer = Vec::new();
    request(server, path)?.read_to_end(&mut answer)?;
    expect_ok(&answer)
}

fn half_a_request(server: SocketAddr) -> io::Result<()> {
    write!(connect(server)?, "GET /metrics HTTP/1.1\r\nHost: ")
}

/// Reads the first bytes and leaves.
fn feed(server: SocketAddr) -> io::Result<()> {
    let mut answer = [0; 64];
    request(server, "/feed/sse")?.read_exact(&mut answer)?;
    expect_ok(&answer)
}

fn nothing(server: SocketAddr) -> io::Result<()> {
    connect(server).map(drop)
}

fn websocket(server: SocketAddr, subprotocol: &'static str) -> io::Result<WebSocket<TcpStream>> {
    let mut request = format!("ws://{server}/ws").into_client_request().map_err(io::Error::other)?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
    let (websocket, _) = client(request, connect(server)?).map_err(io::Error::other)?;
    Ok(websocket)
}

/// Is closed by the server.
fn malformed_message(server: SocketAddr) -> io::Result<()> {
    let mut websocket = websocket(server, SUBPROTOCOL_BINCODE)?;
    websocket.send(Message::binary(vec![0xff; 64])).map_err(io::Error::other)?;
    loop {
        match websocket.read().map_err(io::Error::other)? {
            Message::Close(Some(_)) => return Ok(()),
            Message::Close(None) => return Err(io::ErrorKind::InvalidData.into()),
            _ => {}
        }
    }
}

fn hello(role: Role) -> ClientMessage {
    ClientMessage::Hello(Hello { name: "stranger".to_owned(), role, ..Hello::of::<Emberdrift>() })
}

/// Joins, and disconnects without a word: the server keeps its ship for a while.
fn player_that_vanishes(server: SocketAddr) -> io::Result<()> {
    let mut websocket = websocket(server, SUBPROTOCOL_JSON)?;
    let hello = Message::text(encode_client_json(&hello(Role::Player)));
    websocket.send(hello).map_err(io::Error::other)?;
    expect_messages(&mut websocket)
}

fn spectator(server: SocketAddr) -> io::Result<()> {
    let mut websocket = websocket(server, SUBPROTOCOL_BINCODE)?;
    websocket.send(Message::binary(encode_client(&hello(Role::Spectator)))).map_err(io::Error::other)?;
    expect_messages(&mut websocket)?;
    websocket.close(None).map_err(io::Error::other)
}

/// The welcome and some frames.
fn expect_messages(websocket: &mut WebSocket<TcpStream>) -> io::Result<()> {
    for _ in 0..5 {
        if websocket.read().map_err(io::Error::other)?.is_close() {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_visit_in_a_hundred_is_no_failure() {
        assert_eq!(Visits { all: 300, failed: 3 }.failure(), None);
        assert!(Visits { all: 300, failed: 4 }.failure().is_some());
        assert!(Visits::default().failure().is_some());
    }
}
