//! Join tickets: an operator's own login system admits players by signing a ticket for each, which the client shows in its
//! `Hello`. A ticket is a JSON Web Token (RFC 7519) signed with HMAC-SHA-256 (`HS256`), which every language has a library for.
//!
//! Invariant: no claim is read before the signature was checked, and no other algorithm than `HS256` is accepted.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer};
use sha2::Sha256;
use shared::engine::limits::TICKET_BYTES_MAX;

/// Shortest key, in bytes: as long as the signature (RFC 7518, section 3.2).
const KEY_BYTES_MIN: usize = 32;
/// How far the clocks of the two servers may differ, in seconds.
const CLOCK_SKEW: u64 = 5;

/// The key that the login system and this server share.
#[derive(Clone)]
pub struct JoinKey(Hmac<Sha256>);

impl std::fmt::Debug for JoinKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("JoinKey(..)")
    }
}

/// What a ticket says. Other claims are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Ticket {
    /// Until when it admits, in Unix seconds.
    pub exp: u64,
    /// From when on.
    #[serde(default)]
    pub nbf: u64,
    /// The player's name, in place of the one in the `Hello`.
    pub name: Option<String>,
    /// The slug of the only arena that it admits to.
    pub arena: Option<String>,
    /// Who the player is on every visit, as the login system calls it: its records are kept under a hash of this. A claim that is not
    /// a text is ignored.
    #[serde(default, rename = "sub", deserialize_with = "text_or_nothing")]
    pub subject: Option<String>,
}

fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(Some(text)),
        _ => Ok(None),
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// Why a ticket is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// There is none.
    #[error("this server admits players with a ticket only; log in at the site that leads here")]
    Missing,
    /// It is not a signed token.
    #[error("the ticket is not a JSON Web Token signed with HS256")]
    Malformed,
    /// Another key has signed it, or it was changed.
    #[error("the ticket is not signed with this server's key")]
    Signature,
    /// Its time is over.
    #[error("the ticket has expired; get a new one")]
    Expired,
    /// Its time has not begun.
    #[error("the ticket is not valid yet")]
    NotYet,
    /// It is for another arena.
    #[error("the ticket is for another arena")]
    Arena,
}

impl JoinKey {
    /// The key of these bytes; `None` if they are too few to be safe.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let key = Hmac::new_from_slice(bytes).ok()?;
        (bytes.len() >= KEY_BYTES_MIN).then_some(Self(key))
    }

    /// Reads a ticket for this arena, now.
    pub fn admit(&self, ticket: Option<&str>, arena: &str) -> Result<Ticket, TicketError> {
        let ticket = self.open(ticket.ok_or(TicketError::Missing)?)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        ticket.check(arena, now)?;
        Ok(ticket)
    }

    /// Checks the signature and reads the claims, whatever they are.
    pub fn open(&self, text: &str) -> Result<Ticket, TicketError> {
        let bytes = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| TicketError::Malformed);
        if text.len() > TICKET_BYTES_MAX {
            return Err(TicketError::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TicketError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TicketError::Malformed)?;
        let mac = self.0.clone().chain_update(signed);
        mac.verify_slice(&bytes(signature)?).map_err(|_| TicketError::Signature)?;
        let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| TicketError::Malformed)?;
        if header.alg != "HS256" {
            return Err(TicketError::Malformed);
        }
        serde_json::from_slice(&bytes(claims)?).map_err(|_| TicketError::Malformed)
    }
}

impl Ticket {
    fn check(&self, arena: &str, now: u64) -> Result<(), TicketError> {
        if self.exp.saturating_add(CLOCK_SKEW) <= now {
            Err(TicketError::Expired)
        } else if self.nbf > now.saturating_add(CLOCK_SKEW) {
            Err(TicketError::NotYet)
        } else if self.arena.as_deref().is_some_and(|only| only != arena) {
            Err(TicketError::Arena)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn key() -> JoinKey {
        JoinKey::new(KEY).expect("it is long enough")
    }

    fn signed(header: &str, claims: &str) -> String {
        let signed = format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(header.as_bytes()),
            BASE64URL_NOPAD.encode(claims.as_bytes())
        );
        let signature = key().0.chain_update(&signed).finalize().into_bytes();
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    #[test]
    fn signed_claims_are_read_and_checked() {
        let text = signed(HEADER, r#"{"exp":1000,"nbf":900,"name":"Ada","arena":"duel","sub":"7"}"#);
        let ticket = key().open(&text).expect("it is signed");
        assert_eq!((ticket.name.as_deref(), ticket.subject.as_deref()), (Some("Ada"), Some("7")));
        let number = key().open(&signed(HEADER, r#"{"exp":1000,"sub":7}"#)).expect("it is signed");
        assert_eq!(number.subject, None);
        for (arena, now, expected) in [
            ("duel", 950, Ok(())),
            ("drift", 950, Err(TicketError::Arena)),
            ("duel", 1004, Ok(())),
            ("duel", 1005, Err(TicketError::Expired)),
            ("duel", 895, Ok(())),
            ("duel", 894, Err(TicketError::NotYet)),
        ] {
            assert_eq!(ticket.check(arena, now), expected, "{arena} {now}");
        }
        assert_eq!(key().admit(Some(&text), "duel"), Err(TicketError::Expired));
        assert_eq!(key().admit(None, "duel"), Err(TicketError::Missing));
    }

    /// The example of RFC 7515, appendix A.1: its key, its token, whose claims have a time that is long over.
    #[test]
    fn token_of_another_implementation_is_read() {
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0\
                     dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let key = JoinKey::new(&BASE64URL_NOPAD.decode(key.as_bytes()).expect("base64url")).expect("a key");
        assert_eq!(key.open(token).map(|ticket| ticket.exp), Ok(1_300_819_380));
    }

    #[test]
    fn token_without_a_signature_or_of_another_algorithm_is_refused() {
        let claims = r#"{"exp":99999999999}"#;
        let none = signed(r#"{"alg":"none"}"#, claims);
        assert_eq!(key().open(&none), Err(TicketError::Malformed));
        let (unsigned, _) = none.rsplit_once('.').expect("three parts");
        assert_eq!(key().open(&format!("{unsigned}.")), Err(TicketError::Signature));
        assert_eq!(key().open(unsigned), Err(TicketError::Malformed));
        assert_eq!(key().open(&signed(HEADER, r#"{"name":"Ada"}"#)), Err(TicketError::Malformed), "no exp");
        assert!(JoinKey::new(&KEY[1..]).is_none(), "too short");
    }

    proptest! {
        #[test]
        fn changed_ticket_is_refused(at in 0..80_usize, change in 1..=255_u8) {
            let mut bytes = signed(HEADER, r#"{"exp":99999999999}"#).into_bytes();
            let at = at % bytes.len();
            bytes[at] ^= change;
            if let Ok(text) = String::from_utf8(bytes) {
                prop_assert!(key().open(&text).is_err());
            }
        }

        #[test]
        fn any_text_is_answered(text in ".{0,200}") {
            prop_assert!(key().open(&text).is_err());
        }
    }
}
