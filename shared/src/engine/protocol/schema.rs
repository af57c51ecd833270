//! Ties a game's protocol version to its types: a hash over the encoding of one sample of every message and every part.
//!
//! A type that changes on the wire changes the hash, and a test of the game then asks for the new number. So two builds
//! with the same number understand one another.

use super::{CloseReason, Samples, client_samples, encode, server_samples};
use crate::engine::checksum::Checksum;

/// Raised when a name in the JSON encoding changes: the binary samples do not contain names.
const JSON_NAMES: u32 = 3;

/// The hash that [`PROTOCOL_VERSION`](crate::engine::game_trait::Game::PROTOCOL_VERSION) must be.
pub fn schema_hash<G: Samples>() -> u64 {
    let mut sum = Checksum::default();
    sum.word(JSON_NAMES);
    sum.bytes(G::NAME.as_bytes());
    let client = client_samples::<G>().into_iter().map(|(_, message)| encode(&message));
    let server = server_samples::<G>().into_iter().map(|(_, message)| encode(&message));
    for bytes in client.chain(server) {
        sum.word(bytes.len() as u32);
        sum.bytes(&bytes);
    }
    for reason in CloseReason::ALL {
        sum.word(u32::from(reason.code()));
    }
    sum.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        chat::ChatRejection,
        protocol::{
            CellChange, ClientMessage, Notice, decode_client, decode_server,
            samples::{changes, notices, refusals},
        },
        testing::TestGame,
    };

    /// Does not compile when a variant is added without a sample.
    #[test]
    fn every_variant_has_a_sample() {
        let client = |message: &ClientMessage<_>| match message {
            ClientMessage::Hello(_) => 0,
            ClientMessage::Input { .. } => 1,
            ClientMessage::ResyncCell(_) => 2,
            ClientMessage::Ack(_) => 3,
            ClientMessage::Chat(_) => 4,
            ClientMessage::Hidden(_) => 5,
            ClientMessage::Lag(_) => 6,
            ClientMessage::Badge(_) => 7,
        };
        let said: Vec<i32> =
            client_samples::<TestGame>().iter().map(|(_, message)| client(message)).collect();
        assert!((0..8).all(|variant| said.contains(&variant)));
        let notice = |notice: &Notice<TestGame>| match notice {
            Notice::Roster(_) => 0,
            Notice::Joined(_) => 1,
            Notice::Left(_) => 2,
            Notice::Leaderboard(_) => 3,
            Notice::Chat(_) => 4,
            Notice::ChatHistory(_) => 5,
            Notice::Whisper(_) => 6,
            Notice::ChatRejected(_) => 7,
            Notice::Lag(_) => 8,
            Notice::Game(_) => 9,
            Notice::RoomKey(_) => 10,
            Notice::Badges(_) => 11,
            Notice::Unlocked(_) => 12,
            Notice::Party(_) => 13,
        };
        assert!(notices().iter().map(notice).eq(0..14));
        let refusal = |refusal: &ChatRejection| match refusal {
            ChatRejection::Empty => 0,
            ChatRejection::TooLong => 1,
            ChatRejection::InvalidCharacters => 2,
            ChatRejection::RateLimited => 3,
            ChatRejection::ArenaRateLimited => 4,
            ChatRejection::NoSuchPlayer => 5,
            ChatRejection::AmbiguousName(_) => 6,
            ChatRejection::UnknownCommand => 7,
            ChatRejection::Off => 8,
        };
        assert!(refusals().iter().map(refusal).eq(0..9));
        let change = |change: &CellChange<'_, TestGame>| match change {
            CellChange::Reset => 0,
            CellChange::Left(_) => 1,
            CellChange::Entered(_) => 2,
            CellChange::Moved(_) => 3,
            CellChange::CatchUp(_) => 4,
            CellChange::Looks(_) => 5,
            CellChange::ItemsAdded(_) => 6,
            CellChange::ItemsTaken(_) => 7,
            CellChange::Events(_) => 8,
            CellChange::Checksum(_) => 9,
        };
        assert!(changes().iter().map(change).eq(0..10));
    }

    #[test]
    fn samples_survive_encoding_and_decoding() {
        for (name, message) in client_samples::<TestGame>() {
            assert_eq!(decode_client(&encode(&message)), Ok(message), "{name}");
        }
        for (name, message) in server_samples::<TestGame>() {
            assert_eq!(decode_server(&encode(&message)), Ok(message), "{name}");
        }
    }
}
