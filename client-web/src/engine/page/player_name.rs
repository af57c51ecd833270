//! The player's own name, as the page sends and shows it.

use shared::engine::{
    limits::NAME_CHARS_MAX,
    text::{is_hidden, is_unprintable},
};

/// A typed or stored name as the server takes it: single spaces between words, nothing hidden, and not too long. Without this the own
/// name would look different to its player: a direction mark (U+202E) turns the whole row around. The server also bounds the marks on a
/// letter and composes letters, which needs tables of Unicode.
pub fn player_name(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !is_hidden(*c) && !is_unprintable(*c)).collect();
    let name = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = name.chars().take(NAME_CHARS_MAX).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use shared::engine::ids::PlayerName;

    use super::*;

    #[test]
    fn name_is_trimmed_and_cut_by_characters() {
        assert_eq!(player_name("  Ann Bo "), "Ann Bo");
        let long = "星".repeat(NAME_CHARS_MAX + 5);
        assert_eq!(player_name(&long).chars().count(), NAME_CHARS_MAX);
        assert_eq!(player_name("   "), "");
    }

    #[test]
    fn hidden_characters_are_removed() {
        assert_eq!(player_name("\u{202E}evil\u{202C}"), "evil");
        assert_eq!(player_name("a\u{200B}b\u{2066}c\u{FEFF}"), "abc");
        assert_eq!(player_name("a\u{7}b\u{E000}"), "ab");
        assert_eq!(player_name("\u{202E}\u{2800} \u{3164}"), "");
    }

    #[test]
    fn name_is_cleaned_once_and_then_stays() {
        for text in ["a\u{3164} b", "  x\u{2066} y ", "一 二\u{3000}三", "\u{1F468}\u{200D}\u{1F469}"] {
            let name = player_name(text);
            assert_eq!(player_name(&name), name, "{text:?}");
        }
    }

    #[test]
    fn white_space_of_any_kind_is_one_space() {
        assert_eq!(player_name("a\u{A0}\u{2003}b"), "a b");
    }

    #[test]
    fn cleaned_name_is_one_that_the_server_takes() {
        for text in ["  a \t b\n", "\u{202E}Ann  Bo", "abcdefghijklmno pq", "火\u{3000}花"] {
            let name = player_name(text);
            assert_eq!(PlayerName::new(&name).map(String::from), Ok(name.clone()), "{text:?}");
        }
    }
}
