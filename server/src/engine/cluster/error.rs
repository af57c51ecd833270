//! Why a node cannot join its cluster.

use std::time::Duration;

use super::identity::NodeName;

/// Why a node cannot join its cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No NATS server answers.
    #[error(
        "cannot reach NATS at {urls}: {error}; start nats-server with JetStream (nats-server -js) there, or correct --cluster"
    )]
    Unreachable {
        /// As given, without passwords.
        urls: String,
        /// Why.
        error: String,
    },
    /// It answers, but keeps nothing.
    #[error(
        "NATS at {urls} cannot keep the cluster's {what}: {error}; start each nats-server with JetStream (-js), and as many as its \
         cluster has"
    )]
    NoJetStream {
        /// As given, without passwords.
        urls: String,
        /// Which store.
        what: &'static str,
        /// Why.
        error: String,
    },
    /// Another process has the name.
    #[error("node {name} runs already at {url}: choose another name with --node, or stop that process")]
    DuplicateName {
        /// The name.
        name: NodeName,
        /// Where the other one is.
        url: String,
    },
    /// The node's entry could not be written.
    #[error("cannot announce node {name} in NATS: {error}; look at the log of nats-server")]
    Announce {
        /// The name.
        name: NodeName,
        /// Why.
        error: String,
    },
    /// The public URL leaves no room for a redirect.
    #[error(
        "--public-url {url} is too long for --cluster: at most {most} bytes, because a close frame carries it with the address of a room"
    )]
    LongUrl {
        /// As given.
        url: String,
        /// The limit.
        most: usize,
    },
    /// There is no public URL.
    #[error("--cluster needs --public-url: where players and the other nodes reach this node")]
    NoUrl,
    /// The operating system has no random numbers.
    #[error(transparent)]
    Randomness(#[from] crate::engine::resume::NoRandomness),
    /// A message was not passed on.
    #[error("the announcement was not passed on: {0}")]
    NotAnnounced(String),
}

/// How long a node that is silent keeps what it has.
pub(super) const LEASE: Duration = Duration::from_secs(5);
