//! Texts that the browser keeps for the page. In the address, behind `#`: `#trace&lang=zh` has the keys `trace` and `lang`. In
//! the tab: the resume token with its arena and name, so that a reloaded page resumes the same player.

use shared::engine::protocol::ResumeToken;

/// The value of `key`: empty if it stands there without one, `None` if it does not stand there. The first counts.
pub fn address_value<'a>(fragment: &'a str, key: &str) -> Option<&'a str> {
    let parts = fragment.trim_start_matches('#').split('&');
    let mut pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// The key of what the browser keeps for a game: games of one origin, such as two servers on one machine, do not read each other's.
pub fn game_key(game: &str, name: &str) -> String {
    format!("{game}.{name}")
}

/// The text to keep. `arena` is a slug, which has no spaces, or empty for the server's default.
pub fn resume_text(token: ResumeToken, arena: &str, name: &str) -> String {
    format!("{token} {arena} {name}")
}

/// The token, if the text is of this arena and this name: another name asks for another player.
pub fn resume_token(text: &str, arena: &str, name: &str) -> Option<ResumeToken> {
    let (token, rest) = text.split_once(' ')?;
    let kept = rest.split_once(' ')?;
    token.parse().ok().filter(|_| kept == (arena, name))
}

/// The slug of the arena that a kept token is of, empty for the server's default; `None` for a room, which the address names.
pub fn resume_arena(text: &str) -> Option<&str> {
    text.split(' ').nth(1).filter(|arena| !arena.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_values_or_only_stand_there() {
        assert_eq!(address_value("#trace&lang=zh", "lang"), Some("zh"));
        assert_eq!(address_value("#trace&lang=zh", "trace"), Some(""));
        assert_eq!(address_value("#trace&lang=zh", "arena"), None);
        assert_eq!(address_value("", "trace"), None);
    }

    #[test]
    fn a_key_is_not_the_beginning_of_another() {
        assert_eq!(address_value("#language=zh", "lang"), None);
        assert_eq!(address_value("#xlang=zh&lang=en", "lang"), Some("en"));
    }

    #[test]
    fn a_value_may_have_an_equals_sign_and_the_first_of_two_counts() {
        assert_eq!(address_value("arena=a=b&arena=c", "arena"), Some("a=b"));
    }

    fn token() -> ResumeToken {
        ResumeToken(core::array::from_fn(|i| (i as u8).wrapping_mul(9)))
    }

    #[test]
    fn arena_of_a_token_is_known_unless_it_is_a_room() {
        for (arena, expected) in [("drift", Some("drift")), ("", Some("")), ("room/ABC234", None)] {
            assert_eq!(resume_arena(&resume_text(token(), arena, "two words")), expected);
        }
        assert_eq!(resume_arena(""), None);
    }

    #[test]
    fn a_token_is_good_for_its_arena_and_name() {
        for (arena, name) in [("drift", "Ann"), ("", "Ann"), ("", ""), ("ruins", "two words ")] {
            let text = resume_text(token(), arena, name);
            assert_eq!(resume_token(&text, arena, name), Some(token()), "{text:?}");
        }
    }

    #[test]
    fn another_arena_or_name_gets_no_token() {
        let text = resume_text(token(), "drift", "Ann");
        assert_eq!(resume_token(&text, "ruins", "Ann"), None);
        assert_eq!(resume_token(&text, "drift", "Bob"), None);
        assert_eq!(resume_token(&text, "", "drift Ann"), None);
    }

    #[test]
    fn a_text_that_is_none_of_ours_has_no_token() {
        for text in ["", "x", "no-token drift Ann"] {
            assert_eq!(resume_token(text, "drift", "Ann"), None, "{text:?}");
        }
    }
}
