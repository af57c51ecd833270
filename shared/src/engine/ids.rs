//! Ids as types of their own, and the names of players.

use serde::{Deserialize, Serialize, Serializer};

use crate::engine::{
    limits::{NAME_BYTES_MAX, NAME_CHARS_MAX},
    text::{is_hidden, is_plain},
};

/// A simulation step, counted from the server's start. Does not wrap: at 128 Hz a `u32` lasts a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tick(pub u32);

impl Tick {
    /// The tick `ticks` later.
    #[must_use]
    pub fn after(self, ticks: u32) -> Self {
        Self(self.0.saturating_add(ticks))
    }

    /// Ticks from `earlier` to `self`; zero if `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A player in the arena, human or server-controlled. The server assigns the lowest free id, so that sorted ids have small
/// gaps, which take fewer bytes. It holds the id of a player that has left for a second before it assigns it again, because others may still
/// mean that player by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlayerId(pub u16);

impl PlayerId {
    /// An id that no player ever has.
    pub const NONE: Self = Self(u16::MAX);
}

/// A cell of the arena's grid, row by row from the bottom left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellIndex(pub u16);

/// A valid name: 1 to 16 visible characters, none of which can reorder or hide the text around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub struct PlayerName(String);

/// As the text. Not by serde's `into`, which would make a copy of each name.
impl Serialize for PlayerName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Why a text cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Only white space.
    #[error("a name needs at least one visible character")]
    Empty,
    /// Longer than the limit.
    #[error("a name may have at most {NAME_CHARS_MAX} characters")]
    TooLong,
    /// Control or hidden characters, or white space other than one space between words.
    #[error("a name may contain visible characters and single spaces only")]
    Invisible,
}

impl PlayerName {
    /// Trims and checks `text`. The server has cleaned it: a name is in Unicode's form NFC and has few marks on a letter.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > NAME_BYTES_MAX || text.chars().count() > NAME_CHARS_MAX {
            return Err(NameError::TooLong);
        }
        if !is_plain(text, |c| !is_hidden(c)) {
            return Err(NameError::Invisible);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PlayerName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<PlayerName> for String {
    fn from(name: PlayerName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::ids::*;

    #[test]
    fn name_is_trimmed_and_limited() {
        assert_eq!(PlayerName::new("  Ada  ").map(String::from), Ok("Ada".into()));
        assert_eq!(PlayerName::new(" \t"), Err(NameError::Empty));
        assert!(PlayerName::new(&"火".repeat(NAME_CHARS_MAX)).is_ok());
        assert_eq!(PlayerName::new(&"x".repeat(NAME_CHARS_MAX + 1)), Err(NameError::TooLong));
        for bad in [
            "a\u{202E}b",
            "a\nb",
            "a  b",
            "\u{3164}",
            "\u{2800}",
            "\u{115F}",
            "\u{FFA0}",
            "A\u{34F}da",
            "❤\u{FE0F}",
        ] {
            assert_eq!(PlayerName::new(bad), Err(NameError::Invisible), "{}", bad.escape_unicode());
        }
    }
}
