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
/// Most bytes of the key that proves who a room's creator is.
pub const ROOM_KEY_BYTES_MAX: usize = 32;
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
    /// Whether players may chat; without it they may.
    pub chat: Option<bool>,
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

/// What the creator of a room changes with `PATCH /rooms/CODE` and the header `Authorization: Bearer KEY`. What is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RoomChange {
    /// Whether the room is locked: players in it stay and may reconnect, others cannot join or watch.
    pub locked: Option<bool>,
    /// Whether it is listed at `/arenas`.
    pub public: Option<bool>,
    /// Whether players may chat.
    pub chat: Option<bool>,
    /// The slug of the arena of the server in which the game goes on.
    pub arena: Option<String>,
    /// The text of the arena file with which the game goes on, instead of an arena of the server; at most [`ROOM_FILE_BYTES_MAX`].
    pub file: Option<String>,
    /// Bots fill the room up to this many bodies from now on, at most [`ROOM_BOTS_MAX`].
    pub bots: Option<u16>,
    /// The number of the player to remove. Its network cannot come back into the room, unless it is the creator's own.
    pub remove: Option<u16>,
    /// The number of the player that becomes the creator. It is sent a key of its own; this one is good until that one is used.
    pub hand_over: Option<u16>,
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
    /// Whether its creator has locked it: only players that reconnect get in.
    pub is_locked: bool,
    /// Whether players may chat.
    pub has_chat: bool,
}
