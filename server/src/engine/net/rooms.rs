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
use shared::engine::rooms::{RoomCreated, RoomEntry, RoomRequest};

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

    /// Describes a room.
    fn entry(&self, code: RoomCode) -> Option<RoomEntry>;

    /// The entries at `/arenas` of the public rooms, as JSON.
    fn public(&self) -> Vec<String>;

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

/// Why there is no room for a request.
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
    /// A fault of the server, which the log describes.
    #[error("the room could not be made; the server's log says why")]
    Failed,
}
