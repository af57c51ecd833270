//! Private rooms over HTTP: what a client asks for at `POST /rooms`, and what it is told. JSON only; not part of the binary protocol
//! or its version.

use glam::Vec2;
use serde::{Deserialize, Serialize};

/// Most bytes of an arena file that a client uploads.
pub const ROOM_FILE_BYTES_MAX: usize = 64 * 1024;
/// Most players that a room admits.
pub const ROOM_PLAYERS_MAX: u16 = 64;
/// Most bodies that bots fill a room up to.
pub const ROOM_BOTS_MAX: u16 = 64;
/// Letters of a room's code.
pub const ROOM_CODE_LETTERS: usize = 6;

/// A room that a client wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RoomRequest {
    /// The slug of one of the server's arenas; without it, and without a file, its first.
    pub arena: Option<String>,
    /// The text of an arena file, instead of an arena of the server; at most [`ROOM_FILE_BYTES_MAX`].
    pub file: Option<String>,
    /// Bots fill the room up to this many bodies, at most [`ROOM_BOTS_MAX`]; without it as many as the arena has, up to that.
    pub bots: Option<u16>,
    /// Seats for players, 1 to [`ROOM_PLAYERS_MAX`]; without it all of them.
    pub players: Option<u16>,
    /// Whether the room is listed at `/arenas`; without it only those with its code find it.
    pub public: bool,
}

/// The answer to a [`RoomRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomCreated {
    /// What its link ends with: `/#room=CODE`.
    pub code: String,
    /// Proves that a request comes from the room's creator. A secret.
    pub key: String,
}

/// A room, to those who know its code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomEntry {
    /// Its code.
    pub code: String,
    /// The name of its arena.
    pub name: String,
    /// How it is played: a word of the game's own.
    pub mode: String,
    /// Players in it, without disconnected ones.
    pub players: u32,
    /// Most players that it admits.
    pub max_players: u32,
    /// Free seats for players: disconnected ones keep theirs.
    pub free: u32,
    /// Width and height, in units.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub size: Vec2,
    /// Whether it is listed at `/arenas`.
    pub is_public: bool,
    /// Whether it sleeps, because no client is in it. The next one wakes it.
    pub is_asleep: bool,
}
