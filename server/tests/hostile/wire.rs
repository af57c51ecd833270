//! A TCP connection to the server that may send anything, and what came back over it, in a form that a report can show.

use std::time::Duration;

use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use crate::server::Server;

/// Most characters of a text in the report.
const TEXT_CHARS_MAX: usize = 76;

#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    /// Received and not looked at yet.
    pub(crate) received: Vec<u8>,
    /// Whether the server has ended or reset the connection.
    pub(crate) has_ended: bool,
}

impl Wire {
    pub(crate) async fn open(server: &Server) -> Self {
        Self::on(TcpStream::connect(server.address).await.expect("it listens"))
    }

    /// With the smallest receive buffer that the system gives.
    pub(crate) async fn open_small(server: &Server) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(1).expect("a size");
        Self::on(socket.connect(server.address).await.expect("it listens"))
    }

    pub(crate) fn on(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a socket");
        Self { stream, received: Vec::new(), has_ended: false }
    }

    /// Sends as much of `bytes` as the server takes.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // That the server has closed shows when reading.
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Sends them one by one, until the server ends the connection.
    pub(crate) async fn send_slowly(&mut self, bytes: impl AsRef<[u8]>, pause: Duration) {
        for byte in bytes.as_ref() {
            if self.stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(pause).await;
        }
    }

    /// Ends the sending half.
    pub(crate) async fn half_close(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Resets the connection.
    pub(crate) fn reset(self) {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).expect("a socket");
    }

    /// Reads once; false at the end.
    pub(crate) async fn read_more(&mut self) -> bool {
        match self.stream.read_buf(&mut self.received).await {
            Ok(count) if count > 0 => true,
            _ => {
                self.has_ended = true;
                false
            }
        }
    }

    /// Reads until there are `count` bytes; false if the connection ends before.
    pub(crate) async fn read_at_least(&mut self, count: usize) -> bool {
        while self.received.len() < count {
            if !self.read_more().await {
                return false;
            }
        }
        true
    }

    /// Everything until the server ends the connection.
    pub(crate) async fn read_to_end(&mut self) -> String {
        while self.read_more().await {}
        String::from_utf8_lossy(&self.received).into_owned()
    }

    /// The HTTP answers until the server ends the connection: status and first line of each, or `dropped`.
    pub(crate) async fn answers(mut self) -> String {
        let mut answers: Vec<(String, usize)> = Vec::new();
        while let Some(answer) = self.answer().await {
            match answers.last_mut() {
                Some((last, count)) if *last == answer => *count += 1,
                _ => answers.push((answer, 1)),
            }
        }
        let answers: Vec<_> = answers
            .into_iter()
            .map(|(answer, count)| if count > 1 { format!("{count} × {answer}") } else { answer })
            .collect();
        if answers.is_empty() { "dropped".to_owned() } else { answers.join(" + ") }
    }

    /// The next HTTP answer; `None` at the end. A body without a length is left out.
    pub(crate) async fn answer(&mut self) -> Option<String> {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.read_more().await {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&self.received[..end]).to_lowercase();
        let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        self.read_at_least(end + length.unwrap_or(0)).await;
        let body_end = self.received.len().min(end + length.unwrap_or(0));
        let text = shown(&self.received[end..body_end]);
        self.received.drain(..body_end);
        Some(format!("{status} {text}").trim_end().to_owned())
    }
}

/// The first line of a text, cut to what a report has room for.
pub(crate) fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().next().unwrap_or_default();
    let is_plain = line.chars().all(|c| !c.is_control());
    assert!(is_plain, "the server sends control characters: {line:?}");
    match line.char_indices().nth(TEXT_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

/// What a request with these bytes gets.
pub(crate) async fn raw(server: &Server, bytes: impl AsRef<[u8]>) -> String {
    let mut wire = Wire::open(server).await;
    wire.send(bytes).await;
    wire.answers().await
}
