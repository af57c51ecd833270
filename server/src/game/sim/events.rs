//! What happened in one tick, for replication and the feed.

use shared::{
    Vec2,
    engine::{
        ids::{CellIndex, PlayerId, Tick},
        items::ItemTaken,
    },
    game::{
        ember::PlacedEmber,
        shot::{Hit, Kill},
    },
};

use super::pilot::{Ship, Shot};
use crate::engine::sessions::SessionId;

/// The events of one tick. Lists are cleared and not freed, so that a steady tick allocates nothing.
#[derive(Clone, Debug)]
pub struct Events {
    /// Players that joined, in the order in which they did.
    pub joined: Vec<PlayerId>,
    /// Players that left.
    pub left: Vec<PlayerId>,
    /// Ships that died.
    pub deaths: Vec<Death>,
    /// Shots that were fired in a cell or flew into it.
    pub shots: Vec<(CellIndex, Shot)>,
    /// Shots that hit a ship.
    pub hits: Vec<(CellIndex, Hit)>,
    /// Embers and pickups that appeared. One that was also taken in this tick is in neither list.
    pub embers_added: Vec<(CellIndex, PlacedEmber)>,
    /// Embers and pickups that were collected.
    pub embers_taken: Vec<(CellIndex, ItemTaken)>,
    /// Lives of players, not of drones, that ended: by a death, or because the player left.
    pub lives: Vec<EndedLife>,
    /// Players' ships that flew without a fresh input.
    pub starved: u64,
    /// Whether the state of a duel has changed.
    pub duel_changed: bool,
}

/// A player's time with one ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedLife {
    /// Whose.
    pub session: SessionId,
    /// Embers aboard at the end.
    pub embers: u32,
    /// Ships that it has shot down.
    pub kills: u16,
    /// How long it lasted.
    pub ticks: u32,
}

impl EndedLife {
    /// Of this ship, at `now`.
    pub(super) fn of(session: SessionId, ship: &Ship, now: Tick) -> Self {
        let Ship { flight, streak, spawned_at, .. } = ship;
        Self { session, embers: flight.embers, kills: *streak, ticks: now.since(*spawned_at) }
    }
}

/// A ship that died.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Death {
    /// Whose ship.
    pub ship: PlayerId,
    /// Where, in world units.
    pub position: Vec2,
    /// Embers aboard.
    pub carried: u32,
    /// Who shot it down; `None` if its last damage came from no player.
    pub by: Option<Kill>,
    /// Whether its pilot was first in the ranking.
    pub was_leader: bool,
}

/// A streak of this many kills, and of each multiple, is announced to everyone.
const ANNOUNCED_STREAK: u8 = 5;

impl Death {
    /// Whether everyone is to hear of it: the leader's death, a long streak, or the end of one.
    pub fn is_announced(&self) -> bool {
        let is_long = |Kill { streak, ended, .. }| {
            (streak > 0 && streak.is_multiple_of(ANNOUNCED_STREAK)) || ended >= ANNOUNCED_STREAK
        };
        self.was_leader || self.by.is_some_and(is_long)
    }
}

/// Initial capacity of a list: a busy tick of a thousand ships.
const CAPACITY: usize = 256;

impl Default for Events {
    fn default() -> Self {
        Self {
            joined: Vec::with_capacity(CAPACITY),
            left: Vec::with_capacity(CAPACITY),
            deaths: Vec::with_capacity(CAPACITY),
            shots: Vec::with_capacity(CAPACITY),
            hits: Vec::with_capacity(CAPACITY),
            embers_added: Vec::with_capacity(CAPACITY),
            embers_taken: Vec::with_capacity(CAPACITY),
            lives: Vec::with_capacity(CAPACITY),
            starved: 0,
            duel_changed: false,
        }
    }
}

impl Events {
    /// Removes all events and keeps the lists' memory.
    pub fn clear(&mut self) {
        self.joined.clear();
        self.left.clear();
        self.deaths.clear();
        self.shots.clear();
        self.hits.clear();
        self.embers_added.clear();
        self.embers_taken.clear();
        self.lives.clear();
        self.starved = 0;
        self.duel_changed = false;
    }
}
