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
    use crate::engine::protocol::PROTOCOL_VERSION;

    #[test]
    fn protocol_version_is_the_schema_hash() {
        assert_eq!(
            PROTOCOL_VERSION,
            schema_hash(),
            "the wire changed: set PROTOCOL_VERSION to {:#018x}, and run `cargo xtask vectors`",
            schema_hash()
        );
    }
}
