//! Why no WebSocket could be opened. The browser does not tell, so the page asks the server by a plain request, and this reads
//! the answer.

/// Longest reason that is shown, in characters: a proxy may answer with a whole page. The server's longest names a page's origin,
/// of at most 120 characters, three times and tells what to do.
const REASON_CHARS_MAX: usize = 800;

/// What the server, or what stands before it, answers to a plain request at the WebSocket's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeFault {
    /// Nothing answers.
    Unreachable,
    /// The server would admit this page, so something on the way does not let WebSockets through.
    UpgradeLost,
    /// The server refuses pages of this origin, or this page for another reason that lasts.
    Refused,
    /// The server has no such arena or room.
    Gone,
    /// The server has no place now.
    Full,
    /// The server has no room for more connections from this network now.
    NetworkFull,
    /// A proxy answers that the server does not.
    ServerDown,
}

impl HandshakeFault {
    /// From the status of the answer; 0 if there is none.
    pub fn of_status(status: u16) -> Self {
        match status {
            0 => Self::Unreachable,
            200..=299 => Self::UpgradeLost,
            404 => Self::Gone,
            429 => Self::NetworkFull,
            503 => Self::Full,
            500..=599 => Self::ServerDown,
            _ => Self::Refused,
        }
    }

    /// Whether another attempt would have the same answer.
    pub fn lasts(self) -> bool {
        matches!(self, Self::UpgradeLost | Self::Refused | Self::Gone)
    }
}

/// The reason in an answer's body, if a person can read it: the server writes one line, a proxy perhaps a page of HTML.
pub fn reason(body: &str) -> &str {
    let line = body.trim().lines().next().unwrap_or_default();
    if line.starts_with('<') || line.chars().count() > REASON_CHARS_MAX { "" } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_tells_what_is_wrong() {
        for (status, fault) in [
            (0, HandshakeFault::Unreachable),
            (204, HandshakeFault::UpgradeLost),
            (403, HandshakeFault::Refused),
            (404, HandshakeFault::Gone),
            (429, HandshakeFault::NetworkFull),
            (503, HandshakeFault::Full),
            (502, HandshakeFault::ServerDown),
            (504, HandshakeFault::ServerDown),
        ] {
            assert_eq!(HandshakeFault::of_status(status), fault, "{status}");
        }
        assert!(HandshakeFault::Refused.lasts() && HandshakeFault::UpgradeLost.lasts());
        assert!(!HandshakeFault::Full.lasts() && !HandshakeFault::NetworkFull.lasts());
    }

    #[test]
    fn reason_is_one_readable_line() {
        assert_eq!(reason("the page's origin is wrong\n"), "the page's origin is wrong");
        assert_eq!(reason("<!doctype html>\n<p>Not found"), "");
        assert_eq!(reason(""), "");
        assert_eq!(reason(&"x".repeat(REASON_CHARS_MAX + 1)), "");
    }
}
