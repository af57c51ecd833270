//! Where to connect next: the server that the client has begun at, the node of a cluster that a room has moved to, or, while that does
//! not answer, another node, which knows where the room is. It connects to nothing itself.
//!
//! Invariant: a ticket for a seat is used for one attempt, and an address that is no WebSocket's is never taken.

/// Longest address that is taken from a server, in bytes: more than a close frame holds.
const ADDRESS_BYTES_MAX: usize = 200;
/// Most nodes that are remembered.
const NODES_MAX: usize = 64;

/// The way to one arena or room.
#[derive(Clone, Debug)]
pub struct Route {
    /// Of the WebSocket, without a ticket.
    address: String,
    /// For the next attempt.
    ticket: Option<String>,
    /// What follows the node's URL: `/ws/room/CODE`.
    path: String,
    /// The sockets of the same path at other nodes.
    nodes: Vec<String>,
    /// Attempts in a row that brought no frame.
    failures: usize,
    /// Whether it leads elsewhere than at the beginning.
    has_moved: bool,
}

impl Route {
    /// To the WebSocket at `address`, which ends with `path`.
    pub fn new(address: &str, path: &str) -> Self {
        let path = format!("/{}", path.trim_start_matches('/'));
        Self {
            address: address.to_owned(),
            ticket: None,
            path,
            nodes: Vec::new(),
            failures: 0,
            has_moved: false,
        }
    }

    /// The nodes of the cluster have these public URLs, as `/arenas` says.
    pub fn set_nodes<'a>(&mut self, urls: impl IntoIterator<Item = &'a str>) {
        let sockets = urls.into_iter().filter_map(|url| {
            let rest = url.trim_end_matches('/').strip_prefix("http")?;
            (url.len() <= ADDRESS_BYTES_MAX).then(|| format!("ws{rest}{}", self.path))
        });
        let mut nodes: Vec<_> = sockets.take(NODES_MAX * 4).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.truncate(NODES_MAX);
        // Without one there is nothing new to learn.
        if !nodes.is_empty() {
            self.nodes = nodes;
        }
    }

    /// The address for the next attempt. Every second one after a failure is at another node.
    pub fn next_address(&mut self) -> String {
        let failures = self.failures;
        self.failures += 1;
        let others: Vec<_> = self.nodes.iter().filter(|node| **node != self.address).collect();
        if failures % 2 == 1 && !others.is_empty() {
            return others[failures / 2 % others.len()].clone();
        }
        match self.ticket.take() {
            Some(ticket) => format!("{}?{ticket}", self.address),
            None => self.address.clone(),
        }
    }

    /// The server has closed the connection with this text, because the room is elsewhere. False if it is no address.
    pub fn on_moved(&mut self, text: &str) -> bool {
        let is_socket = text.starts_with("ws://") || text.starts_with("wss://");
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_socket || !is_plain || text.len() > ADDRESS_BYTES_MAX {
            return false;
        }
        let (address, ticket) = match text.split_once('?') {
            Some((address, ticket)) => (address, Some(ticket.to_owned())),
            None => (text, None),
        };
        if !address.ends_with(&self.path) {
            // An arena that goes on as a room, or a room under another spelling.
            let at = address.find("/ws/").unwrap_or(address.len());
            let path = address[at..].to_owned();
            for node in &mut self.nodes {
                let end = node.len().saturating_sub(self.path.len());
                *node = format!("{}{path}", &node[..end]);
            }
            self.path = path;
        }
        self.has_moved |= address != self.address;
        (self.address, self.ticket, self.failures) = (address.to_owned(), ticket, 0);
        true
    }

    /// A frame has come.
    pub fn on_frame(&mut self) {
        self.failures = 0;
    }

    /// The URL of the node that it leads to now; `None` if that is where it began. HTTP requests about the room go there.
    pub fn node(&self) -> Option<String> {
        if !self.has_moved {
            return None;
        }
        let rest = self.address.strip_suffix(&self.path)?.strip_prefix("ws")?;
        Some(format!("http{rest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "ws://a.example/ws/room/K7Q2MX";
    const B: &str = "wss://b.example/game/ws/room/K7Q2MX";

    #[test]
    fn room_that_has_moved_is_followed_and_its_ticket_is_used_once() {
        let mut route = Route::new(A, "ws/room/K7Q2MX");
        assert_eq!((route.next_address().as_str(), route.node()), (A, None));
        assert!(route.on_moved(&format!("{B}?seat=abc")));
        assert_eq!(route.next_address(), format!("{B}?seat=abc"));
        assert_eq!(route.next_address(), B);
        assert_eq!(route.node().as_deref(), Some("https://b.example/game"));
    }

    #[test]
    fn other_nodes_are_asked_in_turn_while_one_does_not_answer() {
        let mut route = Route::new(A, "ws/room/K7Q2MX");
        route.set_nodes(["http://a.example", "https://b.example/game/", "http://c.example"]);
        let next: Vec<_> = (0..5).map(|_| route.next_address()).collect();
        assert_eq!(next, [A, "ws://c.example/ws/room/K7Q2MX", A, B, A]);
        route.on_frame();
        assert_eq!(route.next_address(), A);
        let mut alone = Route::new(A, "ws/room/K7Q2MX");
        assert!((0..5).all(|_| alone.next_address() == A));
    }

    #[test]
    fn arena_that_goes_on_as_a_room_is_looked_for_as_that_room() {
        let mut route = Route::new("ws://a.example/ws", "ws");
        route.set_nodes(["http://a.example", "https://b.example/game", "http://c.example"]);
        assert!(route.on_moved(B));
        assert_eq!(route.next_address(), B);
        assert_eq!(route.next_address(), "ws://a.example/ws/room/K7Q2MX");
    }

    #[test]
    fn text_that_is_no_address_is_not_followed() {
        let mut route = Route::new(A, "ws/room/K7Q2MX");
        for text in [
            "",
            "http://b.example/",
            "javascript:alert(1)",
            "ws://b example",
            &format!("ws://{}", "x".repeat(200)),
        ] {
            assert!(!route.on_moved(text), "{text}");
        }
        assert_eq!(route.next_address(), A);
    }
}
