//! What happens in a cell, what is announced to players wherever they are, and what the feed lists.

use serde::{Deserialize, Serialize};

use crate::{
    engine::{
        ids::{PlayerId, PlayerName, Tick},
        input::Angle,
        protocol::fixed,
    },
    game::{
        duel::DuelState,
        mode::TeamScores,
        shot::{Hit, Kill, ShotId},
    },
};

/// Something that happened in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Event {
    /// A shot was fired here, or flew into the cell.
    Shot(ShotRecord),
    /// A shot hit a ship.
    Hit(Hit),
    /// A ship died.
    Death(Death),
}

/// A shot in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShotRecord {
    /// Its id.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub id: ShotId,
    /// The player who fired it.
    pub owner: PlayerId,
    /// Its position, in steps from the cell's origin.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub x: u16,
    /// The same along y.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub y: u16,
    /// Its direction.
    #[serde(with = "fixed")]
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub direction: Angle,
    /// Ticks until its life ends.
    pub ticks_left: u8,
}

/// A ship that died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Death {
    /// The ship's player.
    pub ship: PlayerId,
    /// Its position, in steps from the cell's origin.
    pub x: u16,
    /// The same along y.
    pub y: u16,
    /// The kill; `None` if no player did it, or if a [`Announcement::Killed`] carries it.
    pub by: Option<Kill>,
}

/// Something that players are told wherever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Announcement {
    /// A kill that more clients should know of than those who see the cell: everyone if the leader died or a long streak
    /// grew or ended, and the killer if it was out of sight.
    Killed {
        /// The player whose ship was destroyed.
        victim: PlayerId,
        /// The killer and the streaks.
        kill: Kill,
    },
    /// The teams' scores, once per second; only with teams.
    Teams(TeamScores),
    /// A duel, when it changes and once per second; only in arenas for duels.
    Duel(DuelState),
}

/// A kill, as the feed lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedKill {
    /// In which tick.
    pub tick: Tick,
    /// The killer's name.
    pub by: PlayerName,
    /// The victim's name.
    pub victim: PlayerName,
    /// Whether the victim was the leader.
    pub led: bool,
}
