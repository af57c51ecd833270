//! Rooms as the network sees them: what makes and finds them, and how it is known that a client is in one. Must not know what a room
//! is made of.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::future::BoxFuture;
use shared::engine::{
    feed::ArenaEntry,
    rooms::{RoomChange, RoomCreated, RoomEntry, RoomRequest},
};

use super::arenas::ArenaHandle;
use crate::engine::{client_network::ClientNetwork, metrics::RoomTelemetry, room_code::RoomCode};

/// Makes rooms, and finds them.
pub trait RoomHost: Debug + Send + Sync {
    /// Makes a room for a client in this network.
    fn create(
        &self,
        request: RoomRequest,
        network: Option<ClientNetwork>,
    ) -> BoxFuture<'_, Result<RoomCreated, RoomRefusal>>;

    /// Lets a client in, and wakes the room if it sleeps. `None` if there is no such room.
    fn enter(&self, code: RoomCode) -> BoxFuture<'_, Option<Entered>>;

    /// Changes a room for a client in this network, which says that it is the creator by `key`. Returns the room as it is then.
    fn change(
        &self,
        code: RoomCode,
        key: String,
        change: RoomChange,
        network: Option<ClientNetwork>,
    ) -> BoxFuture<'_, Result<RoomEntry, RoomRefusal>>;

    /// Describes a room.
    fn entry(&self, code: RoomCode) -> Option<RoomEntry>;

    /// The entries at `/arenas` of the public rooms.
    fn public(&self) -> Vec<ArenaEntry>;

    /// Whether there is a place for another room.
    fn has_place(&self) -> bool;

    /// How many there are, and what they count.
    fn telemetry(&self) -> RoomTelemetry;
}

/// A client that was let into a room.
#[derive(Debug)]
pub struct Entered {
    /// Its arena.
    pub arena: Arc<ArenaHandle>,
    /// Held for as long as the client is connected.
    pub presence: Presence,
}

/// Keeps a room awake.
#[derive(Debug)]
pub struct Presence(Arc<AtomicUsize>);

impl Presence {
    /// Counts one more in `count`, until it is dropped.
    pub fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(count))
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Why a room is not made, or not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoomRefusal {
    /// All rooms are taken.
    #[error("all rooms of this server are taken; retry later, or play in one of its arenas")]
    Full,
    /// The network has its share.
    #[error("your network has {0} rooms, which is the most; use one of them, or retry in an hour")]
    TooManyFromNetwork(usize),
    /// A number is outside its range, or two parts exclude each other.
    #[error("{0}")]
    Invalid(String),
    /// The uploaded file is no arena.
    #[error("{0}")]
    File(String),
    /// There is no such room.
    #[error("there is no such room; it may have been empty for too long")]
    Gone,
    /// The key is not the creator's.
    #[error("this is not the key of the room's creator")]
    NotCreator,
    /// The arena that was wanted before is not in force yet.
    #[error("the last change is not in force yet; retry in a second")]
    Busy,
    /// The node is cut off from its cluster, or stops.
    #[error("no rooms can be made at the moment; retry in a few seconds")]
    NotNow,
    /// A fault of the server, which the log describes.
    #[error("the room could not be made; the server's log says why")]
    Failed,
}
