//! The link of a private room: `#room=CODE` behind the page's address, and what is sent to make a room.

use shared::engine::rooms::ROOM_CODE_LETTERS;

/// The code in a text, in upper case; `None` if it cannot be one. Whether there is such a room only the server knows.
pub fn code_in(text: &str) -> Option<String> {
    let is_code = text.len() == ROOM_CODE_LETTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| text.to_ascii_uppercase())
}

/// Where a room is among the arenas, as a slug is.
pub fn slug(code: &str) -> String {
    format!("room/{code}")
}

/// The code in a room's slug; `None` for an arena's.
pub fn code_of(slug: &str) -> Option<&str> {
    slug.strip_prefix("room/")
}

/// An address's fragment for this room, or for none, with everything else but the arena kept.
pub fn fragment_with(fragment: &str, code: Option<&str>) -> String {
    let others = fragment.trim_start_matches('#').split('&').filter(|part| {
        let key = part.split('=').next();
        !part.is_empty() && key != Some("room") && !(code.is_some() && key == Some("arena"))
    });
    let room = code.map(|code| format!("room={code}"));
    others.chain(room.as_deref()).collect::<Vec<_>>().join("&")
}

/// The link of a room, to be sent to others, on the page at `document`. It has nothing else of the page's address: that may hold the
/// visitor's own ticket.
pub fn link(document: &str, code: &str) -> String {
    let end = document.find(['?', '#']).unwrap_or(document.len());
    format!("{}#room={code}", &document[..end])
}

/// The body of the request for a room in the arena with this slug, which has letters, digits and hyphens only.
pub fn request(arena: Option<&str>) -> String {
    arena.map_or_else(|| "{}".to_owned(), |arena| format!("{{\"arena\":\"{arena}\"}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_six_letters_or_digits_in_either_case() {
        assert_eq!(code_in("abc234").as_deref(), Some("ABC234"));
        for text in ["", "ABC23", "ABC2345", "ABC 23", "ABC/23", "\u{e9}BC23"] {
            assert_eq!(code_in(text), None, "{text}");
        }
    }

    #[test]
    fn fragment_names_the_room_or_none_and_keeps_the_rest() {
        for (before, code, after) in [
            ("", Some("ABC234"), "room=ABC234"),
            ("#arena=duel&lang=zh", Some("ABC234"), "lang=zh&room=ABC234"),
            ("#room=XYZ789&trace", Some("ABC234"), "trace&room=ABC234"),
            ("#room=ABC234&lang=zh", None, "lang=zh"),
            ("#room=ABC234", None, ""),
            ("#rooms=2&arena=duel", None, "rooms=2&arena=duel"),
        ] {
            assert_eq!(fragment_with(before, code), after, "{before}");
        }
    }

    #[test]
    fn link_has_the_room_and_no_secret() {
        for (document, expected) in [
            (
                "https://play.example/game/#ticket=secret&room=abc234",
                "https://play.example/game/#room=ABC234",
            ),
            ("http://play.example/?from=ad#lang=zh", "http://play.example/#room=ABC234"),
            ("http://[::1]:8080/", "http://[::1]:8080/#room=ABC234"),
        ] {
            assert_eq!(link(document, "ABC234"), expected);
        }
    }

    #[test]
    fn request_is_json() {
        assert_eq!(request(None), "{}");
        assert_eq!(request(Some("the-old-ruins")), r#"{"arena":"the-old-ruins"}"#);
    }
}
