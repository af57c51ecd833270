//! Private rooms for bots: makes them on the server before the first bot joins, and says which bot goes to which.

use std::{
    io::{self, Read, Write},
    net::SocketAddr,
    time::Duration,
};

use shared::engine::rooms::{RoomCreated, RoomRequest};

use super::{Address, tls::Stream};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// The codes of the rooms; empty if bots play in an arena of the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Rooms(Vec<String>);

impl Rooms {
    /// Makes this many rooms on the server of `address`, which is found at `at`. They have room for `players` in all.
    ///
    /// # Errors
    /// If the server does not answer, or refuses: with its own words.
    pub(super) fn make(count: u32, players: u32, address: &Address, at: SocketAddr) -> io::Result<Self> {
        let players = u16::try_from(players.div_ceil(count.max(1))).ok();
        // Drones would be measured too.
        let wanted = RoomRequest { bots: Some(0), players, ..RoomRequest::default() };
        let body = serde_json::to_string(&wanted)?;
        (0..count).map(|_| make(&body, address, at)).collect::<io::Result<_>>().map(Self)
    }

    /// Where the bot with this number connects.
    pub(super) fn address_of(&self, number: u32, address: &Address) -> Address {
        match self.0.get(number as usize % self.0.len().max(1)) {
            Some(code) => Address { path: format!("/ws/room/{code}"), ..address.clone() },
            None => address.clone(),
        }
    }
}

/// Makes a room, and returns its code.
fn make(body: &str, address: &Address, at: SocketAddr) -> io::Result<String> {
    let mut stream = Stream::connect(address, at, ANSWER_TIMEOUT)?;
    write!(
        stream,
        "POST /rooms HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        address.authority,
        body.len()
    )?;
    stream.flush()?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 201 ") => {
            let created: RoomCreated = serde_json::from_str(body)?;
            Ok(created.code)
        }
        Some((_, body)) => Err(io::Error::other(body.trim().to_owned())),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_are_spread_over_the_rooms() {
        let address: Address = "ws://127.0.0.1:8080/ws/duel".parse().expect("an address");
        let rooms = Rooms(vec!["A".to_owned(), "B".to_owned()]);
        let paths = [0, 1, 2, 3].map(|number| rooms.address_of(number, &address).path);
        assert_eq!(paths, ["/ws/room/A", "/ws/room/B", "/ws/room/A", "/ws/room/B"]);
        assert_eq!(Rooms::default().address_of(7, &address), address);
    }
}
