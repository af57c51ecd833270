//! Records of players over HTTP: leaderboards, and what the server keeps of one player. The types of the JSON, which the server writes
//! and a page reads.

use serde::{Deserialize, Serialize};

/// What `GET /records` answers: some rows of a leaderboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsPage {
    /// The name of the arena in addresses.
    pub arena: String,
    /// The game mode.
    pub mode: String,
    /// `today`, `week`, `season` or `all`.
    pub period: String,
    /// Which day, week or season that is now, such as `2026-11-30`, `2026-W49` or `2026-Q4`.
    pub key: String,
    /// How many rows are before these.
    pub offset: u32,
    /// Whether there are more behind them.
    pub more: bool,
    /// Best first.
    pub entries: Vec<RecordEntry>,
}

/// A player's best run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordEntry {
    /// From 1. Equal scores have the same rank, and the next rank counts all of them.
    pub rank: u32,
    /// The newest one of the player.
    pub name: String,
    /// More is better.
    pub score: i64,
    /// How long the run lasted.
    pub duration_ms: i64,
    /// When it ended, in Unix time.
    pub ended_ms: i64,
}

/// What `GET /me/challenge` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityChallenge {
    /// To be signed. Good for one proof.
    pub challenge: String,
    /// For how long, in seconds.
    pub expires_in: u64,
}

/// What `GET /me` answers: what the server keeps of one player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRecords {
    /// The player's id, in hexadecimal digits.
    pub player: String,
    /// The name of the arena in addresses.
    pub arena: String,
    /// The game mode.
    pub mode: String,
    /// On each leaderboard of this arena and mode that has a run of the player.
    pub standings: Vec<OwnStanding>,
    /// In the order in which they were unlocked.
    pub achievements: Vec<OwnAchievement>,
}

/// Where a player stands on a leaderboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnStanding {
    /// `today`, `week`, `season` or `all`.
    pub period: String,
    /// From 1.
    pub rank: u64,
    /// Whether the rank was counted; else it is a lower bound, rounded down to thousands.
    pub exact: bool,
    /// Of the player's best run.
    pub score: i64,
    /// The next better score; none for the best.
    pub next: Option<NextScore>,
}

/// The next better score on a leaderboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextScore {
    /// Itself.
    pub score: i64,
    /// How much more than the player's.
    pub distance: i64,
}

/// What a game calls an achievement, as `GET /achievements` lists them. Its number is its place there, from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AchievementInfo {
    /// Never changes, and is never used for another one.
    pub id: String,
    /// Shown to players.
    pub name: String,
    /// What to do for it.
    pub text: String,
    /// The badge that it unlocks: one or two characters.
    pub sign: String,
}

/// An achievement that a player has unlocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAchievement {
    /// The game's id.
    pub id: String,
    /// When, in Unix time.
    pub unlocked_ms: i64,
}
