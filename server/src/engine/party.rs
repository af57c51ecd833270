//! Parties: players that came by one link and have a code in common. What is kept of a code is a hash of it, so neither a snapshot nor
//! a recording lets others into a party.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::engine::limits::PARTY_BYTES_MAX;

/// A party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartyId(pub u64);

/// A code that no party can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("party: expected 1 to {PARTY_BYTES_MAX} letters and digits")]
pub struct PartyCodeError;

impl PartyId {
    /// The party with this code, in either case.
    pub fn of_code(code: &str) -> Result<Self, PartyCodeError> {
        let is_code = (1..=PARTY_BYTES_MAX).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code {
            return Err(PartyCodeError);
        }
        let hash = Sha256::new()
            .chain_update("emberdrift party v1")
            .chain_update(code.to_ascii_uppercase())
            .finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        Ok(Self(u64::from_le_bytes(first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn party_has_one_code_in_either_case() {
        let party = PartyId::of_code("ABC234").expect("it is a code");
        assert_eq!(PartyId::of_code("abc234"), Ok(party));
        assert_ne!(PartyId::of_code("ABC235"), Ok(party));
    }

    /// Snapshots have it: after an update the members of a party must still be one party.
    #[test]
    fn hash_of_a_code_stays_the_same() {
        let party = PartyId::of_code("ABC234").expect("it is a code");
        assert_eq!(party, PartyId(10_027_214_550_115_085_764));
    }

    #[test]
    fn codes_are_short_and_plain() {
        let long = "A".repeat(PARTY_BYTES_MAX + 1);
        for code in ["", "ABC 23", "\u{e9}BC", "A/B", &long] {
            assert_eq!(PartyId::of_code(code), Err(PartyCodeError), "{code}");
        }
        assert!(PartyId::of_code(&long[1..]).is_ok());
    }
}
