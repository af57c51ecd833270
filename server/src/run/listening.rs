//! Where the listening socket comes from: from the server before this one, from the supervisor, or from the system. Makes sure
//! that the server before this one has written its state.

use std::{net::SocketAddr, os::fd::AsFd, path::PathBuf, time::Duration};

use listenfd::ListenFd;
use tokio::net::TcpListener;

use super::{error::StartError, stop::STOP_MAX};
use crate::engine::net::{self, HandOver, HandOverSocket, Offer};

/// How long the server before this one has to write its state: a little longer than its own waits.
const PREDECESSOR: Duration = STOP_MAX.saturating_add(Duration::from_secs(5));

/// What to listen on.
#[derive(Debug)]
pub struct ListenOptions {
    /// Where to listen; port 0 takes a free one. Not used with a socket of the supervisor.
    pub address: SocketAddr,
    /// A socket that the supervisor has opened.
    pub inherited: Option<std::net::TcpListener>,
    /// A Unix socket at which servers hand their listening socket on.
    pub takeover: Option<PathBuf>,
}

impl ListenOptions {
    /// Listens at this address, and hands the socket to no other process.
    pub fn at(address: SocketAddr) -> Self {
        Self { address, inherited: None, takeover: None }
    }

    /// With the socket that the supervisor passes on, if it does (`LISTEN_FDS`, as systemd does).
    pub fn with_inherited(self) -> Result<Self, StartError> {
        let mut passed = ListenFd::from_env();
        if passed.len() > 1 {
            return Err(StartError::ManyPassedOn(passed.len()));
        }
        let inherited = passed.take_tcp_listener(0).map_err(StartError::PassedOn)?;
        Ok(Self { inherited, ..self })
    }
}

/// Begins to listen. When this returns, the server before this one has written its state or is gone. `keeps_players` says whether
/// this server will have a state to hand on.
pub(super) async fn open(
    options: ListenOptions,
    keeps_players: bool,
) -> Result<(TcpListener, Option<HandOver>), StartError> {
    let ListenOptions { address, inherited, takeover } = options;
    let Some(path) = takeover else {
        let listener = match inherited {
            Some(socket) => adopt(socket)?,
            None => net::bind(address)?,
        };
        return Ok((listener, None));
    };
    if inherited.is_some() {
        return Err(StartError::TwoPredecessors);
    }
    // Before the other server stops, so that what fails here costs nothing.
    let socket = HandOverSocket::bind(&path)?;
    let listener = match Offer::find(&path).await? {
        Some(offer) => adopt(offer.check(address)?.accept(PREDECESSOR).await?)?,
        None => net::bind(address)?,
    };
    let same = listener.as_fd().try_clone_to_owned().map_err(StartError::PassedOn)?;
    let hand_over = socket.offer(same, keeps_players)?;
    Ok((listener, Some(hand_over)))
}

/// A socket that another process has opened.
fn adopt(socket: std::net::TcpListener) -> Result<TcpListener, StartError> {
    socket.set_nonblocking(true).and_then(|()| TcpListener::from_std(socket)).map_err(StartError::PassedOn)
}
