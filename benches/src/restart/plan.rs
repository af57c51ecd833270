//! What a measurement of restarts is to do, and why it can fail.

use std::{io, path::PathBuf, time::Duration};

use serde::Serialize;

use crate::process::ProcessError;

/// How long all play before the restart: more than the interval of snapshots, so that a killed server has left one.
pub(super) const PLAY: Duration = Duration::from_secs(8);
/// Time limit for the first frame of all players, and for their return. A slower player counts as lost.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How the server is restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// The next process takes the listening socket over from the last one.
    Takeover,
    /// SIGTERM, and the next process once the last one is gone.
    Stop,
    /// SIGKILL, and the next process at once.
    Kill,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Takeover, Self::Stop, Self::Kill];

    /// The words of the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Takeover => "`--takeover`",
            Self::Stop => "SIGTERM, then a new start",
            Self::Kill => "SIGKILL, then a new start",
        }
    }
}

/// What to measure, with what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder of the built programs.
    pub programs: PathBuf,
    /// The folder for the server's log and state, which replace an earlier run's.
    pub out: PathBuf,
    /// In the arena, each with a connection.
    pub players: usize,
}

/// Why there is no measurement.
#[derive(Debug, thiserror::Error)]
pub enum RestartError {
    #[error("cannot use the folder {folder}: {error}")]
    Folder { folder: String, error: io::Error },
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("cannot start the threads of the players: {0}")]
    Threads(#[source] io::Error),
    #[error("only {joined} of {players} players were in the game in time; is the machine busy?")]
    NotJoined { joined: usize, players: usize },
    #[error("stopped")]
    Stopped,
}
