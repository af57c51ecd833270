//! What a pilot may say to others, and why a line is refused. The server normalises a line before it asks here; a
//! client may ask beforehand.

use serde::{Deserialize, Serialize};

use crate::engine::{
    ids::PlayerId,
    limits::{CHAT_BYTES_MAX, CHAT_CHARS_MAX},
    name::{PlayerName, is_deceptive},
};

/// A line fit to be shown: 1 to 120 characters on one line, none of them invisible or able to turn the text around
/// them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct ChatText(String);

/// Why a line was not passed on. Told to its author alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ChatRejection {
    /// Nothing but white space.
    #[error("the line is empty")]
    Empty,
    /// Longer than the limit.
    #[error("a line may have at most {CHAT_CHARS_MAX} characters")]
    TooLong,
    /// Control characters, or ones that reorder or hide text.
    #[error("a line may contain visible characters only")]
    InvalidCharacters,
    /// The author says more than its share.
    #[error("you are sending too fast: wait a moment")]
    RateLimited,
    /// Everybody together says more than can be read.
    #[error("the chat is busy: wait a moment")]
    ArenaRateLimited,
    /// A whisper to somebody who is not here.
    #[error("no player has that name")]
    NoSuchPlayer,
    /// A whisper to a name that several have.
    #[error("several players have that name: whisper by number, for example /w #{}", .0.0)]
    AmbiguousName(PlayerId),
    /// A line that begins with a slash and is no command.
    #[error("unknown command: the only command is /w NAME TEXT")]
    UnknownCommand,
}

impl ChatText {
    /// Checks `text`, without the white space around it.
    pub fn new(text: &str) -> Result<Self, ChatRejection> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ChatRejection::Empty);
        }
        if text.len() > CHAT_BYTES_MAX || text.chars().count() > CHAT_CHARS_MAX {
            return Err(ChatRejection::TooLong);
        }
        if text.chars().any(|c| c.is_control() || is_deceptive(c)) {
            return Err(ChatRejection::InvalidCharacters);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ChatText {
    type Error = ChatRejection;
    fn try_from(text: String) -> Result<Self, ChatRejection> {
        Self::new(&text)
    }
}

impl From<ChatText> for String {
    fn from(text: ChatText) -> Self {
        text.0
    }
}

/// One line that everyone hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatLine {
    /// Counted from 1 for the arena's first: in this order lines are heard, and a line that comes twice is known by it.
    pub number: u32,
    /// When the server heard it, in milliseconds of Unix time.
    pub time_ms: u64,
    /// Who said it.
    pub from: PlayerId,
    /// What its author was called then; the number may be somebody else's by now.
    pub name: PlayerName,
    /// What was said.
    pub text: ChatText,
}

/// One line that only two hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Whisper {
    /// When the server heard it, in milliseconds of Unix time.
    pub time_ms: u64,
    /// Who said it.
    pub from: PlayerId,
    /// What its author is called.
    pub from_name: PlayerName,
    /// Who else hears it.
    pub to: PlayerId,
    /// What that one is called.
    pub to_name: PlayerName,
    /// What was said.
    pub text: ChatText,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded() {
        assert_eq!(ChatText::new("  gg  ").map(String::from), Ok("gg".into()));
        assert_eq!(ChatText::new(" \t "), Err(ChatRejection::Empty));
        assert!(ChatText::new(&"🔥".repeat(CHAT_CHARS_MAX)).is_ok());
        assert_eq!(ChatText::new(&"x".repeat(CHAT_CHARS_MAX + 1)), Err(ChatRejection::TooLong));
        for bad in ["a\nb", "a\u{202E}b", "a\u{200B}b", "a\u{7}b", "a\u{2066}b"] {
            assert_eq!(ChatText::new(bad), Err(ChatRejection::InvalidCharacters), "{bad:?}");
        }
    }
}
