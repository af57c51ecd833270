//! A WebSocket by hand, which may send any frame, and what the server says over it.

use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{
    server::Server,
    wire::{Wire, shown},
};

/// The headers of a handshake without a fault.
pub(crate) const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// The header that asks for JSON.
pub(crate) const JSON: &str = "Sec-WebSocket-Protocol: emberdrift.json\r\n";

const FIN: u8 = 0x80;
pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = FIN | 1;
pub(crate) const BINARY: u8 = FIN | 2;
pub(crate) const CLOSE: u8 = FIN | 8;
pub(crate) const PING: u8 = FIN | 9;
pub(crate) const PONG: u8 = FIN | 10;
/// In the second byte of a frame of a client.
pub(crate) const MASKED: u8 = 0x80;

/// A masked frame with this first byte, by a mask of zeros.
pub(crate) fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut bytes = vec![first];
    match payload.len() {
        short @ ..126 => bytes.push(MASKED | short as u8),
        long => {
            bytes.push(MASKED | 126);
            bytes.extend(u16::try_from(long).expect("a short payload").to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// A JSON message as a frame.
pub(crate) fn text(message: &Value) -> Vec<u8> {
    frame(TEXT, message.to_string())
}

#[derive(Debug)]
pub(crate) struct Ws {
    pub(crate) wire: Wire,
}

impl Ws {
    /// Connects to `path` with these headers besides those of the handshake. The error is the answer that is no upgrade.
    pub(crate) async fn open(server: &Server, path: &str, headers: &str) -> Result<Self, String> {
        Self::open_on(Wire::open(server).await, path, headers).await
    }

    /// The same on a connection.
    pub(crate) async fn open_on(mut wire: Wire, path: &str, headers: &str) -> Result<Self, String> {
        wire.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}{headers}\r\n")).await;
        match wire.answer().await {
            Some(answer) if answer == "101" => Ok(Self { wire }),
            Some(answer) => Err(answer),
            None => Err("dropped".to_owned()),
        }
    }

    /// To the game, in bincode.
    pub(crate) async fn binary(server: &Server) -> Self {
        Self::open(server, "/ws", "").await.expect("a handshake")
    }

    /// To the game, in JSON.
    pub(crate) async fn json(server: &Server) -> Self {
        Self::open(server, "/ws", JSON).await.expect("a handshake")
    }

    /// A player by JSON, and its welcome. The error is the close.
    pub(crate) async fn join(server: &Server, hello: Value) -> Result<(Self, Value), String> {
        Self::json(server).await.joined(hello).await
    }

    /// Says hello, and waits for the welcome.
    pub(crate) async fn joined(mut self, hello: Value) -> Result<(Self, Value), String> {
        self.wire.send(text(&json!({ "Hello": hello }))).await;
        match self.message().await {
            Ok(welcome) => Ok((self, welcome["Welcome"].clone())),
            Err(end) => Err(end),
        }
    }

    /// The next frame: its first byte and its payload.
    async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let wire = &mut self.wire;
        if !wire.read_at_least(2).await {
            return None;
        }
        let length = wire.received[1];
        let (head, length) = match length {
            short @ ..126 => (2, u64::from(short)),
            126 if wire.read_at_least(4).await => {
                (4, u64::from(u16::from_be_bytes([wire.received[2], wire.received[3]])))
            }
            127 if wire.read_at_least(10).await => {
                let bytes = wire.received[2..10].try_into().expect("eight bytes");
                (10, u64::from_be_bytes(bytes))
            }
            _ => return None,
        };
        let end = head + usize::try_from(length).expect("a small frame");
        if !wire.read_at_least(end).await {
            return None;
        }
        let first = wire.received[0];
        let payload = wire.received[head..end].to_vec();
        wire.received.drain(..end);
        Some((first, payload))
    }

    /// The next JSON message. The error is how the WebSocket ended.
    pub(crate) async fn message(&mut self) -> Result<Value, String> {
        loop {
            match self.next().await {
                Some((TEXT, payload)) => return Ok(serde_json::from_slice(&payload).expect("JSON")),
                Some((CLOSE, payload)) => return Err(close_text(&payload)),
                Some(_) => {}
                None => return Err("dropped".to_owned()),
            }
        }
    }

    /// The next game frame, which it acknowledges.
    pub(crate) async fn game_frame(&mut self) -> Result<Value, String> {
        loop {
            let message = self.message().await?;
            if let Some(tick) = message["Frame"]["head"]["tick"].as_u64() {
                self.wire.send(text(&json!({ "Ack": tick % 256 }))).await;
                return Ok(message["Frame"].clone());
            }
        }
    }

    /// The first notice of this kind in the next frames.
    pub(crate) async fn notice(&mut self, kind: &str) -> Result<Value, String> {
        loop {
            let frame = self.game_frame().await?;
            let found =
                frame["notices"].as_array().into_iter().flatten().find(|notice| !notice[kind].is_null());
            if let Some(notice) = found {
                return Ok(notice[kind].clone());
            }
        }
    }

    /// How it ends: `close`, the code and the text, or `dropped`.
    pub(crate) async fn end(&mut self) -> String {
        loop {
            match self.next().await {
                Some((CLOSE, payload)) => return close_text(&payload),
                Some(_) => {}
                None => return "dropped".to_owned(),
            }
        }
    }

    /// The same without the text.
    pub(crate) async fn end_code(&mut self) -> String {
        loop {
            match self.next().await {
                Some((CLOSE, payload)) => return close_text(&payload[..payload.len().min(2)]),
                Some(_) => {}
                None => return "dropped".to_owned(),
            }
        }
    }

    /// `open` if the server still answers a ping, otherwise how it ended.
    pub(crate) async fn probe(&mut self) -> String {
        self.wire.send(frame(PING, b"probe")).await;
        loop {
            match self.next().await {
                Some((PONG, payload)) if payload == b"probe" => return "open".to_owned(),
                Some((CLOSE, payload)) => return close_text(&payload),
                Some(_) => {}
                None => return "dropped".to_owned(),
            }
        }
    }

    /// Leaves for good, and waits for the server's answer.
    pub(crate) async fn leave(mut self) {
        self.wire.send(frame(CLOSE, 1000_u16.to_be_bytes())).await;
        self.end().await;
    }

    pub(crate) fn into_stream(self) -> TcpStream {
        self.wire.stream
    }
}

fn close_text(payload: &[u8]) -> String {
    match payload {
        [] => "close without a code".to_owned(),
        [high, low, text @ ..] => {
            format!("close {} {}", u16::from_be_bytes([*high, *low]), shown(text)).trim_end().to_owned()
        }
        [_] => "close with half a code".to_owned(),
    }
}

/// What the frames get on a new binary connection.
pub(crate) async fn binary_end(server: &Server, frames: impl AsRef<[u8]>) -> String {
    let mut ws = Ws::binary(server).await;
    ws.wire.send(frames).await;
    ws.end().await
}

/// What the frames get on a new JSON connection.
pub(crate) async fn json_end(server: &Server, frames: impl AsRef<[u8]>) -> String {
    let mut ws = Ws::json(server).await;
    ws.wire.send(frames).await;
    ws.end().await
}
