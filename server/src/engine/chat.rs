//! Chat in an arena: cleans lines, bounds their rate, numbers them and finds the addressee of a whisper. Pure: time is an
//! argument. Must not know how a line reaches its readers.

use std::time::Instant;

use shared::engine::{
    chat::{ChatLine, ChatRejection, ChatText, Whisper},
    ids::{PlayerId, PlayerName},
    text::is_joiner,
};

use crate::engine::{
    client_network::ClientNetwork,
    fair_budget::FairBudget,
    text::{self, Joiners},
    token_bucket::{Rate, TokenBucket},
};

/// Lines of one player: one each 1.5 s, four at once.
pub const SPEAKER: Rate = Rate { per_second: 1.0 / 1.5, burst: 4 };
/// Lines of all players together. Bounds what chat adds to each frame, and to the work of a tick.
pub const EVERYONE: Rate = Rate::new(10, 20);
/// Lines that the players of one network may say whatever the others do. More are let through while there is room.
pub const NETWORK: Rate = Rate::new(1, 8);
/// The name that lines of the operator have.
const OPERATOR: &str = "Server";
/// The id that a line has whose author is not a player of this arena. No player has this id.
pub const AUTHOR_ELSEWHERE: PlayerId = PlayerId(u16::MAX);
/// In front of a whisper.
const WHISPER: &str = "/w ";
/// In front of a line to all arenas.
const TO_ALL: &str = "/all ";

/// A chat line, bounded and clean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// For everyone in the arena.
    Aloud(ChatText),
    /// For everyone in all arenas of all nodes.
    ToAll(ChatText),
    /// A name and a text for that player. Names may have spaces, so only the arena can tell where the name ends.
    Whispered(ChatText),
}

/// Reads a line as the client sent it. This is the costly part, so the connection's task does it.
pub fn heard(line: &str) -> Result<Said, ChatRejection> {
    let line = text::clean(line, Joiners::Keep).map_err(|_| ChatRejection::InvalidCharacters)?;
    if let Some(rest) = line.strip_prefix(WHISPER) {
        Ok(Said::Whispered(ChatText::new(rest)?))
    } else if let Some(rest) = line.strip_prefix(TO_ALL) {
        Ok(Said::ToAll(ChatText::new(rest)?))
    } else if line.starts_with('/') {
        Err(ChatRejection::UnknownCommand)
    } else {
        Ok(Said::Aloud(ChatText::new(&line)?))
    }
}

/// An accepted line, and who gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Everyone in the arena.
    Line(ChatLine),
    /// Everyone in all arenas, this one among them, once the line comes back.
    ToAll(ChatText),
    /// The author and the addressee.
    Whisper(Whisper),
}

/// The chat of one arena.
#[derive(Debug)]
pub struct ChatRoom {
    is_on: bool,
    lines: u32,
    everyone: FairBudget,
}

impl Default for ChatRoom {
    /// Nothing was said yet.
    fn default() -> Self {
        Self { is_on: true, lines: 0, everyone: FairBudget::new(EVERYONE, NETWORK) }
    }
}

impl ChatRoom {
    /// Whether lines are let through.
    pub fn set_on(&mut self, is_on: bool) {
        self.is_on = is_on;
    }

    /// A line of the operator, which no limit keeps back.
    pub fn announce(&mut self, text: ChatText, time_ms: u64) -> Option<ChatLine> {
        let name = PlayerName::new(OPERATOR).ok()?;
        Some(self.line((AUTHOR_ELSEWHERE, name), text, false, time_ms))
    }

    /// A line that its author, of this arena or another, has said to all arenas. `None` while the chat is off.
    pub fn hear_all(
        &mut self,
        author: (PlayerId, PlayerName),
        text: ChatText,
        time_ms: u64,
    ) -> Option<ChatLine> {
        self.is_on.then(|| self.line(author, text, true, time_ms))
    }

    /// The next line.
    fn line(
        &mut self,
        (from, name): (PlayerId, PlayerName),
        text: ChatText,
        to_all: bool,
        time_ms: u64,
    ) -> ChatLine {
        self.lines = self.lines.saturating_add(1);
        ChatLine { number: self.lines, time_ms, from, name, text, to_all }
    }

    /// Takes a line of the player `from`, whose chat is bounded by `budget`, and by what its network has said. `pilots` are
    /// all there are; `time_ms` is the Unix time for the line.
    pub fn say<'a>(
        &mut self,
        (budget, network): (&mut Option<TokenBucket>, Option<ClientNetwork>),
        (from, name): (PlayerId, &PlayerName),
        said: Result<Said, ChatRejection>,
        pilots: impl Iterator<Item = (PlayerId, &'a PlayerName)>,
        now: Instant,
        time_ms: u64,
    ) -> Result<Heard, ChatRejection> {
        // A rejected line counts too: the answer is work.
        if !budget.get_or_insert_with(|| TokenBucket::new(SPEAKER, now)).take(now, 1) {
            return Err(ChatRejection::RateLimited);
        }
        let said = said?;
        if !self.is_on {
            return Err(ChatRejection::Off);
        }
        // Whispers count too: finding the addressee means looking at every player.
        if !self.everyone.take(network, now) {
            return Err(ChatRejection::ArenaRateLimited);
        }
        match said {
            Said::Aloud(text) => Ok(Heard::Line(self.line((from, name.clone()), text, false, time_ms))),
            Said::ToAll(text) => Ok(Heard::ToAll(text)),
            Said::Whispered(rest) => {
                let (to, to_name, text) = addressee(rest.as_str(), pilots)?;
                let from_name = name.clone();
                Ok(Heard::Whisper(Whisper { time_ms, from, from_name, to, to_name, text }))
            }
        }
    }
}

/// How long `name` is at the start of `rest`, in either case; `None` if `rest` starts with another word. The joiners of a line,
/// which names do not have, are passed over.
fn length_of(name: &PlayerName, rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().filter(|(_, c)| !is_joiner(*c));
    for expected in name.as_str().chars() {
        let (_, found) = chars.next()?;
        if !found.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    match chars.next() {
        None => Some(rest.len()),
        Some((at, ' ')) => Some(at),
        Some(_) => None,
    }
}

/// The addressee of a whisper, and the text. A player is named by number, as in `#12`, or by name in either case; of several
/// names that fit the longest is taken.
fn addressee<'a>(
    rest: &str,
    pilots: impl Iterator<Item = (PlayerId, &'a PlayerName)>,
) -> Result<(PlayerId, PlayerName, ChatText), ChatRejection> {
    let word = rest.split(' ').next().unwrap_or_default();
    let number = word.strip_prefix('#').and_then(|digits| digits.parse().ok()).map(PlayerId);
    let fits = |id: PlayerId, name: &PlayerName| match number {
        Some(number) => (id == number).then_some(word.len()),
        None => length_of(name, rest),
    };
    let mut best: Option<(usize, PlayerId, &PlayerName)> = None;
    let mut rivals = 0;
    for (id, name) in pilots {
        let Some(length) = fits(id, name) else { continue };
        match best {
            Some((longest, ..)) if length < longest => {}
            Some((longest, ..)) if length == longest => rivals += 1,
            _ => (best, rivals) = (Some((length, id, name)), 0),
        }
    }
    let (length, id, name) = best.ok_or(ChatRejection::NoSuchPlayer)?;
    if rivals > 0 {
        return Err(ChatRejection::AmbiguousName(id));
    }
    Ok((id, name.clone(), ChatText::new(&rest[length..])?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn names(names: &[&str]) -> Vec<(PlayerId, PlayerName)> {
        (0..).map(PlayerId).zip(names.iter().map(|name| PlayerName::new(name).unwrap())).collect()
    }

    fn say(
        (room, budget): (&mut ChatRoom, &mut Option<TokenBucket>),
        line: &str,
        pilots: &[(PlayerId, PlayerName)],
        start: Instant,
        now_ms: u64,
    ) -> Result<Heard, ChatRejection> {
        let (from, name) = &pilots[0];
        let others = pilots.iter().map(|(id, name)| (*id, name));
        let now = start + Duration::from_millis(now_ms);
        room.say((budget, None), (*from, name), heard(line), others, now, now_ms)
    }

    #[test]
    fn letter_and_accent_are_composed() {
        assert_eq!(heard("cafe\u{301}"), Ok(Said::Aloud(ChatText::new("café").unwrap())));
        // Each of these is 2 characters until it is composed.
        assert!(heard(&"e\u{301}".repeat(shared::engine::limits::CHAT_CHARS_MAX)).is_ok());
        for (line, rejection) in [
            ("  ", ChatRejection::Empty),
            ("/w ", ChatRejection::UnknownCommand),
            ("/me waves", ChatRejection::UnknownCommand),
            ("/all ", ChatRejection::UnknownCommand),
            ("/allhi", ChatRejection::UnknownCommand),
            ("\u{3164}\u{2800}", ChatRejection::Empty),
            ("a\u{7}b", ChatRejection::InvalidCharacters),
        ] {
            assert_eq!(heard(line), Err(rejection), "{line:?}");
        }
    }

    #[test]
    fn line_to_all_counts_once_it_comes_back_and_not_where_the_chat_is_off() {
        let (mut room, mut budget, now) = (ChatRoom::default(), None, Instant::now());
        let pilots = names(&["Ada"]);
        let text = || ChatText::new("hi").unwrap();
        assert_eq!(say((&mut room, &mut budget), "/all hi", &pilots, now, 0), Ok(Heard::ToAll(text())));
        let author = || (AUTHOR_ELSEWHERE, pilots[0].1.clone());
        let line = room.hear_all(author(), text(), 7).unwrap();
        assert_eq!((line.number, line.time_ms, line.from, line.to_all), (1, 7, AUTHOR_ELSEWHERE, true));
        room.set_on(false);
        assert_eq!(room.hear_all(author(), text(), 8), None);
        assert_eq!(say((&mut room, &mut budget), "/all hi", &pilots, now, 0), Err(ChatRejection::Off));
    }

    #[test]
    fn player_may_send_four_lines_at_once_then_one_each_1500_ms() {
        let (mut room, mut budget, start) = (ChatRoom::default(), None, Instant::now());
        let pilots = names(&["Ada"]);
        for number in 1..=4 {
            let Ok(Heard::Line(line)) = say((&mut room, &mut budget), "hi", &pilots, start, 10_000) else {
                panic!("rejected")
            };
            assert_eq!((line.number, line.time_ms), (number, 10_000));
        }
        assert_eq!(
            say((&mut room, &mut budget), "hi", &pilots, start, 11_499),
            Err(ChatRejection::RateLimited)
        );
        assert!(say((&mut room, &mut budget), "hi", &pilots, start, 11_501).is_ok());
        assert_eq!(
            say((&mut room, &mut budget), "/nonsense", &pilots, start, 11_502),
            Err(ChatRejection::RateLimited)
        );
        budget = None;
        assert!(say((&mut room, &mut budget), "hi", &pilots, start, 11_503).is_ok());
    }

    #[test]
    fn lines_of_all_players_together_are_bounded_and_each_network_has_a_share() {
        let (mut room, pilots) = (ChatRoom::default(), names(&["Ada"]));
        let ((from, name), now) = (&pilots[0], Instant::now());
        let mut say = |last| {
            let network = ClientNetwork::of([192, 0, 2, last].into());
            let pilots = std::iter::empty();
            // Each line is of a player who has just joined.
            room.say((&mut None, network), (*from, name), heard("hi"), pilots, now, 9_000)
        };
        let rejected = (0..30).filter(|_| say(1) == Err(ChatRejection::ArenaRateLimited)).count();
        assert_eq!(rejected, 20, "one network gets half of the budget at once");
        assert!((0..8).all(|_| say(2).is_ok()));
        assert_eq!(say(2), Err(ChatRejection::ArenaRateLimited));
        assert_eq!((0..30).filter(|last| say(3 + last).is_ok()).count(), 2, "all together 20");
    }

    #[test]
    fn whisper_finds_the_longest_name_or_a_number() {
        let pilots = names(&["Me", "Ada", "Ada Lovelace", "Bo", "bo", "火花", "❤"]);
        let to = |line: &str| {
            say((&mut ChatRoom::default(), &mut None), line, &pilots, Instant::now(), 0).map(|heard| {
                match heard {
                    Heard::Whisper(whisper) => (whisper.to.0, String::from(whisper.text)),
                    other => panic!("no whisper: {other:?}"),
                }
            })
        };
        assert_eq!(to("/w Ada hi there"), Ok((1, "hi there".into())));
        assert_eq!(to("/w ada lovelace hi"), Ok((2, "hi".into())));
        assert_eq!(to("/w 火花 你好"), Ok((5, "你好".into())));
        assert_eq!(to("/w ❤\u{FE0F} hi ❤\u{FE0F}"), Ok((6, "hi ❤\u{FE0F}".into())));
        assert_eq!(to("/w #4 hi"), Ok((4, "hi".into())));
        assert_eq!(to("/w Bo hi"), Err(ChatRejection::AmbiguousName(PlayerId(3))));
        assert_eq!(to("/w Adam hi"), Err(ChatRejection::NoSuchPlayer));
        assert_eq!(to("/w #99 hi"), Err(ChatRejection::NoSuchPlayer));
        assert_eq!(to("/w Ada"), Err(ChatRejection::Empty));
    }
}
