//! Ids of the server. On the wire there are only [`shared::engine::ids`].

use serde::{Deserialize, Serialize};

/// A socket, for as long as the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// A player or spectator of one arena, through all its connections. A player's number in the world is known only after
/// the step in which it joins, so commands to the simulation name the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionId(pub u64);

slotmap::new_key_type! {
    /// A viewer in the list of those that get frames.
    pub struct ViewerId;
}
