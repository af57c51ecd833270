//! One connection to a server: a non-blocking socket that reads no more than it is allowed to, and the messages in its
//! stream.

use std::{
    io::{self, ErrorKind, Read, Write},
    mem,
    net::SocketAddr,
};

use mio::{Interest, Registry, Token, net::TcpStream};
use rustix::io::Errno;
use shared::engine::limits::SERVER_MESSAGE_BYTES_MAX;
use socket2::{Domain, Socket as RawSocket, Type};
use tokio_tungstenite::tungstenite::{
    Bytes, ClientHandshake, Error, HandshakeError, Message, WebSocket,
    client::IntoClientRequest,
    handshake::MidHandshake,
    http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
    protocol::{
        CloseFrame, WebSocketConfig,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

use super::{Address, Plan, tls::Stream};

/// `SO_RCVBUF` of slow readers, which Linux doubles: by default the kernel would take hundreds of kilobytes before the
/// server noticed.
const SMALL_BUFFER_BYTES: usize = 8 * 1024;
/// Read at once. Each of thousands of bots has such a buffer.
const READ_BYTES: usize = 8 * 1024;

/// What arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    Message(Bytes),
    /// The server closed the connection, perhaps with a code and a text.
    Close(Option<(u16, String)>),
}

pub(super) struct Socket {
    stream: Stream<TcpStream>,
    /// Bytes that may be read. A read of less than there was room for took all there was, and sets this to 0: asking the
    /// kernel again is left out.
    allowed: usize,
}

/// A socket that is not connected yet would block.
fn or_later(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::NotConnected { ErrorKind::WouldBlock.into() } else { error }
}

impl Socket {
    /// Begins to connect to the server of `address`, which is found at `at`.
    fn connect(
        address: &Address,
        at: SocketAddr,
        small_buffer: bool,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let socket = RawSocket::new(Domain::for_address(at), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if small_buffer {
            // Before connecting, because that settles the scale of TCP's window.
            socket.set_recv_buffer_size(SMALL_BUFFER_BYTES)?;
        }
        match socket.connect(&at.into()) {
            Err(error) if error.raw_os_error() != Some(Errno::INPROGRESS.raw_os_error()) => {
                return Err(error);
            }
            _ => {}
        }
        let mut stream = TcpStream::from_std(socket.into());
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        let stream = match address.is_secure {
            true => Stream::secure(stream, address.host()).map_err(io::Error::other)?,
            false => Stream::Plain(stream),
        };
        Ok(Self { stream, allowed: 0 })
    }
}

impl Read for Socket {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let most = room.len().min(self.allowed);
        if most == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = self.stream.read(&mut room[..most]).map_err(or_later)?;
        let is_last = count < most && self.stream.short_read_is_last();
        self.allowed = if is_last { 0 } else { self.allowed - count };
        Ok(count)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes).map_err(or_later)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush().map_err(or_later)
    }
}

pub(super) enum Connection {
    Upgrading(Box<MidHandshake<ClientHandshake<Socket>>>, Data),
    /// Messages of this kind.
    Game(Box<WebSocket<Socket>>, Data),
    Baseline(Baseline),
    /// The handshake failed.
    Refused,
}

/// To the bare server. From it come frames of one length, and what is in them does not matter; to it go messages as they
/// are.
pub(super) struct Baseline {
    socket: Socket,
    frame: Bytes,
    received: usize,
    /// What the kernel has not taken yet.
    out: Vec<u8>,
}

impl Connection {
    /// Begins to connect to `address`, which is found at `at`. `small_buffer` asks for a small receive buffer.
    pub(super) fn open(
        plan: &Plan,
        (address, at): (&Address, SocketAddr),
        small_buffer: bool,
        registry: &Registry,
        token: Token,
    ) -> Result<Self, String> {
        let socket = Socket::connect(address, at, small_buffer, registry, token).map_err(refused)?;
        if let Some(frame_bytes) = plan.baseline {
            let frame = vec![0; frame_bytes.max(1) as usize].into();
            return Ok(Self::Baseline(Baseline { socket, frame, received: 0, out: Vec::new() }));
        }
        let mut request = address.to_string().into_client_request().map_err(refused)?;
        let subprotocol = HeaderValue::from_static(plan.encoding.subprotocol());
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, subprotocol);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_frame_size(Some(SERVER_MESSAGE_BYTES_MAX));
        let handshake = ClientHandshake::start(socket, request, Some(config)).map_err(refused)?;
        Ok(Self::Upgrading(Box::new(handshake), plan.encoding.frame_kind()))
    }

    /// Sets how many bytes may be read from now on.
    pub(super) fn allow(&mut self, bytes: usize) {
        match self {
            Self::Upgrading(handshake, _) => handshake.get_mut().get_mut().allowed = bytes,
            Self::Game(websocket, _) => websocket.get_mut().allowed = bytes,
            Self::Baseline(baseline) => baseline.socket.allowed = bytes,
            Self::Refused => {}
        }
    }

    /// The next whole message, if there is one. An error says why there will be none.
    pub(super) fn read(&mut self) -> Result<Option<Incoming>, String> {
        if let Self::Upgrading(..) = self {
            self.upgrade()?;
        }
        match self {
            Self::Upgrading(..) | Self::Refused => Ok(None),
            Self::Baseline(baseline) => baseline.read(),
            Self::Game(websocket, _) => loop {
                match websocket.read() {
                    Ok(Message::Binary(bytes)) => return Ok(Some(Incoming::Message(bytes))),
                    Ok(Message::Text(text)) => return Ok(Some(Incoming::Message(text.into()))),
                    Ok(Message::Close(close)) => {
                        // The server waits for the answer.
                        let _ = websocket.flush();
                        let close = close.map(|close| (close.code.into(), close.reason.as_str().to_owned()));
                        return Ok(Some(Incoming::Close(close)));
                    }
                    Ok(_) => {}
                    Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                    Err(Error::Capacity(error)) => return Err(format!("not understood: {error}")),
                    Err(_) => return Err("connection lost".to_owned()),
                }
            },
        }
    }

    fn upgrade(&mut self) -> Result<(), String> {
        let Self::Upgrading(handshake, kind) = mem::replace(self, Self::Refused) else { return Ok(()) };
        *self = match handshake.handshake() {
            Ok((websocket, _)) => Self::Game(Box::new(websocket), kind),
            Err(HandshakeError::Interrupted(handshake)) => Self::Upgrading(Box::new(handshake), kind),
            Err(HandshakeError::Failure(Error::Http(response))) => {
                return Err(refused(format!("HTTP {}", response.status())));
            }
            Err(HandshakeError::Failure(error)) => return Err(refused(error)),
        };
        Ok(())
    }

    /// Sends what waits. False if the kernel does not take all of it, or there is no connection yet.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        let flushed = match self {
            Self::Upgrading(..) | Self::Refused => return Ok(false),
            Self::Game(websocket, _) => websocket.flush().map_err(io_error),
            Self::Baseline(baseline) => baseline.flush(),
        };
        taken(flushed)
    }

    /// Sends a message. Before the next one, [`Self::flush`] must succeed.
    pub(super) fn send(&mut self, message: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Upgrading(..) | Self::Refused => Err(ErrorKind::NotConnected.into()),
            Self::Game(websocket, kind) => {
                let frame = Frame::message(message, OpCode::Data(*kind), true);
                taken(websocket.write(Message::Frame(frame)).map_err(io_error)).map(drop)
            }
            Self::Baseline(baseline) => {
                baseline.out = message;
                Ok(())
            }
        }
    }

    /// Begins to close a WebSocket: false if there is none, and nothing to wait for.
    pub(super) fn close(&mut self) -> bool {
        let Self::Game(websocket, _) = self else { return false };
        // A socket that cannot be written to may still be read.
        let _ = websocket.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }));
        true
    }
}

impl Baseline {
    fn read(&mut self) -> Result<Option<Incoming>, String> {
        let mut room = [0; READ_BYTES];
        while self.received < self.frame.len() {
            match self.socket.read(&mut room) {
                Ok(0) => return Err("connection lost".to_owned()),
                Ok(count) => self.received += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(format!("connection lost: {error}")),
            }
        }
        self.received -= self.frame.len();
        Ok(Some(Incoming::Message(self.frame.clone())))
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.out.is_empty() {
            let count = self.socket.write(&self.out)?;
            self.out.drain(..count);
        }
        Ok(())
    }
}

fn refused(error: impl std::fmt::Display) -> String {
    format!("refused: {error}")
}

fn io_error(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        error => io::Error::other(error),
    }
}

/// Whether the kernel took everything.
fn taken(result: io::Result<()>) -> io::Result<bool> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        result => result.map(|()| true),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use mio::Poll;

    use super::*;

    #[test]
    fn only_what_is_allowed_is_read_and_frames_are_cut_by_length() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (at, poll) = (listener.local_addr().unwrap(), Poll::new().unwrap());
        let mut plan = Plan::new("ws://localhost:1".parse().unwrap());
        plan.baseline = Some(3);
        let mut connection =
            Connection::open(&plan, (&plan.address, at), false, poll.registry(), Token(0)).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        peer.write_all(b"abcdefgh").unwrap();
        assert_eq!(connection.read(), Ok(None), "nothing is allowed yet");
        connection.allow(5);
        let frame = || Ok(Some(Incoming::Message(Bytes::from_static(&[0; 3]))));
        assert_eq!((connection.read(), connection.read()), (frame(), Ok(None)));
        connection.allow(usize::MAX);
        assert_eq!((connection.read(), connection.read()), (frame(), Ok(None)));
        assert!(connection.flush().unwrap());
        connection.send(b"xyz".to_vec()).unwrap();
        assert!(connection.flush().unwrap());
        let mut heard = [0; 3];
        peer.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"xyz");
    }
}
