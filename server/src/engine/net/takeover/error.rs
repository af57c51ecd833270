//! Why a listening socket cannot be taken over, or offered.

use std::{io, net::SocketAddr, time::Duration};

/// Why a listening socket cannot be taken over, or offered.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// The socket would be in a directory that is not there.
    #[error(
        "cannot listen at '{path}': there is no such directory; make it, or choose another path with --takeover"
    )]
    NoDirectory {
        /// Of `--takeover`.
        path: String,
    },
    /// Something else is at the path.
    #[error(
        "cannot listen at '{path}': it is there and no socket; move it away, or choose another path with --takeover"
    )]
    NotASocket {
        /// Of `--takeover`.
        path: String,
    },
    /// The socket cannot be made or used.
    #[error("cannot use the socket '{path}': {error}; choose another path with --takeover")]
    Unusable {
        /// Of `--takeover`.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The process at the path is another user's.
    #[error(
        "the socket '{path}' belongs to a process of user {user}; start the server as that user, or choose another path with \
         --takeover"
    )]
    OtherUser {
        /// Of `--takeover`.
        path: String,
        /// Its number.
        user: u32,
    },
    /// It accepts, and says nothing.
    #[error("{process} at '{path}' does not answer; stop it, then start this one again")]
    NoAnswer {
        /// Of `--takeover`.
        path: String,
        /// Which.
        process: String,
    },
    /// It says something else.
    #[error(
        "{process} at '{path}' does not hand over its listening socket: it stops already, or is another program; start this one \
         again when it is gone"
    )]
    NoOffer {
        /// Of `--takeover`.
        path: String,
        /// Which.
        process: String,
    },
    /// It listens elsewhere.
    #[error(
        "{process} at '{path}' listens on {there} and not on {wanted}; set --listen {there}, or stop that server first"
    )]
    OtherAddress {
        /// Of `--takeover`.
        path: String,
        /// Which.
        process: String,
        /// Where it listens.
        there: SocketAddr,
        /// Of `--listen`.
        wanted: SocketAddr,
    },
    /// It has handed its socket over, and does not end.
    #[error("{process} has not written its state within {} s; stop it, then start this one again", .most.as_secs())]
    NotGone {
        /// Which.
        process: String,
        /// How long it had.
        most: Duration,
    },
}
