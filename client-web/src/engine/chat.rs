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
mod tests {
    use shared::engine::{chat::ChatText, ids::PlayerName};

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
        let name = |entry: &ChatEntry| match entry {
            ChatEntry::Line { name, .. } | ChatEntry::Whisper { name, .. } => name.clone(),
            ChatEntry::Note(note) => format!("{note:?}"),
        };
        entries.iter().map(name).collect()
    }

    #[test]
    fn each_line_is_shown_once_across_histories_and_restarts() {
        let mut log = ChatLog::default();
        let history = |last| ChatNotice::History((1..=last).map(|number| line(number, "Ada")).collect());
        assert_eq!(log.receive(history(3), None).len(), 3);
        assert_eq!(log.receive(ChatNotice::Line(line(4, "Bo")), None).len(), 1);
        assert_eq!(log.receive(history(6), None).len(), 2);
        let set_back = ChatLine { time_ms: 1, ..line(7, "Bo") };
        assert_eq!(log.receive(ChatNotice::Line(set_back.clone()), None).len(), 1);
        assert!(log.receive(ChatNotice::History(vec![line(6, "Ada"), set_back]), None).is_empty());
        let after_restart = ChatLine { time_ms: 99_000, ..line(1, "Cy") };
        assert_eq!(names(&log.receive(ChatNotice::Line(after_restart), None)), ["Cy"]);
    }

    #[test]
    fn muted_players_are_hidden_and_own_lines_never_are() {
        let mut log = ChatLog::default();
        assert!(matches!(log.typed(" /mute Ada Lovelace "), Typed::Note(_)));
        assert!(log.receive(ChatNotice::Line(line(1, "Ada Lovelace")), None).is_empty());
        assert_eq!(log.receive(ChatNotice::Line(line(2, "Ada Lovelace")), Some(PlayerId(2))).len(), 1);
        assert_eq!(names(&log.receive(ChatNotice::Line(line(3, "Ada")), None)), ["Ada"]);
        let whisper = Whisper {
            time_ms: 1,
            from: PlayerId(1),
            from_name: PlayerName::new("Ada Lovelace").unwrap(),
            to: PlayerId(2),
            to_name: PlayerName::new("Bo").unwrap(),
            text: ChatText::new("psst").unwrap(),
        };
        let whisper = ChatNotice::Whisper(whisper);
        assert!(log.receive(whisper.clone(), Some(PlayerId(2))).is_empty());
        log.typed("/unmute Ada Lovelace");
        assert_eq!(names(&log.receive(whisper.clone(), Some(PlayerId(2)))), ["Ada Lovelace"]);
        assert_eq!(names(&log.receive(whisper, Some(PlayerId(1)))), ["Bo"]);
    }

    #[test]
    fn toggling_mutes_and_unmutes_and_the_list_is_bounded() {
        let mut log = ChatLog::default();
        assert_eq!(log.toggle_muted("Ada"), ChatEntry::Note(ChatNote::NowMuted("Ada".into())));
        assert_eq!(log.typed("/mute"), note(ChatNote::Muted(vec!["Ada".into()])));
        assert_eq!(log.toggle_muted("Ada"), ChatEntry::Note(ChatNote::Unmuted("Ada".into())));
        assert_eq!(log.typed("/unmute Ada"), note(ChatNote::WasNotMuted("Ada".into())));
        (0..=MUTED_MAX).for_each(|i| assert!(matches!(log.typed(&format!("/mute P{i}")), Typed::Note(_))));
        assert_eq!((log.muted.len(), log.muted_index("P0")), (MUTED_MAX, None));
    }

    #[test]
    fn lines_that_are_no_client_command_go_to_the_server() {
        let mut log = ChatLog::default();
        assert_eq!(log.typed("  gg "), Typed::Send("gg".into()));
        assert_eq!(log.typed("/w Ada hi"), Typed::Send("/w Ada hi".into()));
        assert_eq!(log.typed("/mutex"), Typed::Send("/mutex".into()));
        assert_eq!(log.typed("   "), Typed::Nothing);
        let rejection = ChatRejection::RateLimited;
        let entries = log.receive(ChatNotice::Rejected(rejection.clone()), None);
        assert_eq!(entries, [ChatEntry::Note(ChatNote::Rejected(rejection))]);
    }

    #[test]
    fn inbox_keeps_the_newest_notices() {
        let mut inbox = ChatInbox::default();
        (1..=100).for_each(|number| inbox.push(ChatNotice::Line(line(number, "Ada"))));
        let taken = inbox.take();
        assert_eq!(taken.len(), WAITING_MAX);
        assert_eq!(taken.back(), Some(&ChatNotice::Line(line(100, "Ada"))));
        assert!(inbox.take().is_empty());
    }
}
