//! What happened in one tick, for whoever tells others about it. Lists are cleared, not freed, from tick to tick.

use shared::{
    Vec2,
    ids::{CellIndex, PlayerId},
    protocol::{Ember, EmberTaken, Hit},
};

use super::world::Shot;

/// The events of one tick.
#[derive(Clone, Debug)]
pub struct Events {
    /// Pilots that came, in the order in which they came.
    pub joined: Vec<PlayerId>,
    /// Pilots that went.
    pub left: Vec<PlayerId>,
    /// Victims and who shot them down.
    pub kills: Vec<(PlayerId, PlayerId)>,
    /// Ships that died, and where.
    pub deaths: Vec<(CellIndex, PlayerId, Vec2)>,
    /// Shots that were fired in a cell or flew into it.
    pub shots: Vec<(CellIndex, Shot)>,
    /// Shots that met a ship.
    pub hits: Vec<(CellIndex, Hit)>,
    /// Embers that came to lie. One that was also taken in this tick is in neither list.
    pub embers_added: Vec<(CellIndex, Ember)>,
    /// Embers that were gathered.
    pub embers_taken: Vec<(CellIndex, EmberTaken)>,
}

/// What a list has room for from the start: a busy tick of a thousand ships.
const ROOM: usize = 256;

impl Default for Events {
    fn default() -> Self {
        Self {
            joined: Vec::with_capacity(ROOM),
            left: Vec::with_capacity(ROOM),
            kills: Vec::with_capacity(ROOM),
            deaths: Vec::with_capacity(ROOM),
            shots: Vec::with_capacity(ROOM),
            hits: Vec::with_capacity(ROOM),
            embers_added: Vec::with_capacity(ROOM),
            embers_taken: Vec::with_capacity(ROOM),
        }
    }
}

impl Events {
    /// Nothing happened yet.
    pub fn clear(&mut self) {
        self.joined.clear();
        self.left.clear();
        self.kills.clear();
        self.deaths.clear();
        self.shots.clear();
        self.hits.clear();
        self.embers_added.clear();
        self.embers_taken.clear();
    }
}
