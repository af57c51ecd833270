//! What is heard and said, for one who listens through several connections: each line once, in order, and nothing from
//! those who are muted. It must not know how lines are shown.

use std::collections::VecDeque;

use shared::{
    engine::{chat::ChatRejection, ids::PlayerId},
    game::protocol::Notice,
};

use crate::game::strings::{Strings, fill};

/// Lines that may wait to be taken; of more the oldest are left out.
const WAITING_MAX: usize = 64;
/// Names that may be muted; of more the one that was muted first is heard again.
const MUTED_MAX: usize = 256;

/// What is said about chat in one session, until somebody takes it.
#[derive(Debug, Default)]
pub(super) struct ChatInbox(VecDeque<Notice>);

impl ChatInbox {
    /// Keeps a notice about chat.
    pub(super) fn hear(&mut self, notice: Notice) {
        if self.0.len() == WAITING_MAX {
            self.0.pop_front();
        }
        self.0.push_back(notice);
    }

    pub(super) fn take(&mut self) -> VecDeque<Notice> {
        core::mem::take(&mut self.0)
    }
}

/// A line to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatEntry {
    /// Said to everyone.
    Line {
        /// By whom.
        name: String,
        /// What.
        text: String,
        /// Whether this player said it.
        own: bool,
        /// When the server heard it, in milliseconds of Unix time.
        time_ms: u64,
    },
    /// Said to this player, or by it to one.
    Whisper {
        /// The other one.
        name: String,
        /// What.
        text: String,
        /// Whether this player said it.
        own: bool,
        /// When the server heard it, in milliseconds of Unix time.
        time_ms: u64,
    },
    /// Something about chat itself.
    Note(ChatNote),
}

/// What there is to say about chat itself, in whatever language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatNote {
    /// A line was not passed on.
    Refused(ChatRejection),
    /// Asked who is muted: these, if any.
    Muted(Vec<String>),
    /// This one is not heard from now on.
    NowMuted(String),
    /// This one is heard from now on.
    HeardAgain(String),
    /// This one was heard all the time.
    WasNotMuted(String),
    /// Asked for help.
    Help,
}

impl ChatNote {
    /// Says it.
    pub fn text(&self, words: &Strings) -> String {
        match self {
            Self::Refused(refusal) => fill(words.not_sent, &[&words.refusal(refusal)]),
            Self::Muted(names) if names.is_empty() => words.nobody_muted.to_owned(),
            Self::Muted(names) => fill(words.muted_names, &[&names.join(", ")]),
            Self::NowMuted(name) => fill(words.now_muted, &[name]),
            Self::HeardAgain(name) => fill(words.heard_again, &[name]),
            Self::WasNotMuted(name) => fill(words.was_not_muted, &[name]),
            Self::Help => words.help.to_owned(),
        }
    }
}

/// What becomes of a line that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// It is for the server.
    Send(String),
    /// It was for this client; this is the answer.
    Note(ChatEntry),
    /// There was nothing in it.
    Nothing,
}

/// What was heard, and who is not to be.
#[derive(Debug, Default)]
pub struct ChatLog {
    /// The last line's number and time. A server that starts again counts from 1 again.
    last: (u32, u64),
    /// In the order in which they were muted.
    muted: Vec<String>,
}

impl ChatLog {
    /// What of a notice is to be shown to the player `me`.
    pub fn hear(&mut self, notice: Notice, me: Option<PlayerId>) -> Vec<ChatEntry> {
        let (lines, is_live) = match notice {
            Notice::Chat(line) => (vec![line], true),
            // By the numbers of those who were here then: this player's may have been somebody else's.
            Notice::ChatHistory(lines) => (lines, false),
            Notice::Whisper(whisper) => {
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
            Notice::ChatRejected(refusal) => return vec![ChatEntry::Note(ChatNote::Refused(refusal))],
            _ => return Vec::new(),
        };
        let mut entries = Vec::new();
        for line in lines {
            let (number, time_ms) = self.last;
            if line.number <= number && line.time_ms <= time_ms {
                continue;
            }
            // The clock of a server may be set back; its numbers are not.
            self.last = (line.number, line.time_ms.max(time_ms));
            let own = is_live && me == Some(line.from);
            let entry = ChatEntry::Line {
                name: line.name.into(),
                text: line.text.into(),
                own,
                time_ms: line.time_ms,
            };
            if own || !self.is_muted(&entry) {
                entries.push(entry);
            }
        }
        entries
    }

    /// Takes a line that was typed: commands for this client are carried out here.
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

    /// Mutes a name if it is not, and the other way round; the answer to show.
    pub fn toggle_muted(&mut self, name: &str) -> ChatEntry {
        let is_muted = self.place_of_muted(name).is_some();
        ChatEntry::Note(self.set_muted(name, !is_muted))
    }

    fn set_muted(&mut self, name: &str, muted: bool) -> ChatNote {
        let place = self.place_of_muted(name);
        match (muted, place) {
            (false, None) => return ChatNote::WasNotMuted(name.into()),
            (false, Some(place)) => {
                self.muted.remove(place);
                return ChatNote::HeardAgain(name.into());
            }
            (true, None) => self.muted.push(name.to_owned()),
            (true, Some(_)) => {}
        }
        if self.muted.len() > MUTED_MAX {
            self.muted.remove(0);
        }
        ChatNote::NowMuted(name.into())
    }

    fn place_of_muted(&self, name: &str) -> Option<usize> {
        self.muted.iter().position(|muted| muted == name)
    }

    /// Whether an entry is by somebody who is muted.
    pub fn is_muted(&self, entry: &ChatEntry) -> bool {
        match entry {
            ChatEntry::Line { name, .. } | ChatEntry::Whisper { name, .. } => {
                self.place_of_muted(name).is_some()
            }
            ChatEntry::Note(_) => false,
        }
    }
}

fn note(note: ChatNote) -> Typed {
    Typed::Note(ChatEntry::Note(note))
}

#[cfg(test)]
mod tests {
    use shared::engine::{
        chat::{ChatLine, ChatText, Whisper},
        name::PlayerName,
    };

    use crate::game::strings::Language;

    use super::*;

    fn line(number: u32, name: &str) -> ChatLine {
        ChatLine {
            number,
            time_ms: u64::from(number) * 1000,
            from: PlayerId(number as u16),
            name: PlayerName::new(name).unwrap(),
            text: ChatText::new("hi").unwrap(),
        }
    }

    fn names(entries: &[ChatEntry]) -> Vec<String> {
        entries
            .iter()
            .map(|entry| match entry {
                ChatEntry::Line { name, .. } | ChatEntry::Whisper { name, .. } => name.clone(),
                ChatEntry::Note(note) => note.text(Language::English.strings()),
            })
            .collect()
    }

    #[test]
    fn each_line_is_heard_once_across_histories_and_restarts() {
        let mut log = ChatLog::default();
        let history = |last| Notice::ChatHistory((1..=last).map(|number| line(number, "Ada")).collect());
        assert_eq!(log.hear(history(3), None).len(), 3);
        assert_eq!(log.hear(Notice::Chat(line(4, "Bo")), None).len(), 1);
        assert_eq!(log.hear(history(6), None).len(), 2);
        let set_back = ChatLine { time_ms: 1, ..line(7, "Bo") };
        assert_eq!(log.hear(Notice::Chat(set_back.clone()), None).len(), 1);
        assert!(log.hear(Notice::ChatHistory(vec![line(6, "Ada"), set_back]), None).is_empty());
        let after_restart = ChatLine { time_ms: 99_000, ..line(1, "Cy") };
        assert_eq!(names(&log.hear(Notice::Chat(after_restart), None)), ["Cy"]);
    }

    #[test]
    fn the_muted_are_not_heard_and_oneself_always_is() {
        let mut log = ChatLog::default();
        assert!(matches!(log.typed(" /mute Ada Lovelace "), Typed::Note(_)));
        assert!(log.hear(Notice::Chat(line(1, "Ada Lovelace")), None).is_empty());
        assert_eq!(log.hear(Notice::Chat(line(2, "Ada Lovelace")), Some(PlayerId(2))).len(), 1);
        assert_eq!(names(&log.hear(Notice::Chat(line(3, "Ada")), None)), ["Ada"]);
        let whisper = Whisper {
            time_ms: 1,
            from: PlayerId(1),
            from_name: PlayerName::new("Ada Lovelace").unwrap(),
            to: PlayerId(2),
            to_name: PlayerName::new("Bo").unwrap(),
            text: ChatText::new("psst").unwrap(),
        };
        assert!(log.hear(Notice::Whisper(whisper.clone()), Some(PlayerId(2))).is_empty());
        log.typed("/unmute Ada Lovelace");
        assert_eq!(names(&log.hear(Notice::Whisper(whisper.clone()), Some(PlayerId(2)))), ["Ada Lovelace"]);
        assert_eq!(names(&log.hear(Notice::Whisper(whisper), Some(PlayerId(1)))), ["Bo"]);
    }

    #[test]
    fn what_is_not_for_this_client_goes_to_the_server() {
        let mut log = ChatLog::default();
        assert_eq!(log.typed("  gg "), Typed::Send("gg".into()));
        assert_eq!(log.typed("/w Ada hi"), Typed::Send("/w Ada hi".into()));
        assert_eq!(log.typed("/mutex"), Typed::Send("/mutex".into()));
        assert_eq!(log.typed("   "), Typed::Nothing);
        let refused = log.hear(Notice::ChatRejected(ChatRejection::RateLimited), None);
        assert_eq!(names(&refused), ["not sent: not so fast: wait a moment"]);
    }
}
