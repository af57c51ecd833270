//! What a tab keeps so that a page that is loaded again goes on with the same player: the token, and for which arena and
//! name it is good.

use shared::engine::protocol::ResumeToken;

/// The text to keep. `arena` is a slug, which has no spaces, or empty for the server's default.
pub fn to_text(token: ResumeToken, arena: &str, name: &str) -> String {
    format!("{token} {arena} {name}")
}

/// The token, if the text is of this arena and this name: another name asks for another player.
pub fn token_for(text: &str, arena: &str, name: &str) -> Option<ResumeToken> {
    let (token, rest) = text.split_once(' ')?;
    let kept = rest.split_once(' ')?;
    token.parse().ok().filter(|_| kept == (arena, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> ResumeToken {
        ResumeToken(core::array::from_fn(|i| (i as u8).wrapping_mul(9)))
    }

    #[test]
    fn a_token_is_good_for_its_arena_and_name() {
        for (arena, name) in [("drift", "Ann"), ("", "Ann"), ("", ""), ("ruins", "two words ")] {
            let text = to_text(token(), arena, name);
            assert_eq!(token_for(&text, arena, name), Some(token()), "{text:?}");
        }
    }

    #[test]
    fn another_arena_or_name_gets_no_token() {
        let text = to_text(token(), "drift", "Ann");
        assert_eq!(token_for(&text, "ruins", "Ann"), None);
        assert_eq!(token_for(&text, "drift", "Bob"), None);
        assert_eq!(token_for(&text, "", "drift Ann"), None);
    }

    #[test]
    fn a_text_that_is_none_of_ours_has_no_token() {
        for text in ["", "x", "no-token drift Ann"] {
            assert_eq!(token_for(text, "drift", "Ann"), None, "{text:?}");
        }
    }
}
