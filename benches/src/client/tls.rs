//! The stream below a bot's connection: TCP, or TLS over it. Bots accept any certificate: they tell the server nothing that
//! is secret, and a server under test often has one of its own making.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use rustls::{ClientConnection, StreamOwned, pki_types::ServerName};
use server::engine::net::unchecked_client;

use super::Address;

/// A blocking or non-blocking stream, plain or encrypted.
pub(super) enum Stream<S: Read + Write> {
    Plain(S),
    Tls(Box<StreamOwned<ClientConnection, S>>),
}

impl Stream<TcpStream> {
    /// A blocking connection for one request to the server of `address`, which is found at `at`. Each step may take `most`.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub(super) fn connect(address: &Address, at: SocketAddr, most: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&at, most)?;
        stream.set_read_timeout(Some(most))?;
        stream.set_write_timeout(Some(most))?;
        match address.is_secure {
            true => Self::secure(stream, address.host()).map_err(io::Error::other),
            false => Ok(Self::Plain(stream)),
        }
    }
}

impl<S: Read + Write> Stream<S> {
    /// TLS, of which nothing has been sent yet, with the server that is reached as `host`.
    ///
    /// # Errors
    /// If the host's name cannot be one.
    pub(super) fn secure(stream: S, host: &str) -> Result<Self, String> {
        // An IPv6 address stands in brackets in a URL.
        let name = host.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|error| error.to_string())?;
        let config = unchecked_client().map_err(|error| error.to_string())?;
        let session = ClientConnection::new(config, name).map_err(|error| error.to_string())?;
        Ok(Self::Tls(Box::new(StreamOwned::new(session, stream))))
    }

    /// Whether a read of less than there was room for took all that had arrived.
    pub(super) fn short_read_is_last(&self) -> bool {
        // TLS gives one record at a time.
        matches!(self, Self::Plain(_))
    }
}

impl<S: Read + Write> Read for Stream<S> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(room),
            Self::Tls(stream) => stream.read(room),
        }
    }
}

impl<S: Read + Write> Write for Stream<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
