//! The players in an arena as everyone knows them: who they are, the leaderboard, and where they are on the minimap.

use serde::{Deserialize, Serialize};

use super::ids::{CellIndex, PlayerId, PlayerName};

/// What controls a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PlayerKind {
    /// A client.
    Human,
    /// The server.
    Bot,
}

/// A player as listed in the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Player {
    /// Its id, which is also that of its body.
    pub id: PlayerId,
    /// Shown to everyone.
    pub name: PlayerName,
    /// Human or bot.
    pub kind: PlayerKind,
    /// Below [`COLOURS`](super::limits::COLOURS).
    pub colour: u8,
}

/// The sign of an achievement, which a player wears beside its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Badge {
    /// Who wears it.
    pub player: PlayerId,
    /// One or two characters; empty for none.
    pub sign: String,
}

/// An achievement that this player has unlocked just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnlockedAchievement {
    /// The game's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What the player has done.
    pub text: String,
    /// The badge that the player may wear from now on.
    pub sign: String,
}

/// A friend of this player in the arena: they came by one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartyMember {
    /// Who.
    pub player: PlayerId,
    /// Where its body is, in 1/256 of the arena's width and height; `None` without one.
    pub at: Option<(u8, u8)>,
}

/// The leaderboard and the minimap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Leaderboard {
    /// The first [`LEADERBOARD_ROWS_MAX`](crate::engine::limits::LEADERBOARD_ROWS_MAX) players.
    pub top: Vec<LeaderboardRow>,
    /// Players, without bots.
    pub players: u16,
    /// Bodies in the arena, those of bots among them.
    pub bodies: u16,
    /// The leader's position, in 1/256 of the arena's width and height.
    pub beacon: Option<(u8, u8)>,
    /// Cells with bodies, one byte each: see [`Self::crowds`].
    pub crowds: Vec<u8>,
}

/// One row of the leaderboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeaderboardRow {
    /// The player.
    pub player: PlayerId,
    /// Its score, which the game counts.
    pub score: u32,
}

/// Most that half a byte holds.
const HALF_MAX: u16 = 15;

impl Leaderboard {
    /// Cells with bodies in them in rising order, and how many: 15 for 15 or more.
    pub fn crowds(&self) -> impl Iterator<Item = (CellIndex, u8)> {
        let cells = self.crowds.iter().scan(0_u16, |cell, byte| {
            *cell = cell.saturating_add(u16::from(byte >> 4));
            Some((CellIndex(*cell), byte & 15))
        });
        cells.filter(|(_, bodies)| *bodies > 0)
    }

    /// Stores the cells with bodies, given in rising order. Each byte has the distance from the previous cell in its upper half
    /// and the number of bodies in its lower half. A distance above 15 takes several bytes; all but the last have no bodies.
    pub fn set_crowds(&mut self, crowds: impl Iterator<Item = (CellIndex, u8)>) {
        let mut at = 0;
        self.crowds.clear();
        for (cell, bodies) in crowds {
            while cell.0 - at > HALF_MAX {
                at += HALF_MAX;
                self.crowds.push((HALF_MAX << 4) as u8);
            }
            self.crowds.push(((cell.0 - at) << 4) as u8 | bodies.min(HALF_MAX as u8));
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
        fn crowds_are_exact_up_to_fifteen_bodies(cells in proptest::collection::btree_map(0..1024_u16, 1..=255_u8, 0..60)) {
            let mut leaderboard = Leaderboard::default();
            leaderboard.set_crowds(cells.iter().map(|(cell, bodies)| (CellIndex(*cell), *bodies)));
            let told: Vec<_> = leaderboard.crowds().map(|(cell, bodies)| (cell.0, bodies)).collect();
            let expected: Vec<_> = cells.iter().map(|(cell, bodies)| (*cell, (*bodies).min(15))).collect();
            prop_assert_eq!(told, expected);
        }
    }
}
