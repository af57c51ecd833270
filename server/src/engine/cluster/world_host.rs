//! What a cluster needs of the program around it: the worlds of this node, to be listed, handed on and taken in. Must not know what a
//! world is: it is bytes that another node of the same version can go on from.

use std::fmt::Debug;

use futures_util::future::BoxFuture;
use shared::engine::feed::ArenaEntry;

use crate::engine::room_code::RoomCode;

/// The worlds of this node.
pub trait WorldHost: Debug + Send + Sync {
    /// Its arenas and its public rooms, as `/arenas` lists them.
    fn entries(&self) -> Vec<ArenaEntry>;

    /// Whether there is a place for another room.
    fn has_place(&self) -> bool;

    /// Free seats for players in a room. `None` if it is not here.
    fn free_seats(&self, code: RoomCode) -> Option<u32>;

    /// The rooms that are here.
    fn held(&self) -> Vec<RoomCode>;

    /// A snapshot of a room with what the room is made of: what another node goes on from. `None` if the room is not here.
    fn pack(&self, code: RoomCode, snapshot: &[u8]) -> Option<Vec<u8>>;

    /// Takes in a room of another node, or says why it cannot go on.
    fn adopt(&self, code: RoomCode, world: Vec<u8>) -> BoxFuture<'_, Result<(), String>>;

    /// Makes rooms of the arenas that have players, so that they can be handed on, and returns their codes. Their clients wait.
    fn arenas_to_rooms(&self) -> BoxFuture<'_, Vec<RoomCode>>;

    /// Stops a room for a move, and returns what another node goes on from. Its clients wait, and no client is let in. `None` if there is
    /// no such room.
    fn take(&self, code: RoomCode) -> BoxFuture<'_, Option<Vec<u8>>>;

    /// Sends the clients of a room to this node of the cluster, and forgets the room.
    fn give_up(&self, code: RoomCode, url: String) -> BoxFuture<'_, ()>;

    /// A room that was stopped for a move stays here after all.
    fn keep(&self, code: RoomCode) -> BoxFuture<'_, ()>;

    /// Says a text to all players of this node.
    fn announce(&self, text: &str);
}
