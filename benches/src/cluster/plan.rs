//! What a measurement of clusters is to do, and why it can fail.

use std::{io, path::PathBuf};

use serde::Serialize;

use crate::process::ProcessError;

/// What happens to the node that all play at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// SIGTERM.
    Drain,
    /// SIGKILL.
    Kill,
    /// It loses NATS, and gets it back.
    Partition,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Drain, Self::Kill, Self::Partition];

    /// The words of the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drain => "SIGTERM: the node hands its rooms on",
            Self::Kill => "SIGKILL: other nodes take over",
            Self::Partition => "30 s without NATS",
        }
    }
}

/// What to measure, with what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder of the built programs.
    pub programs: PathBuf,
    /// nats-server.
    pub nats: PathBuf,
    /// The folder for the logs of nodes and NATS, and for NATS's files, which replace an earlier run's.
    pub out: PathBuf,
    pub players: usize,
    /// The players are spread over these.
    pub rooms: usize,
}

/// Why there is no measurement.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error("cannot use the folder {folder}: {error}")]
    Folder { folder: String, error: io::Error },
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("cannot start the threads of the players: {0}")]
    Threads(#[source] io::Error),
    #[error("cannot listen before NATS: {0}")]
    Relay(#[source] io::Error),
    #[error("a room was not made: {0}")]
    Room(String),
    #[error("only {joined} of {players} players were in the game in time; is the machine busy?")]
    NotJoined { joined: usize, players: usize },
    #[error("stopped")]
    Stopped,
}
