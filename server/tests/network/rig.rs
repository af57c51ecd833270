//! A server in this process, a WebSocket client and an HTTP client to talk to it.

use std::{
    collections::HashMap,
    io,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use server::{
    engine::{
        net::{Access, Limits, Site, TrustedProxies},
        sessions::Seats,
    },
    game::{ArenaSettings, Options, arena_file},
    run::{self, Running},
};
use shared::{
    engine::{
        chat::ChatLine,
        protocol::{CloseReason, Hello, ResumeToken, decode_server, encode_client},
    },
    game::{
        Emberdrift,
        protocol::{ClientMessage, Frame, Notice, ServerMessage, Welcome},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, Utf8Bytes, client::IntoClientRequest},
};

/// Far longer than any step takes. It turns a hanging test into a failure.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// Far longer than any client of a test lives. A test that waits for something in a frame reads frame after frame: without this
/// it would read for ever.
pub(crate) const CLIENT_TIMEOUT: Duration = Duration::from_secs(120);

/// When a client has lived too long.
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// For a client that connects now.
    pub(crate) fn new() -> Self {
        Self(Instant::now() + CLIENT_TIMEOUT)
    }

    /// Fails the test once it has passed.
    pub(crate) fn check(&self) {
        assert!(Instant::now() < self.0, "what the test waits for did not come within {CLIENT_TIMEOUT:?}");
    }
}

/// Waits for at most [`TIMEOUT`].
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match timeout(TIMEOUT, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what} did not happen within {TIMEOUT:?}"),
    }
}

/// A small game on a free port.
pub(crate) fn options() -> Options {
    let game = ArenaSettings {
        arena: arena_file::load("drift").unwrap(),
        tick_rate: 60,
        bots: 4,
        seats: Seats::new(20),
        seed: 1,
        reconnect_grace: Duration::from_secs(60),
        slow_tick: None,
        fail_after: None,
    };
    Options {
        limits: Limits {
            // Most tests stop the server while clients are connected that no longer read; do not wait for them.
            shutdown_timeout: Duration::from_millis(100),
            ..Limits::for_players(20)
        },
        site: Site::Files(HashMap::new()),
        ..Options::of_one_arena(game)
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

/// A server that takes this machine for a proxy, which says who its clients are.
pub(crate) async fn server_behind_a_proxy(change: impl FnOnce(&mut Options)) -> Running {
    let proxies = TrustedProxies::new(["127.0.0.1/32".parse().unwrap()]);
    server_with(|options| {
        options.access = Access::new(Vec::new(), &[], proxies);
        change(options);
    })
    .await
}

/// A client of the WebSocket.
pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    deadline: Deadline,
}

impl Client {
    /// Connects without a hello.
    pub(crate) async fn connect(server: &Running) -> Self {
        Self::connect_at(server, "/ws").await
    }

    /// The same at this address.
    pub(crate) async fn connect_at(server: &Running, path: &str) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        Self::on(stream, server, path).await
    }

    /// Connects with a small receive buffer.
    pub(crate) async fn connect_small(server: &Running) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(server.address()).await.unwrap();
        Self::on(stream, server, "/ws").await
    }

    /// Connects through a proxy, which says that the client has this address. The error is the status of the answer.
    pub(crate) async fn connect_from(server: &Running, address: &str) -> Result<Self, u16> {
        Self::connect_from_at(server, address, "/ws").await
    }

    /// The same at this path.
    pub(crate) async fn connect_from_at(server: &Running, address: &str, path: &str) -> Result<Self, u16> {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let mut request = format!("ws://{}{path}", server.address()).into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", address.parse().unwrap());
        match soon("the handshake", client_async(request, stream)).await {
            Ok((socket, _)) => Ok(Self { socket, deadline: Deadline::new() }),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("no handshake: {error}"),
        }
    }

    async fn on(stream: TcpStream, server: &Running, path: &str) -> Self {
        let url = format!("ws://{}{path}", server.address());
        let (socket, _) = soon("the handshake", client_async(url, stream)).await.unwrap();
        Self { socket, deadline: Deadline::new() }
    }

    /// Connects, sends a hello and waits for the welcome.
    pub(crate) async fn join(server: &Running, name: &str) -> (Self, Box<Welcome>) {
        Self::join_at(server, "/ws", name).await
    }

    /// The same at this address.
    pub(crate) async fn join_at(server: &Running, path: &str, name: &str) -> (Self, Box<Welcome>) {
        let mut client = Self::connect_at(server, path).await;
        client.send(&hello(name)).await;
        let welcome = client.welcome().await;
        (client, welcome)
    }

    pub(crate) async fn send(&mut self, message: &ClientMessage) {
        self.send_raw(Message::Binary(encode_client(message).into())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        soon("sending", self.socket.send(message)).await.unwrap();
    }

    /// The next game message. Acknowledges every fourth frame.
    pub(crate) async fn receive(&mut self) -> ServerMessage {
        loop {
            self.deadline.check();
            match soon("a message", self.socket.next()).await {
                Some(Ok(Message::Binary(bytes))) => {
                    let message = decode_server(&bytes).unwrap();
                    if let ServerMessage::Frame(frame) = &message
                        && frame.head.tick.0.is_multiple_of(4)
                    {
                        let seen = encode_client(&ClientMessage::Ack(frame.head.tick.0 as u8));
                        // A test that closes the connection sees that elsewhere.
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
        match self.receive().await {
            ServerMessage::Welcome(welcome) => welcome,
            ServerMessage::Frame(frame) => panic!("a frame before the welcome: {frame:?}"),
        }
    }

    pub(crate) async fn frame(&mut self) -> Frame {
        match self.receive().await {
            ServerMessage::Frame(frame) => frame,
            ServerMessage::Welcome(_) => panic!("a second welcome"),
        }
    }

    /// The next line of chat. Others of the same frame are lost.
    pub(crate) async fn line(&mut self) -> ChatLine {
        loop {
            let lines = self.frame().await.notices.into_iter().filter_map(|notice| match notice {
                Notice::Chat(line) => Some(line),
                _ => None,
            });
            if let Some(line) = lines.take(1).next() {
                return line;
            }
        }
    }

    /// Reads until the server closes; its code and text.
    pub(crate) async fn closed(&mut self) -> (u16, Utf8Bytes) {
        let mut reason = None;
        loop {
            match soon("the close", self.socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => reason = Some((frame.code.into(), frame.reason)),
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("not closed cleanly: {error} (reason {reason:?})"),
                None => return reason.expect("a close frame"),
            }
        }
    }

    /// Expects the server to close for this reason.
    pub(crate) async fn expect_close(&mut self, reason: CloseReason) {
        let (code, text) = self.closed().await;
        assert_eq!(CloseReason::from_code(code), Some(reason), "{text}");
        assert!(!text.is_empty());
    }
}

pub(crate) fn hello(name: &str) -> ClientMessage {
    ClientMessage::Hello(Hello { name: name.into(), ..Hello::of::<Emberdrift>() })
}

/// A hello of a player that comes back.
pub(crate) fn hello_with(name: &str, resume: Option<ResumeToken>) -> ClientMessage {
    ClientMessage::Hello(Hello { name: name.into(), resume, ..Hello::of::<Emberdrift>() })
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

/// Sends the bytes of a request, and reads until the server closes.
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

/// A request with this body and these additional headers.
pub(crate) async fn request_with_body(
    server: &Running,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let (host, length) = (server.address(), body.len());
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n"
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    raw(server, &format!("{text}\r\n{body}")).await.unwrap()
}

/// A request with these additional headers.
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

/// Polls until the condition holds.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    soon(what, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
