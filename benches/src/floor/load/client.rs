//! One player of the floor's: a socket, and what it has counted.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    time::Instant,
};

use mio::{Interest, Registry, Token, net::TcpStream};

use super::super::INPUT_BYTES;

/// One player.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// None before it comes and after it was lost.
    stream: Option<TcpStream>,
    /// Bytes ever received.
    bytes: u64,
    /// When the newest frame was complete; none before the first.
    pub(super) last_frame: Option<Instant>,
    /// In the measured time.
    pub(super) frames: u64,
}

impl Client {
    /// Begins to connect.
    pub(super) fn connect(
        &mut self,
        address: SocketAddr,
        registry: &Registry,
        token: Token,
    ) -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        registry.register(&mut stream, token, Interest::READABLE)?;
        self.stream = Some(stream);
        Ok(())
    }

    /// Whether its socket is open.
    pub(super) fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Sends one input. What the kernel does not take is not sent: the server has stopped reading.
    pub(super) fn send(&mut self) {
        if self.last_frame.is_none() {
            return;
        }
        let sent = self.stream.as_mut().map(|stream| stream.write(&[0; INPUT_BYTES]));
        if let Some(Err(error)) = sent
            && !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
        {
            self.stream = None;
        }
    }

    /// Reads what has come. How many bytes that is, and how many frames are complete with it.
    pub(super) fn receive(&mut self, buffer: &mut [u8], frame_bytes: u64) -> (u64, u64) {
        let before = self.bytes;
        while let Some(stream) = self.stream.as_mut() {
            match stream.read(buffer) {
                Ok(read) if read > 0 => {
                    self.bytes += read as u64;
                    // Had there been more, it would have filled the buffer.
                    if read < buffer.len() {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                _ => self.stream = None,
            }
        }
        (self.bytes - before, self.bytes / frame_bytes - before / frame_bytes)
    }
}
