//! Lines of chat: what a valid line is, and why one is rejected. The server cleans a line before it checks it.

use serde::{Deserialize, Serialize};

use crate::engine::{
    ids::{PlayerId, PlayerName},
    limits::{CHAT_BYTES_MAX, CHAT_CHARS_MAX},
    text::{is_hidden, is_joiner, is_plain},
};

/// A valid line: 1 to 120 visible characters, none of which can reorder or hide the text around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct ChatText(String);

/// Why a line was rejected. Sent to its author only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ChatRejection {
    /// Only white space and hidden characters.
    #[error("the line is empty")]
    Empty,
    /// Longer than the limit.
    #[error("a line may have at most {CHAT_CHARS_MAX} characters")]
    TooLong,
    /// Control characters, private use or noncharacters. The server removes hidden characters before it checks.
    #[error("a line may contain visible characters only")]
    InvalidCharacters,
    /// The author exceeds its rate limit.
    #[error("you are sending too fast: wait a moment")]
    RateLimited,
    /// The arena exceeds its rate limit.
    #[error("the chat is busy: wait a moment")]
    ArenaRateLimited,
    /// A whisper to a player who is not in the arena.
    #[error("no player has that name")]
    NoSuchPlayer,
    /// A whisper to a name that several players have; the id of one of them.
    #[error("several players have that name: whisper by number, for example /w #{}", .0.0)]
    AmbiguousName(PlayerId),
    /// The line starts with a slash, but is no known command.
    #[error("unknown command: the commands are /w NAME TEXT and /all TEXT")]
    UnknownCommand,
    /// The creator of the room has turned its chat off.
    #[error("the chat of this room is off")]
    Off,
}

impl ChatText {
    /// Trims and checks `text`.
    pub fn new(text: &str) -> Result<Self, ChatRejection> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ChatRejection::Empty);
        }
        if text.len() > CHAT_BYTES_MAX || text.chars().count() > CHAT_CHARS_MAX {
            return Err(ChatRejection::TooLong);
        }
        if !is_plain(text, |c| !is_hidden(c) || is_joiner(c)) {
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

/// A line for everyone in the arena.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChatLine {
    /// Sequence number in the arena, from 1. Lines are delivered in this order; a client recognises duplicates by it.
    pub number: u32,
    /// When the server received it, in milliseconds of Unix time.
    pub time_ms: u64,
    /// Who said it; 65,535 for the operator, and for a player of another arena.
    pub from: PlayerId,
    /// The author's name then: by now the id may belong to another player.
    pub name: PlayerName,
    /// What was said.
    pub text: ChatText,
    /// Whether it was said to all arenas.
    pub to_all: bool,
}

/// A line for one player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Whisper {
    /// When the server received it, in milliseconds of Unix time.
    pub time_ms: u64,
    /// Who said it.
    pub from: PlayerId,
    /// The author's name.
    pub from_name: PlayerName,
    /// The recipient.
    pub to: PlayerId,
    /// The recipient's name.
    pub to_name: PlayerName,
    /// What was said.
    pub text: ChatText,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_trimmed_and_limited() {
        assert_eq!(ChatText::new("  gg  ").map(String::from), Ok("gg".into()));
        assert_eq!(ChatText::new(" \t "), Err(ChatRejection::Empty));
        assert!(ChatText::new(&"🔥".repeat(CHAT_CHARS_MAX)).is_ok());
        assert_eq!(ChatText::new(&"x".repeat(CHAT_CHARS_MAX + 1)), Err(ChatRejection::TooLong));
        assert!(ChatText::new("❤\u{FE0F}\u{200D}🔥").is_ok());
        for bad in ["a\nb", "a\u{202E}b", "a\u{200B}b", "a\u{7}b", "a\u{2066}b", "a\u{2800}b"] {
            assert_eq!(ChatText::new(bad), Err(ChatRejection::InvalidCharacters), "{bad:?}");
        }
    }
}
