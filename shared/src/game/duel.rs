//! A duel as the server sends it to everyone: who plays, the rounds won, and what goes on.

use serde::{Deserialize, Serialize};

use crate::engine::ids::{PlayerId, Tick};

/// The state of a duel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DuelState {
    /// The two who play; `None` for a free place.
    pub players: [Option<PlayerId>; 2],
    /// Rounds that each has won in this match.
    pub wins: [u8; 2],
    /// What goes on.
    pub phase: DuelPhase,
    /// After a match: who wants another.
    pub ready: [bool; 2],
    /// Players who watch until there is a place.
    pub waiting: u16,
}

/// What goes on in a duel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DuelPhase {
    /// There are fewer than two players.
    #[default]
    Lobby,
    /// Both ships are held in place.
    Countdown {
        /// The first tick in which they fly.
        until: Tick,
    },
    /// The round is on.
    Fight,
    /// A round has ended.
    Pause {
        /// The first tick in which the next may begin.
        until: Tick,
        /// Who has won it; `None` if both ships were destroyed in the same tick.
        winner: Option<PlayerId>,
    },
    /// The match has ended.
    Over {
        /// Who has won it.
        winner: PlayerId,
        /// The tick in which the next player takes the loser's place; `None` if there is none. Then another match
        /// begins when both want it.
        next: Option<Tick>,
    },
}

impl DuelState {
    /// Which of the two a player is; `None` for others.
    pub fn side_of(&self, player: PlayerId) -> Option<usize> {
        self.players.iter().position(|other| *other == Some(player))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_is_the_place_of_a_player() {
        let (one, other, third) = (PlayerId(4), PlayerId(9), PlayerId(0));
        let duel = DuelState { players: [Some(one), Some(other)], ..DuelState::default() };
        assert_eq!([one, other, third].map(|player| duel.side_of(player)), [Some(0), Some(1), None]);
        assert_eq!(DuelState::default().side_of(third), None, "a free place is no player's");
    }
}
