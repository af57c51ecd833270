//! Why the server did not start, or ended.

use std::{fmt::Display, io};

use super::storage::StorageError;
use crate::{
    config::ConfigError,
    engine::{
        arena_file::ArenaError,
        arena_status::ArenaStatus,
        cluster::ClusterError,
        net::{ArenaHandle, ListenError, TakeoverError, TlsError},
        resume::NoRandomness,
    },
};

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Flags that do not fit together.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An arena cannot be loaded.
    #[error(transparent)]
    Arena(#[from] ArenaError),
    /// No arena was named.
    #[error("there is no arena to play in: name one with --arena")]
    NoArena,
    /// Two arenas would have the same address, or addresses that look the same.
    #[error(
        "two arenas are called {name:?}: name each arena once with --arena, or change `name` in one of the files"
    )]
    SameName {
        /// The second one's.
        name: String,
    },
    /// The address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The listening socket of another process cannot be used.
    #[error(
        "cannot use the listening socket that another process has passed on: {0}; it must be a TCP socket that listens"
    )]
    PassedOn(#[source] io::Error),
    /// The supervisor has passed on several sockets.
    #[error(
        "the supervisor has passed on {0} sockets, but the server listens on one; name one ListenStream= in the socket unit"
    )]
    ManyPassedOn(usize),
    /// The listening socket would come from two places.
    #[error(
        "the supervisor has passed on a listening socket, which it keeps for the next process by itself: leave out --takeover"
    )]
    TwoPredecessors,
    /// The server before this one does not hand its socket over.
    #[error(transparent)]
    Takeover(#[from] TakeoverError),
    /// There is no usable certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is no key for resume tokens.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The threads cannot be started.
    #[error(
        "cannot start the threads that the server needs: {0}; raise the limit of threads (ulimit -u) or free some memory"
    )]
    Thread(#[source] io::Error),
    /// What is to be kept cannot be.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The node cannot join its cluster.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The listening socket does not know its address.
    #[error("cannot read the address of the listening socket: {0}; try another one with --listen")]
    Address(#[source] io::Error),
}

/// Why the end was not a good one.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// The state was to be kept and is not.
    #[error(
        "the last snapshot was not written, see the log lines above this one; the newest that could be written is kept"
    )]
    NotSaved,
    /// A simulation failed while the server stopped.
    #[error("a simulation panicked while the server stopped; please report the log lines above this one")]
    Panicked,
}

/// A part of the server ended without being asked to. The process must end too, so that a supervisor starts it again: it
/// would only seem to live.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; please report the log lines above this one")]
pub struct PartEnded {
    what: String,
    /// Whether it was a simulation that panicked.
    pub is_failure: bool,
}

impl PartEnded {
    pub(super) fn new(part: impl Display) -> Self {
        Self { what: format!("{part} stopped unexpectedly"), is_failure: false }
    }

    /// A simulation that no longer ticks and does not end.
    pub(super) fn of_hung(arena: &ArenaHandle) -> Self {
        let what =
            format!("the simulation of arena {:?} hangs: it has not ticked for ten seconds", arena.name());
        Self { what, is_failure: false }
    }

    /// The simulation, or else the feed.
    pub(super) fn of_arena(arena: &ArenaHandle, status: &ArenaStatus) -> Self {
        let part = if status.has_ended() { "simulation" } else { "feed" };
        let what = format!("the {part} of arena {:?} stopped unexpectedly", arena.name());
        Self { what, is_failure: status.has_failed() }
    }
}
