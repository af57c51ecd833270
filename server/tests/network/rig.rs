//! A server in this process, a WebSocket client and an HTTP client to talk to it.

use std::{collections::HashMap, io, net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use server::{
    engine::{
        net::{Limits, Site},
        notifier::Notifier,
    },
    game::{arena_file, arena_loop::ArenaSettings},
    run::{self, Options, Running},
};
use shared::{
    engine::protocol::{ClientMessage, CloseReason, Hello, encode_client},
    game::protocol::{Frame, ServerMessage, Welcome, decode_server},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, Utf8Bytes},
};

/// Nothing here takes near as long on any machine; without it a fault would be a test that hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits, but not for ever.
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what} did not happen within {PATIENCE:?}"),
    }
}

/// A small game on a free port.
pub(crate) fn options() -> Options {
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        game: ArenaSettings {
            arena: arena_file::load("drift").unwrap(),
            tick_rate: 60,
            drones: 4,
            max_players: 20,
            seed: 1,
            reconnect_grace: Duration::from_secs(60),
            slow_tick: None,
        },
        others: Vec::new(),
        limits: Limits {
            // Most tests end with clients that nobody reads any more; do not wait for their goodbyes.
            shutdown_timeout: Duration::from_millis(100),
            ..Limits::for_players(20)
        },
        site: Site::Files(HashMap::new()),
        echo: false,
        notifier: Notifier::default(),
    }
}

pub(crate) async fn server() -> Running {
    run::start(options()).await.unwrap()
}

pub(crate) async fn server_with(change: impl FnOnce(&mut Options)) -> Running {
    let mut options = options();
    change(&mut options);
    run::start(options).await.unwrap()
}

/// A client of the WebSocket.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Client {
    /// Shakes hands and says nothing yet.
    pub(crate) async fn connect(server: &Running) -> Self {
        Self::connect_at(server, "/ws").await
    }

    /// The same at this address.
    pub(crate) async fn connect_at(server: &Running, path: &str) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        Self::on(stream, server, path).await
    }

    /// One whose kernel takes in little before it pushes back.
    pub(crate) async fn connect_small(server: &Running) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(server.address()).await.unwrap();
        Self::on(stream, server, "/ws").await
    }

    async fn on(stream: TcpStream, server: &Running, path: &str) -> Self {
        let url = format!("ws://{}{path}", server.address());
        let (socket, _) = soon("the handshake", client_async(url, stream)).await.unwrap();
        Self { socket }
    }

    /// Shakes hands, says hello and is welcomed.
    pub(crate) async fn join(server: &Running, name: &str) -> (Self, Box<Welcome>) {
        Self::join_at(server, "/ws", name).await
    }

    /// The same at this address.
    pub(crate) async fn join_at(server: &Running, path: &str, name: &str) -> (Self, Box<Welcome>) {
        let mut client = Self::connect_at(server, path).await;
        client.say(&hello(name)).await;
        let welcome = client.welcome().await;
        (client, welcome)
    }

    pub(crate) async fn say(&mut self, message: &ClientMessage) {
        self.send(Message::Binary(encode_client(message).into())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        soon("sending", self.socket.send(message)).await.unwrap();
    }

    /// The next message of the game. Frames are acknowledged now and then, as every client does.
    pub(crate) async fn hear(&mut self) -> ServerMessage {
        loop {
            match soon("a message", self.socket.next()).await {
                Some(Ok(Message::Binary(bytes))) => {
                    let message = decode_server(&bytes).unwrap();
                    if let ServerMessage::Frame(frame) = &message
                        && frame.head.tick.0.is_multiple_of(4)
                    {
                        let seen = encode_client(&ClientMessage::Ack(frame.head.tick.0 as u8));
                        // Whether it arrives is the test's own business.
                        let _ = self.socket.send(Message::Binary(seen.into())).await;
                    }
                    return message;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    pub(crate) async fn welcome(&mut self) -> Box<Welcome> {
        match self.hear().await {
            ServerMessage::Welcome(welcome) => welcome,
            ServerMessage::Frame(frame) => panic!("a frame before the welcome: {frame:?}"),
        }
    }

    pub(crate) async fn frame(&mut self) -> Frame {
        match self.hear().await {
            ServerMessage::Frame(frame) => frame,
            ServerMessage::Welcome(_) => panic!("a second welcome"),
        }
    }

    /// Reads on until the server hangs up, and how it did.
    pub(crate) async fn closed(&mut self) -> (u16, Utf8Bytes) {
        let mut reason = None;
        loop {
            match soon("the end", self.socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => reason = Some((frame.code.into(), frame.reason)),
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("no clean end: {error} (reason {reason:?})"),
                None => return reason.expect("an end without a close frame"),
            }
        }
    }

    /// Expects the server to hang up for this reason.
    pub(crate) async fn expect_close(&mut self, reason: CloseReason) {
        let (code, text) = self.closed().await;
        assert_eq!(CloseReason::from_code(code), Some(reason), "{text}");
        assert!(!text.is_empty());
    }
}

pub(crate) fn hello(name: &str) -> ClientMessage {
    ClientMessage::Hello(Hello { name: name.into(), ..Hello::default() })
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends a request as it is written here, and reads until the server hangs up.
pub(crate) async fn raw(server: &Running, request: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(server.address()).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    soon("an answer", stream.read_to_end(&mut bytes)).await?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or("");
    Ok(Answer {
        status: status.parse().map_err(io::Error::other)?,
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: bytes[end + 4..].to_vec(),
    })
}

/// A request with these further headers.
pub(crate) async fn request(server: &Running, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", server.address());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !headers.iter().any(|(name, _)| *name == "connection") {
        text.push_str("connection: close\r\n");
    }
    text.push_str("\r\n");
    raw(server, &text).await.unwrap()
}

pub(crate) async fn get(server: &Running, path: &str) -> Answer {
    request(server, "GET", path, &[]).await
}

/// Asks again and again until the answer is yes.
pub(crate) async fn eventually(what: &str, mut question: impl FnMut() -> bool) {
    soon(what, async {
        while !question() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
