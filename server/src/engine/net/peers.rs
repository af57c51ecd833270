//! The other nodes of a cluster as the network sees them: where rooms are that are not here, and what all nodes list. Must not know how
//! nodes learn of one another.

use std::fmt::Debug;

use axum::http::HeaderValue;
use futures_util::future::BoxFuture;
use shared::engine::feed::ArenaEntry;

use crate::engine::{metrics::Figure, records::LastingId, room_access::Arrival, room_code::RoomCode};

/// Where a room is that is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the node with this public URL.
    At(String),
    /// Its node has stopped, and another one takes it over: to be asked again in a moment.
    Moving,
    /// Nowhere.
    Unknown,
}

/// What becomes of a client that wants to enter a room of another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// A seat is reserved for the client that has this ticket.
    Reserved(String),
    /// The room is full.
    Full,
    /// The node gave no answer.
    Unknown,
}

/// The other nodes.
pub trait Peers: Debug + Send + Sync {
    /// Where a room is that is not here.
    fn find(&self, code: RoomCode) -> BoxFuture<'_, Place>;

    /// Reserves a seat in a room of another node, which is told who the player is on every visit if that is known.
    fn reserve(&self, code: RoomCode, lasting: Option<LastingId>) -> BoxFuture<'_, Seat>;

    /// How a client comes to a room of this node, with its ticket if it has one, or why the ticket is refused.
    fn arrival(&self, code: RoomCode, ticket: Option<&str>) -> Result<Arrival, String>;

    /// The entries of all nodes at `/arenas`, in an order that is the same on each; `own` are those of this node.
    fn arenas(&self, own: Vec<ArenaEntry>) -> Vec<ArenaEntry>;

    /// Whether a room may be made: not while this node is cut off from the others.
    fn may_make_rooms(&self) -> bool;

    /// Whether this node hands its rooms on, because it stops.
    fn is_leaving(&self) -> bool;

    /// What `/metrics` shows of the cluster.
    fn figures(&self) -> Vec<Figure>;

    /// Which process this is, for nodes that ask whether it lives: a header and its value.
    fn process(&self) -> (&'static str, HeaderValue);
}

/// The address of a room's WebSocket at the node with this public URL.
pub fn socket_of_room(url: &str, code: RoomCode, ticket: Option<&str>) -> String {
    let rest = url.trim_end_matches('/').strip_prefix("http").unwrap_or(url);
    let query = ticket.map(|ticket| format!("?seat={ticket}")).unwrap_or_default();
    format!("ws{rest}/ws/room/{code}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn socket_is_as_secure_as_the_node_and_below_its_path() {
        let code: RoomCode = "K7Q2MX".parse().expect("a code");
        assert_eq!(socket_of_room("http://[::1]:80", code, None), "ws://[::1]:80/ws/room/K7Q2MX");
        let secure = socket_of_room("https://play.example/game/", code, Some("t"));
        assert_eq!(secure, "wss://play.example/game/ws/room/K7Q2MX?seat=t");
    }
}
