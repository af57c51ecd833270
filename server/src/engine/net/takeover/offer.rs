//! The side of the server that starts: asks the one that runs for its listening socket.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::Path,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

use super::{
    error::TakeoverError,
    wire::{ANSWER, GREETING, KEPT, LOST, Peer, STOP, STOPPING, hears, receive_with},
};
use crate::engine::net::running_time;

/// A listening socket that another process offers. Dropping it changes nothing: that process goes on.
#[derive(Debug)]
pub struct Offer {
    stream: UnixStream,
    peer: Peer,
    path: String,
    listener: TcpListener,
    address: SocketAddr,
    pub(super) keeps_players: bool,
}

impl Offer {
    /// Asks the server at `path`. `None` if there is no server, also if one left its socket there.
    pub async fn find(path: &Path) -> Result<Option<Self>, TakeoverError> {
        let shown = || path.display().to_string();
        let unusable = |error| TakeoverError::Unusable { path: shown(), error };
        let mut stream = match UnixStream::connect(path).await {
            Ok(stream) => stream,
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(unusable(error)),
        };
        let peer = Peer::of(&stream).map_err(unusable)?;
        if !peer.is_trusted() {
            return Err(TakeoverError::OtherUser { path: shown(), user: peer.user });
        }
        let no_offer = || TakeoverError::NoOffer { path: shown(), process: peer.to_string() };
        let answer = async {
            stream.write_all(GREETING).await?;
            receive_with(&stream).await
        };
        let (text, descriptor) = match running_time::timeout(ANSWER, answer).await {
            Ok(answer) => answer.map_err(|_| no_offer())?,
            Err(_) => return Err(TakeoverError::NoAnswer { path: shown(), process: peer.to_string() }),
        };
        let keeps_players = match &*text {
            KEPT => true,
            LOST => false,
            _ => return Err(no_offer()),
        };
        let listener = TcpListener::from(descriptor.ok_or_else(no_offer)?);
        let address = listener.local_addr().map_err(|_| no_offer())?;
        Ok(Some(Self { stream, peer, path: shown(), listener, address, keeps_players }))
    }

    /// Checks that the socket is the one that is wanted. Port 0 stands for any.
    pub fn check(self, wanted: SocketAddr) -> Result<Self, TakeoverError> {
        let Self { path, peer, address: there, .. } = &self;
        let is_wanted = there.ip() == wanted.ip() && (there.port() == wanted.port() || wanted.port() == 0);
        if is_wanted {
            return Ok(self);
        }
        Err(TakeoverError::OtherAddress {
            path: path.clone(),
            process: peer.to_string(),
            there: *there,
            wanted,
        })
    }

    /// Takes the socket, and waits until the other process has written its state or is gone, for at most this time.
    pub async fn accept(self, most: Duration) -> Result<TcpListener, TakeoverError> {
        let Self { mut stream, peer, path, listener, keeps_players, .. } = self;
        if stream.write_all(STOP).await.is_err() || !hears(&mut stream, STOPPING).await {
            return Err(TakeoverError::NoOffer { path, process: peer.to_string() });
        }
        tracing::info!("taking over from {peer}");
        if !keeps_players {
            tracing::warn!("players are not kept, because {peer} has no --state");
        }
        // It says nothing more. An error means that it is gone, too.
        match running_time::timeout(most, stream.read(&mut [0])).await {
            Ok(_) => Ok(listener),
            Err(_) => Err(TakeoverError::NotGone { process: peer.to_string(), most }),
        }
    }
}
