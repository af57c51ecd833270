//! Achievements: which of a game's a player has unlocked, and what its badge is. The game says what each is for and when it is
//! achieved; the records keep by its id who has unlocked it. Must not know the wire or the database.

use serde::{Deserialize, Serialize};
use shared::engine::{
    ids::PlayerId,
    records::AchievementInfo,
    roster::{Badge, UnlockedAchievement},
};

/// Most achievements of a game.
pub const ACHIEVEMENTS_MAX: usize = 64;

/// What a player has unlocked, by the places in the game's list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlockedSet(u64);

impl UnlockedSet {
    /// Those of `list` that have one of these ids. An id of an achievement that the game no longer has is left out.
    pub fn of<'a>(list: &[AchievementInfo], ids: impl Iterator<Item = &'a str>) -> Self {
        let mut set = Self::default();
        for id in ids {
            if let Some(place) = list.iter().position(|one| one.id == id) {
                set.insert(place);
            }
        }
        set
    }

    /// Adds the one at this place. Returns whether it was not there before.
    pub fn insert(&mut self, place: usize) -> bool {
        let before = self.0;
        self.0 |= bit(place);
        self.0 != before
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the one at this place is there.
    pub fn contains(self, place: usize) -> bool {
        self.0 & bit(place) != 0
    }

    /// The badge of a player that has unlocked these and wants the one with this number, 0 for none. `None` if it may not wear it.
    pub fn badge(self, list: &[AchievementInfo], player: PlayerId, number: u8) -> Option<Badge> {
        let Some(place) = usize::from(number).checked_sub(1) else {
            return Some(Badge { player, sign: String::new() });
        };
        let info = list.get(place).filter(|_| self.contains(place))?;
        Some(Badge { player, sign: info.sign.clone() })
    }
}

fn bit(place: usize) -> u64 {
    u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or(0)
}

/// What a player is told that has unlocked this one.
pub fn told(info: &AchievementInfo) -> UnlockedAchievement {
    UnlockedAchievement {
        id: info.id.clone(),
        name: info.name.clone(),
        text: info.text.clone(),
        sign: info.sign.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Vec<AchievementInfo> {
        let info = |id: &str, sign: &str| AchievementInfo {
            id: id.to_owned(),
            name: id.to_uppercase(),
            text: String::new(),
            sign: sign.to_owned(),
        };
        vec![info("first", "a"), info("second", "b")]
    }

    #[test]
    fn set_has_those_that_the_game_knows() {
        let mut set = UnlockedSet::of(&list(), ["gone", "second"].into_iter());
        assert_eq!(
            [0, 1, 63, 64, usize::MAX].map(|place| set.contains(place)),
            [false, true, false, false, false]
        );
        assert!(set.insert(0) && !set.insert(0) && !set.insert(1));
        let mut other = UnlockedSet::default();
        other.extend(set);
        assert_eq!(other, set);
    }

    #[test]
    fn badge_is_worn_by_who_has_unlocked_it() {
        let (list, player) = (list(), PlayerId(7));
        let set = UnlockedSet::of(&list, ["second"].into_iter());
        let sign = |number| set.badge(&list, player, number).map(|badge| badge.sign);
        assert_eq!([0, 1, 2, 3, 255].map(sign), [Some("".into()), None, Some("b".into()), None, None]);
    }
}
