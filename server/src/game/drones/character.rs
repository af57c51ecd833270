//! What drones are like, and their names: both follow from a drone's id, so that players who have met one know what to
//! expect of its namesake.

use shared::engine::ids::{PlayerId, PlayerName};

/// How a drone behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Character {
    /// Collects embers, and fights ships that come near.
    Gatherer,
    /// Looks for fights that it can win.
    Hunter,
    /// Collects embers, and flees from ships that come near.
    Coward,
}

impl Character {
    /// Of ten drones five are gatherers, three hunters and two cowards.
    pub(super) fn of(id: PlayerId) -> Self {
        match id.0 % 10 {
            1 | 4 | 8 => Self::Hunter,
            2 | 6 => Self::Coward,
            _ => Self::Gatherer,
        }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Gatherer => &["Ash", "Soot", "Wick", "Tinder", "Glow", "Slag", "Moss", "Peat"],
            Self::Hunter => &["Flint", "Pyre", "Blaze", "Talon", "Scorch", "Torch"],
            Self::Coward => &["Wisp", "Flicker", "Smoke", "Fume"],
        }
    }
}

/// A name by the drone's character, and a number that makes it unique.
pub(super) fn drone_name(id: PlayerId) -> PlayerName {
    let number = usize::from(id.0);
    let names = Character::of(id).names();
    let (tens, ones) = (number / 10, number % 10);
    let name = format!("{} {}", names[(tens * 3 + ones) % names.len()], number + 1);
    PlayerName::new(&name).expect("a valid name")
}

/// The words that drones' names begin with.
pub(in crate::game) fn words() -> impl Iterator<Item = &'static str> {
    [Character::Gatherer, Character::Hunter, Character::Coward]
        .into_iter()
        .flat_map(Character::names)
        .copied()
}

#[cfg(test)]
mod tests {
    use shared::engine::limits::PLAYERS_MAX;

    use super::*;

    #[test]
    fn drone_names_are_valid_unique_and_tell_the_character() {
        let ids = (0..PLAYERS_MAX as u16).map(PlayerId);
        let mut names: Vec<_> = ids.clone().map(|id| drone_name(id).as_str().to_owned()).collect();
        for (id, name) in ids.zip(&names) {
            let first = name.split(' ').next().unwrap_or_default();
            assert!(Character::of(id).names().contains(&first), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), PLAYERS_MAX);
    }
}
