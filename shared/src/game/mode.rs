//! How an arena is played: each for itself, in teams, or two against each other. Part of the arena, so both ends know it.

use serde::{Deserialize, Serialize};

use crate::engine::game_trait::{RuleError, within};

/// Most teams in an arena.
pub const TEAMS_MAX: usize = 4;

/// Most rounds that win a duel.
pub const DUEL_ROUNDS_MAX: u8 = 20;

/// How an arena is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub enum Mode {
    /// Each for itself.
    #[default]
    Free,
    /// Team against team. Players and drones join the smallest.
    Teams {
        /// How many teams, 2 to [`TEAMS_MAX`].
        count: u8,
    },
    /// One against one, in rounds. Others wait and watch. There are no drones.
    Duel {
        /// Rounds that win the match, 1 to [`DUEL_ROUNDS_MAX`].
        first_to: u8,
    },
}

/// A team, numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Team(pub u8);

/// The score of each team: the sum of its ships' embers. 0 for teams that there are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TeamScores(pub [u32; TEAMS_MAX]);

impl Mode {
    /// Its name for other programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Teams { .. } => "teams",
            Self::Duel { .. } => "duel",
        }
    }

    /// How many teams there are; 0 in other modes.
    pub fn teams(self) -> u8 {
        match self {
            Self::Free | Self::Duel { .. } => 0,
            Self::Teams { count } => count,
        }
    }

    /// The team of a player of this colour: with teams the colour is the number of the team. `None` in other modes.
    pub fn team(self, colour: u8) -> Option<Team> {
        (colour < self.teams()).then_some(Team(colour))
    }

    /// Whether players of these colours are team mates. They do not harm each other.
    pub fn are_mates(self, colour: u8, other: u8) -> bool {
        colour == other && self.team(colour).is_some()
    }

    /// Whether drones may be in the arena.
    pub fn has_drones(self) -> bool {
        !matches!(self, Self::Duel { .. })
    }

    /// Checks every number against its range.
    pub fn validate(self) -> Result<(), RuleError> {
        match self {
            Self::Free => Ok(()),
            Self::Teams { count } => within("mode.count", count.into(), 2.0, TEAMS_MAX as f32, "2 to 4"),
            Self::Duel { first_to } => {
                within("mode.first_to", first_to.into(), 1.0, DUEL_ROUNDS_MAX.into(), "1 to 20")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TWO: Mode = Mode::Teams { count: 2 };

    #[test]
    fn colour_is_the_team_only_with_teams() {
        assert_eq!([0, 1, 2].map(|colour| TWO.team(colour)), [Some(Team(0)), Some(Team(1)), None]);
        assert_eq!(Mode::Free.team(0), None);
    }

    #[test]
    fn two_to_four_teams_are_valid() {
        let valid = |count| Mode::Teams { count }.validate().is_ok();
        assert_eq!([0, 1, 2, 3, 4, 5, 255].map(valid), [false, false, true, true, true, false, false]);
        assert!(Mode::Free.validate().is_ok());
    }

    #[test]
    fn one_to_twenty_rounds_win_a_duel() {
        let valid = |first_to| Mode::Duel { first_to }.validate().is_ok();
        assert_eq!([0, 1, 20, 21].map(valid), [false, true, true, false]);
        assert_eq!((Mode::Duel { first_to: 5 }.teams(), Mode::Duel { first_to: 5 }.has_drones()), (0, false));
    }

    proptest! {
        #[test]
        fn mates_are_of_one_team(count in 2..=4_u8, one: u8, other: u8) {
            let mode = Mode::Teams { count };
            let same = mode.team(one).is_some() && mode.team(one) == mode.team(other);
            prop_assert_eq!(mode.are_mates(one, other), same);
            prop_assert!(!Mode::Free.are_mates(one, other));
        }
    }
}
