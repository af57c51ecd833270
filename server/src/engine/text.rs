//! Cleans what people type, for all to read: names and chat. Every text has one form: Unicode's NFC, single spaces, nothing
//! hidden, a letter under each mark, and so few marks on it that they stay in their line. Cleaning twice changes nothing.

use shared::engine::text::{is_hidden, is_joiner, is_unprintable};
use unicode_normalization::{
    UnicodeNormalization,
    char::{canonical_combining_class, is_combining_mark},
};

/// Most marks on one letter. Burmese writes five.
pub const MARKS_MAX: usize = 5;
/// Most of them that are placed on top of each other: those of a combining class. Hebrew with vowel points has three.
pub const STACKED_MARKS_MAX: usize = 3;

/// Whether a text keeps the hidden characters that join letters and emoji.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joiners {
    /// Chat: between two characters, neither of them white space or ASCII, as Persian, Hindi and families of emoji need
    /// them; and selectors of style directly behind the character that they are for.
    Keep,
    /// Names: what looks the same must be the same.
    Drop,
}

/// The text has control characters, private use or noncharacters, which no person types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text has control characters or others without a meaning")]
pub struct Unprintable;

/// Brings `text` into its one form, which is empty if it shows nothing.
pub fn clean(text: &str, joiners: Joiners) -> Result<String, Unprintable> {
    if text.contains(is_unprintable) {
        return Err(Unprintable);
    }
    let keeps = |c: &char| !is_hidden(*c) || (joiners == Joiners::Keep && is_joiner(*c));
    let mut cleaned = Cleaned { text: String::with_capacity(text.len()), ..Cleaned::default() };
    text.chars().filter(keeps).nfc().for_each(|c| cleaned.push(c));
    // A letter and a mark may now be neighbours that were not.
    Ok(cleaned.text.nfc().collect())
}

/// The kind of the character before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    /// Nothing, or white space.
    #[default]
    Space,
    Ascii,
    Letter,
    Mark,
    Selector,
}

#[derive(Debug, Default)]
struct Cleaned {
    text: String,
    last: Last,
    /// White space since the last character.
    space: bool,
    /// Needs a character behind it.
    joiner: Option<char>,
    marks: usize,
    stacked: usize,
}

impl Cleaned {
    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.space = !self.text.is_empty();
            (self.last, self.joiner) = (Last::Space, None);
        } else if matches!(c, '\u{FE0E}' | '\u{FE0F}') {
            if self.joiner.is_none() && matches!(self.last, Last::Ascii | Last::Letter) {
                self.text.push(c);
                self.last = Last::Selector;
            }
        } else if is_joiner(c) {
            if matches!(self.last, Last::Letter | Last::Mark | Last::Selector) {
                self.joiner.get_or_insert(c);
            }
        } else if is_combining_mark(c) {
            self.push_mark(c);
        } else {
            if self.space {
                self.text.push(' ');
            }
            self.text.extend(self.joiner.take().filter(|_| !c.is_ascii()));
            self.text.push(c);
            self.last = if c.is_ascii() { Last::Ascii } else { Last::Letter };
            (self.space, self.marks, self.stacked) = (false, 0, 0);
        }
    }

    fn push_mark(&mut self, mark: char) {
        let stacks = usize::from(canonical_combining_class(mark) != 0);
        let (marks, stacked) = (self.marks + 1, self.stacked + stacks);
        if self.last == Last::Space || marks > MARKS_MAX || stacked > STACKED_MARKS_MAX {
            return;
        }
        self.text.extend(self.joiner.take());
        self.text.push(mark);
        (self.last, self.marks, self.stacked) = (Last::Mark, marks, stacked);
    }
}

#[cfg(test)]
mod tests;
