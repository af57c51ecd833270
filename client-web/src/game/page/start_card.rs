//! The start card's rules: the name and colour to begin with, and how many pilots there are.

use shared::engine::limits::{COLOURS, NAME_CHARS_MAX};

use crate::game::strings::{Strings, fill};

/// A typed or stored name as the server takes it: without spaces around it, and not too long.
pub fn name(text: &str) -> String {
    text.trim().chars().take(NAME_CHARS_MAX).collect()
}

/// The stored colour if it is one, else one by `random`, which is 0 to just under 1.
pub fn colour(stored: Option<&str>, random: f64) -> u8 {
    let stored = stored.and_then(|text| text.parse().ok()).filter(|colour| *colour < COLOURS);
    stored.unwrap_or((random * f64::from(COLOURS)) as u8)
}

/// How many pilots fly in an arena.
pub fn pilots(count: u16, strings: &Strings) -> String {
    match count {
        0 => strings.no_pilots.to_owned(),
        1 => strings.one_pilot.to_owned(),
        many => fill(strings.many_pilots, &[&many.to_string()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::page::language::Language, game::strings::strings};

    #[test]
    fn a_name_is_trimmed_and_cut_by_characters() {
        assert_eq!(name("  Ann Bo "), "Ann Bo");
        let long = "星".repeat(NAME_CHARS_MAX + 5);
        assert_eq!(name(&long).chars().count(), NAME_CHARS_MAX);
        assert_eq!(name("   "), "");
    }

    #[test]
    fn a_stored_colour_is_kept_and_what_is_none_is_chosen_at_random() {
        assert_eq!(colour(Some("3"), 0.9), 3);
        for broken in [None, Some(""), Some("-1"), Some("8"), Some("red"), Some("300")] {
            assert_eq!(colour(broken, 0.0), 0, "{broken:?}");
            assert_eq!(colour(broken, 0.999), COLOURS - 1, "{broken:?}");
        }
    }

    #[test]
    fn none_one_and_many_pilots_are_said_differently() {
        let english = strings(Language::English);
        let [none, one, many] = [0, 1, 42].map(|count| pilots(count, english));
        assert!(none != one && many.contains("42"), "{none}, {one}, {many}");
    }
}
