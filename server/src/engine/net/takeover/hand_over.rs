//! The side of the server that runs: waits for its successor.

use std::{
    ffi::OsString,
    fs::{self, Permissions},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{FileTypeExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixStream},
    time::sleep,
};

use super::{
    error::TakeoverError,
    wire::{GREETING, KEPT, LOST, Peer, STOP, STOPPING, hears, send_with},
};

/// Between two processes that were no successor: they fill no log.
const PAUSE: Duration = Duration::from_millis(200);

/// A Unix socket at which a server will wait. Its file is removed when this is dropped.
#[derive(Debug)]
pub struct HandOverSocket {
    socket: UnixListener,
    file: SocketFile,
    /// Where it is to be found.
    path: PathBuf,
}

/// Hands a listening socket on.
#[derive(Debug)]
pub struct HandOver {
    socket: UnixListener,
    file: SocketFile,
    listener: OwnedFd,
    keeps_players: bool,
}

/// The process that has taken the listening socket. Dropping it tells that process that the state is written.
#[derive(Debug)]
pub struct Successor {
    /// Open for as long as the successor is to wait.
    _stream: UnixStream,
}

/// The file of a Unix socket.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    /// Whether it is to be removed.
    is_ours: bool,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.is_ours {
            // A file that stays is a socket without a listener, which the next server replaces.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl HandOverSocket {
    /// Listens beside `path`, where no process looks for it yet. Only this user can connect.
    pub fn bind(path: &Path) -> Result<Self, TakeoverError> {
        let shown = || path.display().to_string();
        let unusable = |error| TakeoverError::Unusable { path: shown(), error };
        match fs::symlink_metadata(path) {
            Ok(metadata) if !metadata.file_type().is_socket() => {
                return Err(TakeoverError::NotASocket { path: shown() });
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
            _ => {}
        }
        let mut beside = OsString::from(path);
        beside.push(".new");
        let beside = PathBuf::from(beside);
        // What a process left that ended just here.
        if fs::symlink_metadata(&beside).is_ok_and(|metadata| metadata.file_type().is_socket()) {
            fs::remove_file(&beside).map_err(unusable)?;
        }
        let socket = UnixListener::bind(&beside).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => TakeoverError::NoDirectory { path: shown() },
            _ => unusable(error),
        })?;
        let file = SocketFile { path: beside, is_ours: true };
        fs::set_permissions(&file.path, Permissions::from_mode(0o600)).map_err(unusable)?;
        Ok(Self { socket, file, path: path.to_owned() })
    }

    /// Moves to its path, in the place of what is there: from here on a successor finds it, and is offered `listener`.
    /// `keeps_players` says whether there will be a state for the successor to go on from.
    pub fn offer(self, listener: OwnedFd, keeps_players: bool) -> Result<HandOver, TakeoverError> {
        let Self { socket, mut file, path } = self;
        fs::rename(&file.path, &path)
            .map_err(|error| TakeoverError::Unusable { path: path.display().to_string(), error })?;
        file.path = path;
        Ok(HandOver { socket, file, listener, keeps_players })
    }
}

impl HandOver {
    /// Waits for a successor. What else comes is logged, and changes nothing.
    pub async fn successor(mut self) -> Successor {
        loop {
            let offered = match self.socket.accept().await {
                Ok((stream, _)) => offer(stream, &self.listener, self.keeps_players).await,
                Err(error) => Err(error.to_string()),
            };
            match offered {
                Ok(successor) => {
                    // It puts its own there.
                    self.file.is_ours = false;
                    return successor;
                }
                Err(why) => {
                    tracing::warn!(
                        "the listening socket was not handed over at '{}': {why}",
                        self.file.path.display()
                    );
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

async fn offer(mut stream: UnixStream, listener: &OwnedFd, keeps_players: bool) -> Result<Successor, String> {
    let peer = Peer::of(&stream).map_err(|error| error.to_string())?;
    if !peer.is_trusted() {
        return Err(format!("{peer} is of user {}", peer.user));
    }
    if !hears(&mut stream, GREETING).await {
        return Err(format!("{peer} does not say what a successor says"));
    }
    let text = if keeps_players { KEPT } else { LOST };
    let sent = send_with(&stream, text, listener.as_fd()).await;
    sent.map_err(|error| format!("{peer} cannot be sent it: {error}"))?;
    if !hears(&mut stream, STOP).await {
        return Err(format!("{peer} has changed its mind"));
    }
    stream.write_all(STOPPING).await.map_err(|error| format!("{peer} is gone: {error}"))?;
    tracing::info!("{peer} takes the listening socket over: closing all connections");
    if !keeps_players {
        tracing::warn!("players are not kept, because this server has no --state");
    }
    Ok(Successor { _stream: stream })
}
