//! One non-blocking socket: what is left over of what was read, and what waits to be written. It must not know what
//! is said.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream as StdStream, ToSocketAddrs},
    time::Duration,
};

use mio::{Interest, Registry, Token, net::TcpStream};
use rustix::io::Errno;
use socket2::{Domain, Socket, Type};

use super::websocket::{self, Opcode};
use crate::bot::Address;

/// `SO_RCVBUF` of bots that do not read as they should, which Linux doubles: left alone the kernel would take
/// hundreds of kilobytes before the server felt anything.
const SMALL_BUFFER_BYTES: usize = 8 * 1024;
/// What may wait to be written. A server that reads leaves none of it.
const WAITING_BYTES_MAX: usize = 4 * 1024;
/// For each of a host's addresses to answer.
const PROBE: Duration = Duration::from_secs(5);

/// Where to connect: the first of the host's addresses at which somebody listens.
pub(super) fn find(address: &Address) -> Result<SocketAddr, String> {
    let refused = |error: io::Error| address.refusal(&error);
    let found: Vec<_> = address.authority.to_socket_addrs().map_err(refused)?.collect();
    match found[..] {
        [] => Err(format!("refused: {} has no address", address.authority)),
        [only] => Ok(only),
        [first, ..] => {
            let answers = |at: &&SocketAddr| StdStream::connect_timeout(at, PROBE).is_ok();
            Ok(found.iter().find(answers).copied().unwrap_or(first))
        }
    }
}

#[derive(Debug)]
pub(super) struct Link {
    socket: TcpStream,
    /// A message of which the end has not come yet. Nothing is kept between whole ones.
    tail: Vec<u8>,
    /// What the kernel did not take yet.
    out: Vec<u8>,
    registered: bool,
}

impl Link {
    /// Begins to connect. `small` asks for a small receive buffer.
    pub(super) fn connect(at: SocketAddr, small: bool) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(at), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if small {
            // Before connecting: the window's scale is settled there.
            socket.set_recv_buffer_size(SMALL_BUFFER_BYTES)?;
        }
        match socket.connect(&at.into()) {
            Err(error) if error.raw_os_error() != Some(Errno::INPROGRESS.raw_os_error()) => {
                return Err(error);
            }
            _ => {}
        }
        let socket = TcpStream::from_std(socket.into());
        Ok(Self { socket, tail: Vec::new(), out: Vec::new(), registered: false })
    }

    /// Whether the connection stands; an error if it will not.
    pub(super) fn is_connected(&self) -> io::Result<bool> {
        if let Some(error) = self.socket.take_error()? {
            return Err(error);
        }
        match self.socket.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Asks to be told when there is something to read, or not to.
    pub(super) fn listen(&mut self, registry: &Registry, token: Token, listen: bool) -> io::Result<()> {
        if listen == self.registered {
            return Ok(());
        }
        self.registered = listen;
        if listen {
            registry.register(&mut self.socket, token, Interest::READABLE | Interest::WRITABLE)
        } else {
            registry.deregister(&mut self.socket)
        }
    }

    /// Puts what was left over at the front of `buffer`, and says how much it is.
    pub(super) fn restore(&mut self, buffer: &mut [u8]) -> usize {
        let tail = std::mem::take(&mut self.tail);
        buffer[..tail.len()].copy_from_slice(&tail);
        tail.len()
    }

    /// Keeps what is left over.
    pub(super) fn keep(&mut self, rest: &[u8]) {
        self.tail = rest.to_vec();
    }

    /// Reads once. `None` if there is nothing to read now; nothing read is the end.
    pub(super) fn read(&mut self, room: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match self.socket.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                result => return result.map(Some),
            }
        }
    }

    /// Sends bytes as they are, for the handshake.
    pub(super) fn send_raw(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        append(&mut self.out);
        self.flush().map(|_| ())
    }

    /// Sends a frame, unless the kernel has not even taken the one before. Whether it all went is told.
    pub(super) fn send(&mut self, opcode: Opcode, payload: &[u8], mask: [u8; 4]) -> io::Result<bool> {
        if !self.flush()?
            && (matches!(opcode, Opcode::Binary | Opcode::Text) || self.out.len() > WAITING_BYTES_MAX)
        {
            return Ok(false);
        }
        websocket::write(&mut self.out, opcode, payload, mask);
        self.flush()
    }

    /// Writes what waits. True if nothing waits any more.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        while !self.out.is_empty() {
            match self.socket.write(&self.out) {
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

    #[test]
    fn a_link_connects_and_what_is_left_over_comes_back() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut link = Link::connect(listener.local_addr().unwrap(), true).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        assert!(link.is_connected().unwrap());
        assert_eq!(link.read(&mut [0; 8]).unwrap(), None);
        assert!(link.send(Opcode::Binary, b"abc", [0; 4]).unwrap());
        let mut heard = [0; 9];
        peer.read_exact(&mut heard).unwrap();
        assert_eq!(&heard[6..], b"abc");
        link.keep(b"rest");
        let mut buffer = [0; 16];
        assert_eq!((link.restore(&mut buffer), &buffer[..4]), (4, b"rest".as_slice()));
        assert_eq!(link.restore(&mut buffer), 0);
    }

    #[test]
    fn what_a_peer_does_not_read_waits_and_is_bounded() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut link = Link::connect(listener.local_addr().unwrap(), false).unwrap();
        let _peer = listener.accept().unwrap();
        assert!(link.is_connected().unwrap());
        let payload = vec![0; 60_000];
        while link.send(Opcode::Binary, &payload, [0; 4]).unwrap() {}
        let waiting = link.out.len();
        assert!(waiting > 0);
        assert!(!link.send(Opcode::Binary, &payload, [0; 4]).unwrap());
        assert!(link.out.len() <= waiting);
    }

    #[test]
    fn a_host_is_found_where_it_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let at = find(&format!("ws://localhost:{port}").parse().unwrap()).unwrap();
        assert!(at.ip().is_loopback() && at.port() == port);
        assert!(StdStream::connect(at).is_ok());
    }
}
