//! The live feed for dashboards and stream overlays: one JSON document per second, with a part for each topic; and the list of
//! a server's arenas. Text only; not part of the binary protocol or its version.

use std::collections::BTreeSet;

use glam::Vec2;
use serde::{Deserialize, Serialize};

use super::{
    chat::ChatLine,
    game_trait::Game,
    ids::{PlayerName, Tick},
    records::RecordEntry,
    roster::PlayerKind,
};

/// Most events of one kind in a document; the totals count all.
pub const FEED_EVENTS_MAX: usize = 32;

/// An arena as `/arenas` lists it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArenaEntry {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// How it is played: a word of the game's own.
    pub mode: String,
    /// Players in it, without disconnected ones.
    pub players: u32,
    /// Bodies in it, those of bots among them.
    pub bodies: u32,
    /// Most players that it admits.
    pub max_players: u32,
    /// Free seats for players: disconnected ones keep theirs.
    pub free: u32,
    /// Width and height, in units.
    #[cfg_attr(feature = "schema", schemars(with = "[f32; 2]"))]
    pub size: Vec2,
    /// In a cluster: the public URL of its node, below which its addresses are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// In a cluster: the name of its node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// In a cluster: the region of its node, if that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// One second of an arena. Topics that the subscriber did not ask for are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FeedDocument", bound = ""))]
pub struct FeedDocument<G: Game> {
    /// The arena's name.
    pub arena: String,
    /// The tick at the end of this second.
    pub tick: Tick,
    /// The server's time, in milliseconds of Unix time.
    pub time_ms: u64,
    /// Topic `scores`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<FeedScores>,
    /// Topic `events`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<FeedEvents<G>>,
    /// Topic `health`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<FeedHealth>,
    /// Topic `today`: the ten best runs of this day in this arena, best first, where records are kept. They may be five seconds old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Vec<RecordEntry>>,
    /// Topic `totals`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<FeedTotals>,
}

/// All arenas and public rooms together, those of all nodes in a cluster: what `/arenas` lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedTotals {
    /// Nodes of the cluster; 1 without one.
    pub nodes: u32,
    /// Arenas and public rooms.
    pub arenas: u32,
    /// Players in them, without disconnected ones.
    pub players: u32,
}

impl FeedTotals {
    /// What a list of arenas adds up to.
    pub fn of(entries: &[ArenaEntry]) -> Self {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let nodes: BTreeSet<_> = entries.iter().map(|entry| entry.node.as_deref()).collect();
        let players = entries.iter().fold(0_u32, |sum, entry| sum.saturating_add(entry.players));
        Self { nodes: count(nodes.len()), arenas: count(entries.len()), players }
    }
}

/// Population and leaderboard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedScores {
    /// Players in the arena.
    pub players: u32,
    /// Bots in the arena.
    pub bots: u32,
    /// Clients without a body.
    pub spectators: u32,
    /// Bodies in the arena.
    pub bodies: u32,
    /// The first ten.
    pub leaderboard: Vec<FeedLeaderboardRow>,
}

/// One row of the leaderboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedLeaderboardRow {
    /// Who.
    pub name: PlayerName,
    /// Human or bot.
    pub kind: PlayerKind,
    /// Its score, which the game counts.
    pub score: u32,
}

/// Events since the previous document. At most [`FEED_EVENTS_MAX`] of each kind are listed; the totals count all since the
/// server started, so a subscriber that missed a document can tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FeedEvents", bound = ""))]
pub struct FeedEvents<G: Game> {
    /// Events of the game since the start.
    pub game_total: u64,
    /// Players that joined since the start.
    pub joined_total: u64,
    /// Players that left since the start.
    pub left_total: u64,
    /// Lines of chat since the start.
    pub chat_total: u64,
    /// The events of the game.
    pub game: Vec<G::FeedEvent>,
    /// Players that joined.
    pub joined: Vec<PlayerName>,
    /// Players that left.
    pub left: Vec<PlayerName>,
    /// Lines for everyone.
    pub chat: Vec<ChatLine>,
}

impl<G: Game> Default for FeedEvents<G> {
    fn default() -> Self {
        Self {
            game_total: 0,
            joined_total: 0,
            left_total: 0,
            chat_total: 0,
            game: Vec::new(),
            joined: Vec::new(),
            left: Vec::new(),
            chat: Vec::new(),
        }
    }
}

/// Ticks and traffic of the last second, unless stated otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedHealth {
    /// Configured ticks per second.
    pub tick_rate: u16,
    /// Ticks simulated.
    pub ticks: u32,
    /// Mean duration of a tick's work, in milliseconds.
    pub tick_ms_mean: f32,
    /// Longest duration of a tick's work, in milliseconds.
    pub tick_ms_max: f32,
    /// Ticks skipped to catch up with the clock, since the start.
    pub ticks_skipped_total: u64,
    /// Frames sent.
    pub frames: u64,
    /// Bytes of those frames.
    pub frame_bytes: u64,
    /// Frames not encoded because the client was slow.
    pub frames_skipped: u64,
    /// Messages received from clients.
    pub messages_in: u64,
    /// Open sockets.
    pub connections: u32,
    /// Overload: from 0 for none to 4.
    pub overload_level: u8,
}
