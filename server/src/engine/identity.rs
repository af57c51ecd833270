//! Who a player is on every visit, without an account: its client has a secret, and proves it. What is kept is a hash of the public
//! key, which proves nothing.
//!
//! A proof is one line of text, in a `Hello` or in the header of a request, with its parts in base64 for addresses:
//! `KEY.CHALLENGE.SIGNATURE` from a client that can sign with Ed25519, or `SECRET` from one that cannot, for which the server derives
//! the key. The key comes from the secret, so both name the same player.
//!
//! Invariant: a challenge is of this process, at most [`CHALLENGE_LASTS`] old, and good for one proof.

use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use shared::engine::{
    limits::IDENTITY_BYTES_MAX,
    protocol::{Hello, Role},
};

use super::records::LastingId;

/// How long a challenge is good.
pub const CHALLENGE_LASTS: Duration = Duration::from_secs(60);
/// Used challenges that are remembered. More proofs within [`CHALLENGE_LASTS`] are refused.
const USED_MAX: usize = 100_000;
/// Bytes of the time in a challenge, and of what makes it unlike others.
const PART_BYTES: usize = 8;
/// Where the proof of a challenge begins: the first half of an HMAC-SHA-256 of what is before it.
const MAC_AT: usize = 2 * PART_BYTES;
const CHALLENGE_BYTES: usize = MAC_AT + 16;

/// What is signed begins with this, so that a signature is good for nothing else.
const SIGNED: &[u8] = b"emberdrift challenge v1";
/// What is hashed to the seed of a player's key begins with this.
const OF_SECRET: &[u8] = b"emberdrift identity v1";
/// What is hashed to a player's id begins with one of these, so that no key is another's subject.
const OF_KEY: &[u8] = b"emberdrift player v1";
const OF_SUBJECT: &[u8] = b"emberdrift subject v1";

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// It is no proof.
    #[error("the proof of identity is not KEY.CHALLENGE.SIGNATURE or SECRET in base64url")]
    Malformed,
    /// The challenge is not of this server, or too old.
    #[error("the challenge is not this server's, or older than a minute; get a new one")]
    Expired,
    /// The challenge was used.
    #[error("the challenge was used before; get a new one for each proof")]
    Used,
    /// The signature is not of this key and this challenge.
    #[error("the signature is not of this key and this challenge")]
    Signature,
    /// Too many proofs within a minute.
    #[error("too many proofs of identity at once; retry in a minute")]
    Busy,
}

impl LastingId {
    /// Of the player with this public key.
    fn of_key(key: &VerifyingKey) -> Self {
        Self::of(OF_KEY, key.as_bytes())
    }

    /// Of a player that the operator's own login calls this.
    pub fn of_subject(subject: &str) -> Self {
        Self::of(OF_SUBJECT, subject.as_bytes())
    }

    fn of(domain: &[u8], bytes: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(domain).chain_update(bytes).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }
}

/// Gives challenges, and checks proofs.
pub struct Identities {
    key: Hmac<Sha256>,
    /// Times in challenges count from here.
    began: Instant,
    used: Mutex<Used>,
}

/// The challenges that were used within the last minute.
#[derive(Debug, Default)]
struct Used {
    known: BTreeSet<[u8; PART_BYTES]>,
    /// The same, with the time of use, oldest first.
    order: VecDeque<(Duration, [u8; PART_BYTES])>,
}

impl fmt::Debug for Identities {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Identities(..)")
    }
}

impl Identities {
    /// With a key of its own, from `now` on.
    pub fn new(now: Instant) -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        // An HMAC takes a key of any length, and then this cannot fail (RFC 2104).
        let key = Hmac::new_from_slice(&key).unwrap_or_else(|_| unreachable!("any length is a key"));
        Ok(Self { key, began: now, used: Mutex::default() })
    }

    /// A new challenge.
    pub fn challenge(&self, now: Instant) -> Result<String, getrandom::Error> {
        let mut bytes = [0; CHALLENGE_BYTES];
        let age = u64::try_from(now.saturating_duration_since(self.began).as_millis()).unwrap_or(u64::MAX);
        bytes[..PART_BYTES].copy_from_slice(&age.to_be_bytes());
        getrandom::fill(&mut bytes[PART_BYTES..MAC_AT])?;
        let mac = self.key.clone().chain_update(&bytes[..MAC_AT]).finalize().into_bytes();
        bytes[MAC_AT..].copy_from_slice(&mac[..CHALLENGE_BYTES - MAC_AT]);
        Ok(BASE64URL_NOPAD.encode(&bytes))
    }

    /// Who a player is: by the operator's login, if that says it, or by the proof in its hello. `None` without either, and of
    /// spectators.
    pub fn of_hello(
        &self,
        hello: &Hello,
        subject: Option<&str>,
        now: Instant,
    ) -> Result<Option<LastingId>, IdentityError> {
        match (subject, &hello.identity) {
            _ if hello.role != Role::Player => Ok(None),
            (Some(subject), _) => Ok(Some(LastingId::of_subject(subject))),
            (None, Some(proof)) => self.prove(proof, now).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The player that a proof names.
    pub fn prove(&self, proof: &str, now: Instant) -> Result<LastingId, IdentityError> {
        if proof.len() > IDENTITY_BYTES_MAX {
            return Err(IdentityError::Malformed);
        }
        let parts: Vec<_> = proof.split('.').collect();
        match *parts {
            [secret] => Ok(LastingId::of_key(&key_of(&decoded(secret)?).verifying_key())),
            [key, challenge, signature] => {
                let key = VerifyingKey::from_bytes(&decoded(key)?).map_err(|_| IdentityError::Malformed)?;
                let signature = Signature::from_bytes(&decoded(signature)?);
                let signed = [SIGNED, challenge.as_bytes()].concat();
                let (nonce, age) = self.opened(&decoded(challenge)?, now)?;
                key.verify_strict(&signed, &signature).map_err(|_| IdentityError::Signature)?;
                // Last, so that a forged proof uses up no challenge.
                self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(nonce, age)?;
                Ok(LastingId::of_key(&key))
            }
            _ => Err(IdentityError::Malformed),
        }
    }

    /// What makes a challenge unlike others, and the time now.
    fn opened(
        &self,
        challenge: &[u8; CHALLENGE_BYTES],
        now: Instant,
    ) -> Result<([u8; PART_BYTES], Duration), IdentityError> {
        let (said, mac) = challenge.split_at(MAC_AT);
        let is_ours = self.key.clone().chain_update(said).verify_truncated_left(mac).is_ok();
        let (made, nonce) = said.split_at(PART_BYTES);
        let (Ok(made), Ok(nonce)) = (made.try_into(), nonce.try_into()) else {
            return Err(IdentityError::Malformed);
        };
        let (made, age) = (Duration::from_millis(u64::from_be_bytes(made)), now.duration_since(self.began));
        if is_ours && age.saturating_sub(made) <= CHALLENGE_LASTS {
            Ok((nonce, age))
        } else {
            Err(IdentityError::Expired)
        }
    }
}

impl Used {
    /// Notes a challenge at `now`, unless it was noted before.
    fn insert(&mut self, nonce: [u8; PART_BYTES], now: Duration) -> Result<(), IdentityError> {
        while let Some((at, old)) = self.order.front()
            && now.saturating_sub(*at) > CHALLENGE_LASTS
        {
            self.known.remove(old);
            self.order.pop_front();
        }
        if self.known.contains(&nonce) {
            return Err(IdentityError::Used);
        }
        if self.order.len() >= USED_MAX {
            return Err(IdentityError::Busy);
        }
        self.known.insert(nonce);
        self.order.push_back((now, nonce));
        Ok(())
    }
}

/// The key of the player with this secret.
fn key_of(secret: &[u8; 16]) -> SigningKey {
    SigningKey::from_bytes(&Sha256::new().chain_update(OF_SECRET).chain_update(secret).finalize().into())
}

fn decoded<const N: usize>(text: &str) -> Result<[u8; N], IdentityError> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| IdentityError::Malformed)?;
    bytes.try_into().map_err(|_| IdentityError::Malformed)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::Signer;
    use proptest::prelude::*;

    use super::*;

    const SECRET: [u8; 16] = [7; 16];

    fn signed(challenge: &str) -> String {
        let key = key_of(&SECRET);
        let signature = key.sign(&[SIGNED, challenge.as_bytes()].concat());
        let [key, signature] = [&key.verifying_key().to_bytes()[..], &signature.to_bytes()]
            .map(|part| BASE64URL_NOPAD.encode(part));
        format!("{key}.{challenge}.{signature}")
    }

    /// Computed by another implementation (Python, RFC 8032).
    const ID: &str = "f65f5798f5ce8cc0eb437d19a8d1df71";

    #[test]
    fn signature_and_secret_name_the_same_player() {
        let now = Instant::now();
        let identities = Identities::new(now).expect("randomness");
        let proof = signed(&identities.challenge(now).expect("randomness"));
        assert!(proof.len() <= IDENTITY_BYTES_MAX);
        let id = identities.prove(&proof, now).expect("it is signed");
        assert_eq!(identities.prove(&BASE64URL_NOPAD.encode(&SECRET), now), Ok(id));
        assert_eq!(format!("{id:?}"), ID);
        assert_ne!(LastingId::of_subject("7"), LastingId::of_subject("8"));
    }

    #[test]
    fn challenge_is_good_once_for_a_minute_at_the_server_that_gave_it() {
        let now = Instant::now();
        let (ours, theirs) =
            (Identities::new(now).expect("randomness"), Identities::new(now).expect("randomness"));
        let proof = |identities: &Identities, at| signed(&identities.challenge(at).expect("randomness"));
        let used = proof(&ours, now);
        assert!(ours.prove(&used, now).is_ok());
        for (proof, at, expected) in [
            (used, now, IdentityError::Used),
            (proof(&theirs, now), now, IdentityError::Expired),
            (proof(&ours, now), now + CHALLENGE_LASTS + Duration::from_millis(1), IdentityError::Expired),
        ] {
            assert_eq!(ours.prove(&proof, at), Err(expected));
        }
        assert!(ours.prove(&proof(&ours, now), now + CHALLENGE_LASTS).is_ok());
    }

    #[test]
    fn memory_of_used_challenges_is_bounded() {
        let mut used = Used::default();
        let nonce = |number: usize| (number as u64).to_be_bytes();
        let (first, later) = (Duration::from_secs(1), Duration::from_secs(62));
        (0..USED_MAX).for_each(|number| used.insert(nonce(number), first).expect("there is room"));
        assert_eq!(used.insert(nonce(USED_MAX), first), Err(IdentityError::Busy));
        assert_eq!(used.insert(nonce(USED_MAX), later), Ok(()));
        assert_eq!((used.known.len(), used.order.len()), (1, 1));
    }

    proptest! {
        #[test]
        fn changed_proof_is_refused(at in 0..185_usize, change in 1..=255_u8) {
            let now = Instant::now();
            let identities = Identities::new(now).expect("randomness");
            let proof = signed(&identities.challenge(now).expect("randomness"));
            let mut changed = proof.clone().into_bytes();
            let at = at % changed.len();
            changed[at] ^= change;
            if let Ok(text) = String::from_utf8(changed) {
                prop_assert!(identities.prove(&text, now).is_err(), "{text}");
            }
            prop_assert!(identities.prove(&proof, now).is_ok(), "the challenge is still good");
        }

        #[test]
        fn any_text_is_answered(text in "[A-Za-z0-9_.-]{0,260}") {
            let identities = Identities::new(Instant::now()).expect("randomness");
            // A secret is any 16 bytes.
            let is_secret = BASE64URL_NOPAD.decode(text.as_bytes()).is_ok_and(|bytes| bytes.len() == 16);
            prop_assert_eq!(identities.prove(&text, Instant::now()).is_ok(), is_secret);
        }
    }
}
