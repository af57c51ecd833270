//! Chat as a player reads it: each line once, in order, across reconnects, and no line of a muted player.
//!
//! Muting is by name and local to this client: the server does not know of it.

use std::collections::VecDeque;

use shared::engine::{
    chat::{ChatLine, ChatRejection, Whisper},
    ids::PlayerId,
};

/// Notices kept until the page takes them; the oldest are dropped.
const WAITING_MAX: usize = 64;
/// Names that can be muted; the one that was muted first gives way.
const MUTED_MAX: usize = 256;

/// What the server says about chat, whatever the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatNotice {
    /// A new line for everyone.
    Line(ChatLine),
    /// The last lines before this client joined.
    History(Vec<ChatLine>),
    /// A line to or from this player alone.
    Whisper(Whisper),
    /// A line of this player was not sent on.
    Rejected(ChatRejection),
}

/// Chat notices of one session, until the page takes them.
#[derive(Debug, Default)]
pub(crate) struct ChatInbox(VecDeque<ChatNotice>);

impl ChatInbox {
    pub(crate) fn push(&mut self, notice: ChatNotice) {
        if self.0.len() == WAITING_MAX {
            self.0.pop_front();
        }
        self.0.push_back(notice);
    }

    pub(crate) fn take(&mut self) -> VecDeque<ChatNotice> {
        core::mem::take(&mut self.0)
    }
}

/// A line to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatEntry {
    /// A line for everyone.
    Line {
        /// Its author.
        name: String,
        /// The line.
        text: String,
        /// Whether this player wrote it.
        own: bool,
        /// Whether it was said to all arenas.
        to_all: bool,
        /// When the server received it, in milliseconds of Unix time.
        time_ms: u64,
    },
    /// A whisper to or from this player.
    Whisper {
        /// The other player.
        name: String,
        /// The line.
        text: String,
        /// Whether this player wrote it.
        own: bool,
        /// When the server received it, in milliseconds of Unix time.
        time_ms: u64,
    },
    /// A message about chat itself.
    Note(ChatNote),
}

/// A message about chat itself, in no language yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatNote {
    /// A line was not sent on.
    Rejected(ChatRejection),
    /// The muted names, which may be none.
    Muted(Vec<String>),
    /// This name is muted from now on.
    NowMuted(String),
    /// This name is no longer muted.
    Unmuted(String),
    /// This name was to be unmuted, but was not muted.
    WasNotMuted(String),
    /// The commands.
    Help,
}

/// What a typed line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Send it to the server.
    Send(String),
    /// It was a command for this client; show the answer.
    Note(ChatEntry),
    /// It was empty.
    Nothing,
}

/// Which lines were shown, and who is muted. Outlives a session.
#[derive(Debug, Default)]
pub struct ChatLog {
    /// Number and time of the last line. A server that restarts counts from 1 again.
    last: (u32, u64),
    /// In the order in which they were muted.
    muted: Vec<String>,
}

impl ChatLog {
    /// What to show of a notice to the player `me`.
    pub fn receive(&mut self, notice: ChatNotice, me: Option<PlayerId>) -> Vec<ChatEntry> {
        let (lines, is_live) = match notice {
            ChatNotice::Line(line) => (vec![line], true),
            // Its ids are those of earlier sessions, so one equal to `me` may have been another player's.
            ChatNotice::History(lines) => (lines, false),
            ChatNotice::Whisper(whisper) => {
                let own = me == Some(whisper.from);
                let name = if own { whisper.to_name } else { whisper.from_name };
                let entry = ChatEntry::Whisper {
                    name: name.into(),
                    text: whisper.text.into(),
                    own,
                    time_ms: whisper.time_ms,
                };
                return if own || !self.is_muted(&entry) { vec![entry] } else { Vec::new() };
            }
            ChatNotice::Rejected(rejection) => return vec![ChatEntry::Note(ChatNote::Rejected(rejection))],
        };
        let mut entries = Vec::new();
        for line in lines {
            let (number, time_ms) = self.last;
            if line.number <= number && line.time_ms <= time_ms {
                continue;
            }
            // The server's clock may be set back; its numbers only rise.
            self.last = (line.number, line.time_ms.max(time_ms));
            let own = is_live && me == Some(line.from);
            let entry = ChatEntry::Line {
                name: line.name.into(),
                text: line.text.into(),
                own,
                to_all: line.to_all,
                time_ms: line.time_ms,
            };
            if own || !self.is_muted(&entry) {
                entries.push(entry);
            }
        }
        entries
    }

    /// Interprets a typed line, and carries out commands for this client.
    pub fn typed(&mut self, line: &str) -> Typed {
        let line = line.trim();
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (command, rest.trim()) {
            ("", _) => Typed::Nothing,
            ("/mute", "") => note(ChatNote::Muted(self.muted.to_vec())),
            ("/mute", name) => note(self.set_muted(name, true)),
            ("/unmute", name) => note(self.set_muted(name, false)),
            ("/help", _) => note(ChatNote::Help),
            _ => Typed::Send(line.to_owned()),
        }
    }

    /// Mutes a name, or unmutes it if it is muted. Returns the answer to show.
    pub fn toggle_muted(&mut self, name: &str) -> ChatEntry {
        let is_muted = self.muted_index(name).is_some();
        ChatEntry::Note(self.set_muted(name, !is_muted))
    }

    fn set_muted(&mut self, name: &str, muted: bool) -> ChatNote {
        match (muted, self.muted_index(name)) {
            (false, None) => return ChatNote::WasNotMuted(name.into()),
            (false, Some(index)) => {
                self.muted.remove(index);
                return ChatNote::Unmuted(name.into());
            }
            (true, None) => self.muted.push(name.to_owned()),
            (true, Some(_)) => {}
        }
        if self.muted.len() > MUTED_MAX {
            self.muted.remove(0);
        }
        ChatNote::NowMuted(name.into())
    }

    fn muted_index(&self, name: &str) -> Option<usize> {
        self.muted.iter().position(|muted| muted == name)
    }

    /// Whether the author of an entry is muted.
    pub fn is_muted(&self, entry: &ChatEntry) -> bool {
        match entry {
            ChatEntry::Line { name, .. } | ChatEntry::Whisper { name, .. } => {
                self.muted_index(name).is_some()
            }
            ChatEntry::Note(_) => false,
        }
    }
}

fn note(note: ChatNote) -> Typed {
    Typed::Note(ChatEntry::Note(note))
}

#[cfg(test)]
mod tests;
