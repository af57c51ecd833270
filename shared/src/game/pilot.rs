//! Pilots as others know them: their names, what controls them, their kills and the leaderboard.

use serde::{Deserialize, Serialize};

use crate::engine::ids::{CellIndex, PlayerId, PlayerName};

/// What flies a ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PilotKind {
    /// A client.
    Player,
    /// The server.
    Drone,
}

/// A player as listed in the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pilot {
    /// The player.
    pub id: PlayerId,
    /// The player's name.
    pub name: PlayerName,
    /// Human or drone.
    pub kind: PilotKind,
    /// Below [`crate::engine::limits::COLOURS`].
    pub colour: u8,
}

/// A kill, as players are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kill {
    /// The killer.
    pub by: PlayerId,
    /// The killer's streak including this kill, at most 255; 0 if the killer has no ship any more.
    pub streak: u8,
    /// The victim's streak, which this kill ended.
    pub ended: u8,
}

/// The leaderboard and the minimap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Leaderboard {
    /// The first [`crate::game::limits::LEADERBOARD_ROWS_MAX`] players.
    pub top: Vec<LeaderboardRow>,
    /// Players, without drones.
    pub players: u16,
    /// Ships in flight, drones among them.
    pub ships: u16,
    /// The leader's position, in 1/256 of the arena's width and height.
    pub beacon: Option<(u8, u8)>,
    /// Cells with ships, one byte each: see [`Self::crowds`].
    pub crowds: Vec<u8>,
}

/// One row of the leaderboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaderboardRow {
    /// The player.
    pub player: PlayerId,
    /// Embers carried, or owned.
    pub embers: u32,
}

/// Most that half a byte holds.
const HALF_MAX: u16 = 15;

impl Leaderboard {
    /// Cells with ships in them in rising order, and how many: 15 for 15 or more.
    pub fn crowds(&self) -> impl Iterator<Item = (CellIndex, u8)> {
        let cells = self.crowds.iter().scan(0_u16, |cell, byte| {
            *cell = cell.saturating_add(u16::from(byte >> 4));
            Some((CellIndex(*cell), byte & 15))
        });
        cells.filter(|(_, ships)| *ships > 0)
    }

    /// Stores the cells with ships, given in rising order. Each byte has the distance from the previous cell in its upper half
    /// and the number of ships in its lower half. A distance above 15 takes several bytes; all but the last have no ships.
    pub fn set_crowds(&mut self, crowds: impl Iterator<Item = (CellIndex, u8)>) {
        let mut at = 0;
        self.crowds.clear();
        for (cell, ships) in crowds {
            while cell.0 - at > HALF_MAX {
                at += HALF_MAX;
                self.crowds.push((HALF_MAX << 4) as u8);
            }
            self.crowds.push(((cell.0 - at) << 4) as u8 | ships.min(HALF_MAX as u8));
            at = cell.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn crowds_are_exact_up_to_fifteen_ships(cells in proptest::collection::btree_map(0..1024_u16, 1..=255_u8, 0..60)) {
            let mut leaderboard = Leaderboard::default();
            leaderboard.set_crowds(cells.iter().map(|(cell, ships)| (CellIndex(*cell), *ships)));
            let told: Vec<_> = leaderboard.crowds().map(|(cell, ships)| (cell.0, ships)).collect();
            let expected: Vec<_> = cells.iter().map(|(cell, ships)| (*cell, (*ships).min(15))).collect();
            prop_assert_eq!(told, expected);
        }
    }
}
