//! The token with which a client resumes its session after a disconnect. Only the server that issued it can read it.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Bytes of a token.
pub const RESUME_TOKEN_BYTES: usize = 32;

/// A token from a welcome, valid for one hello. In JSON it is hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct ResumeToken(pub [u8; RESUME_TOKEN_BYTES]);

impl core::fmt::Debug for ResumeToken {
    /// Hides the token: a reader of a log could take over the session.
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("ResumeToken(..)")
    }
}

impl core::fmt::Display for ResumeToken {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// Not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a resume token must be the 64 hexadecimal digits from the welcome")]
pub struct NotAToken;

impl core::str::FromStr for ResumeToken {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let digits = text.as_bytes();
        if digits.len() != 2 * RESUME_TOKEN_BYTES {
            return Err(NotAToken);
        }
        let mut bytes = [0; RESUME_TOKEN_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let nibble = |digit: u8| char::from(digit).to_digit(16).ok_or(NotAToken);
            *byte = (nibble(pair[0])? << 4 | nibble(pair[1])?) as u8;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for ResumeToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for ResumeToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        } else {
            <[u8; RESUME_TOKEN_BYTES]>::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_survives_text(bytes: [u8; RESUME_TOKEN_BYTES]) {
            prop_assert_eq!(ResumeToken(bytes).to_string().parse(), Ok(ResumeToken(bytes)));
        }

        #[test]
        fn other_text_is_rejected(text in "\\PC{0,70}") {
            prop_assume!(text.len() != 64 || text.bytes().any(|byte| !byte.is_ascii_hexdigit()));
            prop_assert_eq!(text.parse::<ResumeToken>(), Err(NotAToken));
        }
    }
}
