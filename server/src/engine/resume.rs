//! Resume tokens: with one, a client that lost its connection gets its session back. Only this server can make one. Each
//! names the session and its own nonce, so that it is good for one use. Must not know whether the session still exists.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use shared::engine::protocol::{RESUME_TOKEN_BYTES, ResumeToken};

use crate::engine::sessions::SessionId;

/// Bytes of the session's number, and of the nonce.
const PART_BYTES: usize = 8;
/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Where the proof begins: the first half of an HMAC-SHA-256 of what is before it.
const PROOF_AT: usize = 2 * PART_BYTES;

/// What a token says, once its proof was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The session to go on with.
    pub session: SessionId,
    /// Which of its tokens: they are counted.
    pub nonce: u64,
}

/// The key of one arena's tokens. Kept nowhere but in the arena's snapshot.
#[derive(Clone)]
pub struct ResumeKey {
    bytes: [u8; KEY_BYTES],
    hmac: Hmac<Sha256>,
}

impl Serialize for ResumeKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.bytes.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ResumeKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(deserializer).map(Self::from_bytes)
    }
}

impl std::fmt::Debug for ResumeKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ResumeKey(..)")
    }
}

/// The operating system has no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random numbers for the key of resume tokens: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

impl ResumeKey {
    /// A random key.
    pub fn new() -> Result<Self, NoRandomness> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self::from_bytes(bytes))
    }

    /// The key with these bytes. Tokens are as safe as the bytes are random and secret.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        // An HMAC takes a key of any length, and then this cannot fail (RFC 2104).
        let hmac = Hmac::new_from_slice(&bytes).unwrap_or_else(|_| unreachable!("any length is a key"));
        Self { bytes, hmac }
    }

    /// The token that makes this claim.
    pub fn seal(&self, claim: Claim) -> ResumeToken {
        let mut token = [0; RESUME_TOKEN_BYTES];
        token[..PART_BYTES].copy_from_slice(&claim.session.0.to_le_bytes());
        token[PART_BYTES..PROOF_AT].copy_from_slice(&claim.nonce.to_le_bytes());
        let proof = self.hmac.clone().chain_update(&token[..PROOF_AT]).finalize().into_bytes();
        token[PROOF_AT..].copy_from_slice(&proof[..RESUME_TOKEN_BYTES - PROOF_AT]);
        ResumeToken(token)
    }

    /// Checks a token. `None` if it was not sealed with this key. Takes equally long whatever is wrong with it.
    pub fn open(&self, token: &ResumeToken) -> Option<Claim> {
        let (claim, proof) = token.0.split_at(PROOF_AT);
        self.hmac.clone().chain_update(claim).verify_truncated_left(proof).ok()?;
        let (session, nonce) = claim.split_at(PART_BYTES);
        let number = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).ok();
        Some(Claim { session: SessionId(number(session)?), nonce: number(nonce)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sealed_claim_is_opened_and_any_other_token_is_refused(
            session: u64, nonce: u64, byte in 0..RESUME_TOKEN_BYTES, bit in 0..8_u8,
        ) {
            let (ours, theirs) = (ResumeKey::from_bytes([1; KEY_BYTES]), ResumeKey::from_bytes([2; KEY_BYTES]));
            let claim = Claim { session: SessionId(session), nonce };
            let token = ours.seal(claim);
            prop_assert_eq!(ours.open(&token), Some(claim));
            prop_assert_eq!(theirs.open(&token), None);
            let mut forged = token;
            forged.0[byte] ^= 1 << bit;
            prop_assert_eq!(ours.open(&forged), None);
        }
    }
}
