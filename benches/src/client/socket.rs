//! One non-blocking socket and its framing: the incomplete message that was read last, and the bytes that wait to be
//! written.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
};

use mio::{Interest, Registry, Token, net::TcpStream};
use rustix::io::Errno;
use socket2::{Domain, Socket as RawSocket, Type};
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::websocket::{self, Incoming};

/// `SO_RCVBUF` of slow readers, which Linux doubles: by default the kernel would take hundreds of kilobytes before the
/// server noticed.
const SMALL_BUFFER_BYTES: usize = 8 * 1024;
/// When more than this waits to be written, control frames are dropped: a server that reads leaves none of it.
const WAITING_BYTES_MAX: usize = 4 * 1024;

/// How a stream is divided into messages.
#[derive(Clone, Copy, Debug)]
pub(super) enum Framing {
    /// Messages of this kind.
    WebSocket(Data),
    /// From the server frames of so many bytes; to it, messages as they are.
    Fixed(usize),
}

#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    framing: Framing,
    /// The beginning of an incomplete message. Between complete ones no memory is held.
    tail: Vec<u8>,
    /// What the kernel has not taken yet.
    out: Vec<u8>,
    is_registered: bool,
}

impl Socket {
    /// Begins to connect. `small_buffer` asks for a small receive buffer.
    pub(super) fn connect(at: SocketAddr, framing: Framing, small_buffer: bool) -> io::Result<Self> {
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
        let stream = TcpStream::from_std(socket.into());
        Ok(Self { stream, framing, tail: Vec::new(), out: Vec::new(), is_registered: false })
    }

    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether the connection is established; an error if it will not be.
    pub(super) fn is_connected(&self) -> io::Result<bool> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        match self.stream.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the poll reports this socket from now on.
    pub(super) fn set_polled(&mut self, registry: &Registry, token: Token, polled: bool) -> io::Result<()> {
        if polled == self.is_registered {
            return Ok(());
        }
        self.is_registered = polled;
        if polled {
            registry.register(&mut self.stream, token, Interest::READABLE | Interest::WRITABLE)
        } else {
            registry.deregister(&mut self.stream)
        }
    }

    /// Puts the incomplete message at the front of `buffer` and returns its length.
    pub(super) fn restore_tail(&mut self, buffer: &mut [u8]) -> usize {
        let tail = std::mem::take(&mut self.tail);
        buffer[..tail.len()].copy_from_slice(&tail);
        tail.len()
    }

    pub(super) fn keep_tail(&mut self, rest: &[u8]) {
        self.tail = rest.to_vec();
    }

    /// Reads once. None if there is nothing to read now; 0 bytes are the end.
    pub(super) fn read(&mut self, room: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.stream.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                result => return result.map(Some),
            }
        }
    }

    /// Takes one message off the front of `bytes`, and says how many bytes it took.
    pub(super) fn parse<'a>(&self, bytes: &'a [u8]) -> Result<Option<(Incoming<'a>, usize)>, String> {
        match self.framing {
            Framing::WebSocket(kind) => websocket::parse(bytes, kind),
            Framing::Fixed(length) => Ok(bytes.get(..length).map(|frame| (Incoming::Message(frame), length))),
        }
    }

    /// Sends bytes without framing, for the handshake.
    pub(super) fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.out.extend_from_slice(bytes);
        self.flush()
    }

    /// Sends a message, and says whether the kernel took all of it. Before the next one, [`Self::flush`] must succeed.
    pub(super) fn send(&mut self, message: &[u8], mask: [u8; 4]) -> io::Result<bool> {
        match self.framing {
            Framing::WebSocket(kind) => websocket::write(&mut self.out, OpCode::Data(kind), message, mask),
            Framing::Fixed(_) => self.out.extend_from_slice(message),
        }
        self.flush()
    }

    /// Sends a control frame, unless too much waits to be written.
    pub(super) fn send_control(&mut self, control: Control, payload: &[u8], mask: [u8; 4]) -> io::Result<()> {
        if self.flush()? || self.out.len() <= WAITING_BYTES_MAX {
            websocket::write(&mut self.out, OpCode::Control(control), payload, mask);
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what waits, and says whether nothing waits any more.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(count) if count == self.out.len() => self.out.clear(),
                Ok(count) => drop(self.out.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const BINARY: Framing = Framing::WebSocket(Data::Binary);

    #[test]
    fn socket_sends_framed_and_keeps_an_incomplete_message() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut socket = Socket::connect(listener.local_addr().unwrap(), BINARY, true).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        assert!(socket.is_connected().unwrap());
        assert_eq!(socket.read(&mut [0; 8]).unwrap(), None);
        assert!(socket.send(b"abc", [0; 4]).unwrap());
        let mut heard = [0; 9];
        peer.read_exact(&mut heard).unwrap();
        assert_eq!(&heard[6..], b"abc");
        socket.keep_tail(b"rest");
        let mut buffer = [0; 16];
        assert_eq!((socket.restore_tail(&mut buffer), &buffer[..4]), (4, b"rest".as_slice()));
        assert_eq!(socket.restore_tail(&mut buffer), 0);
    }

    #[test]
    fn bytes_for_a_peer_that_does_not_read_wait_and_control_frames_are_dropped() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut socket = Socket::connect(listener.local_addr().unwrap(), BINARY, false).unwrap();
        let _peer = listener.accept().unwrap();
        let payload = vec![0; 60_000];
        while socket.flush().unwrap() {
            socket.send(&payload, [0; 4]).unwrap();
        }
        let waiting = socket.out.len();
        assert!(waiting > WAITING_BYTES_MAX);
        socket.send_control(Control::Pong, b"x", [0; 4]).unwrap();
        assert!(socket.out.len() <= waiting);
    }

    #[test]
    fn fixed_frames_are_cut_by_length() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = Socket::connect(listener.local_addr().unwrap(), Framing::Fixed(3), false).unwrap();
        assert_eq!(socket.parse(b"abcde"), Ok(Some((Incoming::Message(b"abc"), 3))));
        assert_eq!(socket.parse(b"de"), Ok(None));
    }
}
