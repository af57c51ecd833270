//! Addresses on the server that served the page. They are relative to the page's own, so that the page works below any path,
//! as behind a proxy that serves it at `/game/`.

/// The address of `path` beside the document at `document`, which is an absolute address.
pub fn beside(document: &str, path: &str) -> String {
    let end = document.find(['?', '#']).unwrap_or(document.len());
    let bare = &document[..end];
    let authority = bare.find("://").map_or(0, |at| at + "://".len());
    match bare[authority..].rfind('/') {
        Some(at) => format!("{}/{path}", &bare[..authority + at]),
        // Browsers always write the slash behind the host.
        None => format!("{bare}/{path}"),
    }
}

/// The address of a WebSocket at `path` beside the document: encrypted if the document is.
pub fn socket_beside(document: &str, path: &str) -> String {
    let address = beside(document, path);
    match address.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => address,
    }
}

/// Where the game's WebSocket is, beside the page: that of the arena with this slug, or of the server's default.
pub fn game_path(arena: Option<&str>) -> String {
    // The browser encodes what an address cannot contain.
    arena.map_or_else(|| "ws".to_owned(), |arena| format!("ws/{arena}"))
}

/// Where the server says, to a plain request, what it answers to a WebSocket of a page of this origin.
pub fn check_path(arena: Option<&str>, origin: &str) -> String {
    // A query may hold what an origin is made of.
    format!("{}?check={origin}", game_path(arena))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_beside_the_document_wherever_that_is() {
        for (document, expected) in [
            ("http://play.example/", "http://play.example/arenas"),
            ("http://play.example", "http://play.example/arenas"),
            ("http://[::1]:8080/#arena=duel", "http://[::1]:8080/arenas"),
            ("https://play.example/game/", "https://play.example/game/arenas"),
            ("https://play.example/game/index.html?a=/b#c/d", "https://play.example/game/arenas"),
            ("https://play.example/a/b/?x", "https://play.example/a/b/arenas"),
        ] {
            assert_eq!(beside(document, "arenas"), expected, "{document}");
        }
    }

    #[test]
    fn socket_is_encrypted_if_the_page_is() {
        assert_eq!(socket_beside("http://play.example/", "ws"), "ws://play.example/ws");
        assert_eq!(
            socket_beside("https://play.example/game/#x", &game_path(Some("duel"))),
            "wss://play.example/game/ws/duel"
        );
        assert_eq!(game_path(None), "ws");
        assert_eq!(check_path(None, "https://play.example"), "ws?check=https://play.example");
    }
}
