//! The code of a room, which is in its link, and the key of its creator. Both are random; a code is short enough to be read out, and
//! a key too long to be guessed.

use std::{fmt, str::FromStr};

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::engine::rooms::{ROOM_CODE_LETTERS, ROOM_KEY_BYTES_MAX};

use super::resume::NoRandomness;

/// Letters and digits that are not taken for one another: no I, L, O, 0 and 1. Six of them are 887 million codes.
const ALPHABET: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
/// Random bytes from here on would make the first letters of the alphabet more frequent.
const BYTE_END: u8 = (256 / ALPHABET.len() * ALPHABET.len()) as u8;
/// Bytes of a key.
const KEY_BYTES: usize = 18;
// In base64.
const _: () = assert!(KEY_BYTES * 4 / 3 <= ROOM_KEY_BYTES_MAX);

/// The code of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomCode([u8; ROOM_CODE_LETTERS]);

/// Not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a room's code has {ROOM_CODE_LETTERS} letters and digits, without I, L, O, 0 and 1")]
pub struct NoRoomCode;

impl RoomCode {
    /// A random one.
    pub fn random() -> Result<Self, NoRandomness> {
        let mut code = [0; ROOM_CODE_LETTERS];
        for letter in &mut code {
            *letter = loop {
                let mut byte = [0];
                getrandom::fill(&mut byte)?;
                if byte[0] < BYTE_END {
                    break ALPHABET[usize::from(byte[0]) % ALPHABET.len()];
                }
            };
        }
        Ok(Self(code))
    }
}

impl FromStr for RoomCode {
    type Err = NoRoomCode;

    /// Lower case counts as upper case.
    fn from_str(text: &str) -> Result<Self, NoRoomCode> {
        let mut code: [u8; ROOM_CODE_LETTERS] = text.as_bytes().try_into().map_err(|_| NoRoomCode)?;
        code.make_ascii_uppercase();
        if code.iter().all(|letter| ALPHABET.contains(letter)) { Ok(Self(code)) } else { Err(NoRoomCode) }
    }
}

impl fmt::Display for RoomCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(out, "{}", char::from(*letter)))
    }
}

/// What a server keeps of a creator's key: its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomKeyHash([u8; 32]);

impl RoomKeyHash {
    /// A new key as a text, and its hash.
    pub fn new_key() -> Result<(String, Self), NoRandomness> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes)?;
        let key = BASE64URL_NOPAD.encode(&bytes);
        let hash = Self::of(&key);
        Ok((key, hash))
    }

    fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// Whether this is the key. Hashes are compared, so the time says nothing about how much of the key is right.
    pub fn admits(&self, key: &str) -> bool {
        *self == Self::of(key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn code_is_read_as_it_is_written_in_either_case() {
        for _ in 0..200 {
            let code = RoomCode::random().expect("randomness");
            let text = code.to_string();
            assert_eq!(text.len(), ROOM_CODE_LETTERS);
            assert_eq!(text.parse(), Ok(code));
            assert_eq!(text.to_lowercase().parse(), Ok(code));
        }
        for text in ["", "ABCDE", "ABCDEFG", "ABCDE0", "ABCDEI", "ABC EF", "\u{e9}BCDE", "ABCDE\u{0}"] {
            assert_eq!(text.parse::<RoomCode>(), Err(NoRoomCode), "{text:?}");
        }
    }

    #[test]
    fn every_letter_is_equally_frequent() {
        let codes: Vec<_> = (0..3100).map(|_| RoomCode::random().expect("randomness")).collect();
        assert!(codes.iter().collect::<HashSet<_>>().len() > 3090);
        for letter in ALPHABET {
            let count = codes.iter().flat_map(|code| code.0).filter(|other| other == letter).count();
            // 600 on average, with a deviation of 24.
            assert!((450..750).contains(&count), "{}: {count}", char::from(*letter));
        }
    }

    #[test]
    fn key_opens_its_own_room_only() {
        let (key, hash) = RoomKeyHash::new_key().expect("randomness");
        let (other, _) = RoomKeyHash::new_key().expect("randomness");
        assert!(hash.admits(&key));
        assert!(!hash.admits(&other) && !hash.admits("") && !hash.admits(&key[1..]));
    }
}
