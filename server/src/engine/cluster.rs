//! Several nodes as one server: each announces itself over NATS, holds its rooms by entries that all nodes see, and hands them on when it
//! stops. Without `--cluster` nothing of this runs.
//!
//! Invariant: a room belongs to the node that its entry names, and an entry changes only from the revision that the writer has seen. No
//! decision compares the clocks of two machines: a node is silent when its entry has not changed for a time on the own clock.

mod beat;
mod directory;
mod drain;
mod error;
mod follow;
mod identity;
mod inherit;
mod link;
mod member;
mod node_entry;
mod probe;
mod requests;
mod room_lease;
mod said;
mod seats;
mod start;
mod table;
mod uploads;
mod worlds;

pub use self::{
    drain::DRAIN_MAX,
    error::ClusterError,
    identity::{NatsUrl, NodeName},
    member::{Cluster, WorldHost},
    requests::announce,
    start::ClusterOptions,
    uploads::Uploads,
};
