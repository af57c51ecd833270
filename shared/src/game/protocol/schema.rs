//! Ties the protocol's version to its types: a hash over the encoding of one sample of every message and every part.
//!
//! A type that changes on the wire changes the hash, and the test below then asks for the new number. So two builds
//! with the same number understand one another.

use super::{client_samples, encode_server, server_samples};
use crate::engine::{
    checksum::Checksum,
    protocol::{CloseReason, encode_client},
};

/// Raised when a name in the JSON encoding changes: the binary samples do not contain names.
const JSON_NAMES: u32 = 2;

/// The hash that [`PROTOCOL_VERSION`](crate::engine::protocol::PROTOCOL_VERSION) must be.
pub fn schema_hash() -> u64 {
    let mut sum = Checksum::default();
    sum.word(JSON_NAMES);
    let client = client_samples().into_iter().map(|(_, message)| encode_client(&message));
    let server = server_samples().into_iter().map(|(_, message)| encode_server(&message));
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
    use crate::{
        engine::{
            chat::ChatRejection,
            protocol::{ClientMessage, PROTOCOL_VERSION, decode_client},
        },
        game::protocol::{
            CellChange, Notice, decode_server,
            samples::{changes, notices, refusals},
        },
    };

    #[test]
    fn protocol_version_is_the_schema_hash() {
        assert_eq!(
            PROTOCOL_VERSION,
            schema_hash(),
            "the wire changed: set PROTOCOL_VERSION to {:#018x}, and run `cargo xtask vectors`",
            schema_hash()
        );
    }

    /// Does not compile when a variant is added without a sample.
    #[test]
    fn every_variant_has_a_sample() {
        let client = |message: &ClientMessage| match message {
            ClientMessage::Hello(_) => 0,
            ClientMessage::Input { .. } => 1,
            ClientMessage::ResyncCell(_) => 2,
            ClientMessage::Ack(_) => 3,
            ClientMessage::Chat(_) => 4,
            ClientMessage::Hidden(_) => 5,
            ClientMessage::Lag(_) => 6,
        };
        let said: Vec<i32> = client_samples().iter().map(|(_, message)| client(message)).collect();
        assert!((0..7).all(|variant| said.contains(&variant)));
        let notice = |notice: &Notice| match notice {
            Notice::Roster(_) => 0,
            Notice::Joined(_) => 1,
            Notice::Left(_) => 2,
            Notice::Killed { .. } => 3,
            Notice::Leaderboard(_) => 4,
            Notice::Chat(_) => 5,
            Notice::ChatHistory(_) => 6,
            Notice::Whisper(_) => 7,
            Notice::ChatRejected(_) => 8,
            Notice::Lag(_) => 9,
        };
        assert!(notices().iter().map(notice).eq(0..10));
        let refusal = |notice: &Notice| match notice {
            Notice::ChatRejected(refusal) => match refusal {
                ChatRejection::Empty => 0,
                ChatRejection::TooLong => 1,
                ChatRejection::InvalidCharacters => 2,
                ChatRejection::RateLimited => 3,
                ChatRejection::ArenaRateLimited => 4,
                ChatRejection::NoSuchPlayer => 5,
                ChatRejection::AmbiguousName(_) => 6,
                ChatRejection::UnknownCommand => 7,
            },
            _ => 8,
        };
        assert!(refusals().iter().map(refusal).eq(0..8));
        let change = |change: &CellChange<'_>| match change {
            CellChange::Reset => 0,
            CellChange::Left(_) => 1,
            CellChange::Entered(_) => 2,
            CellChange::Moved(_) => 3,
            CellChange::CatchUp(_) => 4,
            CellChange::Status(_) => 5,
            CellChange::EmbersAdded(_) => 6,
            CellChange::EmbersTaken(_) => 7,
            CellChange::Shots(_) => 8,
            CellChange::Hits(_) => 9,
            CellChange::Deaths(_) => 10,
            CellChange::Checksum(_) => 11,
        };
        assert!(changes().iter().map(change).eq(0..12));
    }

    #[test]
    fn samples_survive_encoding_and_decoding() {
        for (name, message) in client_samples() {
            assert_eq!(decode_client(&encode_client(&message)), Ok(message), "{name}");
        }
        for (name, message) in server_samples() {
            assert_eq!(decode_server(&encode_server(&message)), Ok(message), "{name}");
        }
    }
}
