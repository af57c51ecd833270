//! What a dashboard or a stream's overlay is told once a second: one JSON document, with a part for each topic. And what
//! a visitor is told of a server's arenas.
//!
//! For those who watch an arena from outside. It is text only, and no part of the binary protocol or its version.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use crate::{
    engine::{chat::ChatLine, ids::Tick, name::PlayerName},
    game::pilot::PilotKind,
};

/// Most events of a kind in one document. The counts go on.
pub const FEED_EVENTS_MAX: usize = 32;

/// One of a server's arenas, as `/arenas` lists them for who is to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArenaEntry {
    /// Its name as it stands in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Players in it.
    pub players: u32,
    /// Ships in flight, drones' too.
    pub ships: u32,
    /// Players that it has room for.
    pub max_players: u32,
    /// Width and height, in units.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub size: Vec2,
}

/// One second of an arena. A topic that was not asked for is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedDocument {
    /// The arena's name.
    pub arena: String,
    /// The tick at the end of this second.
    pub tick: Tick,
    /// The server's time, in milliseconds of Unix time.
    pub time_ms: u64,
    /// Who is first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<FeedScores>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<FeedEvents>,
    /// How the server does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<FeedHealth>,
}

/// Population and leaderboard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedScores {
    /// Players in the arena.
    pub players: u32,
    /// Drones in the arena.
    pub drones: u32,
    /// Those who only watch.
    pub spectators: u32,
    /// Ships in flight.
    pub ships: u32,
    /// The first ten, first first.
    pub leaderboard: Vec<FeedLeaderboardRow>,
}

/// One line of the leaderboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedLeaderboardRow {
    /// Who.
    pub name: PlayerName,
    /// What flies it.
    pub kind: PilotKind,
    /// With how many embers.
    pub embers: u32,
}

/// What happened since the document before. Of each kind at most [`FEED_EVENTS_MAX`] are listed; the totals count all of
/// them since the server started, so that whoever missed a document knows how much.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedEvents {
    /// Ships shot down since the start.
    pub kills_total: u64,
    /// Players that came since the start.
    pub joined_total: u64,
    /// Players that went since the start.
    pub left_total: u64,
    /// Lines said since the start.
    pub chat_total: u64,
    /// Who shot whom down.
    pub kills: Vec<FeedKill>,
    /// Players that came.
    pub joined: Vec<PlayerName>,
    /// Players that went.
    pub left: Vec<PlayerName>,
    /// What was said to everyone.
    pub chat: Vec<ChatLine>,
}

/// Who shot whom down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedKill {
    /// In which tick.
    pub tick: Tick,
    /// Who did it.
    pub by: PlayerName,
    /// Whose ship fell.
    pub victim: PlayerName,
    /// Whether that was the leader.
    pub led: bool,
}

/// Tick and traffic, of the last second unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedHealth {
    /// Ticks a second that are meant to be.
    pub tick_rate: u16,
    /// Ticks that were.
    pub ticks: u32,
    /// Work of a tick on average, in milliseconds.
    pub tick_ms_mean: f32,
    /// Work of the longest tick, in milliseconds.
    pub tick_ms_max: f32,
    /// Ticks left out to catch up with the clock since the start.
    pub ticks_skipped_total: u64,
    /// Frames handed to connections.
    pub frames: u64,
    /// Bytes of those frames.
    pub frame_bytes: u64,
    /// Frames not made because their reader was slow.
    pub frames_skipped: u64,
    /// Messages received from clients.
    pub messages_in: u64,
    /// Sockets that are open.
    pub connections: u32,
    /// Overload: from 0 for none to 4.
    pub overload_stage: u8,
}
