//! The names of drones: they follow from a drone's id, as its character does.

use shared::{
    engine::ids::{PlayerId, PlayerName},
    game::character::Character,
};

/// The words that the names of drones of a character begin with.
fn names(character: Character) -> &'static [&'static str] {
    match character {
        Character::Gatherer => &["Ash", "Soot", "Wick", "Tinder", "Glow", "Slag", "Moss", "Peat"],
        Character::Hunter => &["Flint", "Pyre", "Blaze", "Talon", "Scorch", "Torch"],
        Character::Coward => &["Wisp", "Flicker", "Smoke", "Fume"],
    }
}

/// A name by the drone's character, and a number that makes it unique.
pub(super) fn drone_name(id: PlayerId) -> PlayerName {
    let number = usize::from(id.0);
    let names = names(Character::of(id));
    let (tens, ones) = (number / 10, number % 10);
    let name = format!("{} {}", names[(tens * 3 + ones) % names.len()], number + 1);
    PlayerName::new(&name).expect("a valid name")
}

/// The words that drones' names begin with.
pub(in crate::game) fn words() -> impl Iterator<Item = &'static str> {
    Character::ALL.into_iter().flat_map(names).copied()
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
            assert!(super::names(Character::of(id)).contains(&first), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), PLAYERS_MAX);
    }
}
