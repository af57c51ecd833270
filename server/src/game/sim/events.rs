//! What happened in one tick, for whoever tells others about it. Lists are cleared, not freed, from tick to tick.

use shared::{
    Vec2,
    engine::ids::{CellIndex, PlayerId},
    game::{
        ember::{Ember, EmberTaken},
        pilot::Kill,
        shot::Hit,
    },
};

use super::world::Shot;

/// The events of one tick.
#[derive(Clone, Debug)]
pub struct Events {
    /// Pilots that came, in the order in which they came.
    pub joined: Vec<PlayerId>,
    /// Pilots that went.
    pub left: Vec<PlayerId>,
    /// Ships that died.
    pub deaths: Vec<Fallen>,
    /// Shots that were fired in a cell or flew into it.
    pub shots: Vec<(CellIndex, Shot)>,
    /// Shots that met a ship.
    pub hits: Vec<(CellIndex, Hit)>,
    /// Embers that came to lie. One that was also taken in this tick is in neither list.
    pub embers_added: Vec<(CellIndex, Ember)>,
    /// Embers that were gathered.
    pub embers_taken: Vec<(CellIndex, EmberTaken)>,
    /// Players' ships that had to do without a fresh input.
    pub starved: u64,
}

/// A ship that died.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fallen {
    /// Whose ship.
    pub ship: PlayerId,
    /// Where.
    pub place: Vec2,
    /// Who shot it down, and what that came to.
    pub by: Option<Kill>,
    /// Whether its pilot was the first of all.
    pub led: bool,
}

/// Ships shot down in one life that everyone should hear of, and each time as many again.
const STREAK: u8 = 5;

impl Fallen {
    /// Whether everyone should hear of it.
    pub fn is_news(&self) -> bool {
        let is_feat =
            |Kill { streak, ended, .. }| (streak > 0 && streak.is_multiple_of(STREAK)) || ended >= STREAK;
        self.led || self.by.is_some_and(is_feat)
    }
}

/// What a list has room for from the start: a busy tick of a thousand ships.
const ROOM: usize = 256;

impl Default for Events {
    fn default() -> Self {
        Self {
            joined: Vec::with_capacity(ROOM),
            left: Vec::with_capacity(ROOM),
            deaths: Vec::with_capacity(ROOM),
            shots: Vec::with_capacity(ROOM),
            hits: Vec::with_capacity(ROOM),
            embers_added: Vec::with_capacity(ROOM),
            embers_taken: Vec::with_capacity(ROOM),
            starved: 0,
        }
    }
}

impl Events {
    /// Nothing happened yet.
    pub fn clear(&mut self) {
        self.joined.clear();
        self.left.clear();
        self.deaths.clear();
        self.shots.clear();
        self.hits.clear();
        self.embers_added.clear();
        self.embers_taken.clear();
        self.starved = 0;
    }
}
