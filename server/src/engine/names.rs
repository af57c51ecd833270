//! The names of players in one arena: no two of them look alike. A player who asks for a name that is taken, or for one that
//! looks like it, gets it with a number: `Ada 2`. Names are compared by their skeletons (UTS 39), in which characters that
//! look alike are the same, and without regard to case.
//!
//! A session has its name until it is removed, also while its player is disconnected.

use std::collections::{HashMap, HashSet};

use shared::engine::{ids::PlayerName, limits::NAME_CHARS_MAX};

use crate::engine::{
    sessions::SessionId,
    text::{self, Joiners},
};

/// The largest number behind a name. It bounds the work of a join.
const NUMBER_MAX: u32 = 9;
/// A space and the number.
const NUMBER_CHARS: usize = 2;

/// The name that a client asks for, cleaned; `None` if it cannot be a name.
pub fn requested(text: &str) -> Option<PlayerName> {
    PlayerName::new(&text::clean(text, Joiners::Drop).ok()?).ok()
}

/// What looks the same has the same key: a skeleton of small letters.
pub fn key(name: &str) -> String {
    let skeleton = |text: &str| lower(&unicode_security::skeleton(text).collect::<String>());
    skeleton(&skeleton(name))
}

/// The two keys of a name. Names look alike if they share one: a capital I looks like a small l, and is also the capital of i.
fn keys(name: &str) -> [String; 2] {
    [key(name), key(&lower(name))]
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The names that are taken. Its size is bounded by the number of sessions.
#[derive(Debug)]
pub struct Names {
    /// Keys of words that, with a number, only the server gives as names.
    reserved: HashSet<String>,
    // With a keyed hash: clients choose the names.
    taken: HashSet<String>,
    of: HashMap<SessionId, [String; 2]>,
}

impl Names {
    /// None is taken yet. The server itself gives names of a word of `reserved` and a number.
    pub fn new<'a>(reserved: impl IntoIterator<Item = &'a str>) -> Self {
        let reserved = reserved.into_iter().flat_map(keys).collect();
        Self { reserved, taken: HashSet::new(), of: HashMap::new() }
    }

    /// Sessions that have a name here.
    pub fn taken(&self) -> usize {
        self.of.len()
    }

    /// Takes `wanted` for a session, if necessary with a number. `None` if that is taken too, or reserved. What the session had
    /// before is free again.
    pub fn take(&mut self, session: SessionId, wanted: PlayerName) -> Option<PlayerName> {
        self.release(session);
        let (name, keys) = self.free(wanted)?;
        self.taken.extend(keys.clone());
        self.of.insert(session, keys);
        Some(name)
    }

    /// Frees the name of a session that was removed.
    pub fn release(&mut self, session: SessionId) {
        for key in self.of.remove(&session).into_iter().flatten() {
            self.taken.remove(&key);
        }
    }

    fn is_reserved(&self, key: &str) -> bool {
        // In keys, 0 and 1 are the letters that they look like.
        let is_digit = |c: char| c.is_ascii_digit() || matches!(c, 'o' | 'l');
        let parts = key.rsplit_once(' ');
        parts.is_some_and(|(word, number)| number.chars().all(is_digit) && self.reserved.contains(word))
    }

    fn free(&self, wanted: PlayerName) -> Option<(PlayerName, [String; 2])> {
        let is_free = |name: PlayerName| {
            let keys = keys(name.as_str());
            let is_taken = keys.iter().any(|key| self.taken.contains(key) || self.is_reserved(key));
            (!is_taken).then_some((name, keys))
        };
        if keys(wanted.as_str()).iter().any(|key| self.is_reserved(key)) {
            return None;
        }
        // Cut, so that the number fits.
        let start: String = wanted.as_str().chars().take(NAME_CHARS_MAX - NUMBER_CHARS).collect();
        is_free(wanted).or_else(|| {
            (2..=NUMBER_MAX)
                .find_map(|number| is_free(PlayerName::new(&format!("{} {number}", start.trim_end())).ok()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::engine::limits::NAME_BYTES_MAX;

    use super::*;

    fn take(names: &mut Names, session: u64, wanted: &str) -> Option<String> {
        names.take(SessionId(session), requested(wanted).expect("a name")).map(String::from)
    }

    #[test]
    fn name_that_looks_like_a_taken_one_gets_a_number() {
        for alike in
            ["Ada", "ada", "\u{410}da", "A\u{34F}da", "Α\u{501}а", "Ａｄａ", "A\u{200D}da", " Ada ", "𝐀𝐝𝐚"]
        {
            let mut names = Names::new(["Pilot"]);
            assert_eq!(take(&mut names, 1, "Ada").as_deref(), Some("Ada"));
            let second = take(&mut names, 2, alike).unwrap();
            assert_eq!(second, format!("{} 2", requested(alike).unwrap().as_str()), "{alike}");
        }
        let mut names = Names::new(["Pilot"]);
        for (session, other) in (1..).zip(["Ada", "Aida", "Adá", "Bo", "Paul", "火", "火花"]) {
            assert_eq!(take(&mut names, session, other).as_deref(), Some(other));
        }
        assert_eq!(take(&mut names, 9, "PauI").as_deref(), Some("PauI 2"), "a capital i is no l");
        for (session, (name, other)) in
            (20..).zip([("Kim", "KIM"), ("max", "MAX"), ("MIMI", "mimi"), ("İvan", "i̇van")])
        {
            assert_eq!(take(&mut names, session, name).as_deref(), Some(name));
            let second = take(&mut names, 10 + session, other).unwrap();
            assert!(second.ends_with(" 2"), "{name} and {second}");
        }
        let mut names = Names::new(["Pilot", "Flint"]);
        for reserved in ["FLINT 7", "flint 7", "PILOT 12", "Pi1ot 3"] {
            assert_eq!(take(&mut names, 1, reserved), None, "{reserved}");
        }
    }

    #[test]
    fn numbers_are_counted_up_to_the_largest_and_used_again() {
        let mut names = Names::new(["Pilot"]);
        assert_eq!(take(&mut names, 3, "Ada 3").as_deref(), Some("Ada 3"));
        for (session, name) in
            (10..).zip(["Ada", "Ada 2", "Ada 4", "Ada 5", "Ada 6", "Ada 7", "Ada 8", "Ada 9"])
        {
            assert_eq!(take(&mut names, session, "Ada").as_deref(), Some(name));
        }
        assert_eq!(take(&mut names, 30, "Ada"), None);
        names.release(SessionId(10));
        names.release(SessionId(10));
        assert_eq!(take(&mut names, 30, "Ada").as_deref(), Some("Ada"));
        names.release(SessionId(12));
        assert_eq!(take(&mut names, 31, "ADA").as_deref(), Some("ADA 4"));
    }

    #[test]
    fn number_fits_behind_the_longest_name() {
        for longest in ["Ada Lovelace III", "🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥", "Abcdefghijklm op"]
        {
            let mut names = Names::new(["Pilot"]);
            assert_eq!(take(&mut names, 1, longest).as_deref(), Some(longest));
            let second = take(&mut names, 2, longest).unwrap();
            assert!(second.ends_with(" 2") && second.chars().count() <= NAME_CHARS_MAX, "{second}");
            assert!(!second.contains("  "), "{second}");
        }
    }

    #[test]
    fn session_that_takes_another_name_frees_its_first() {
        let mut names = Names::new(["Pilot"]);
        take(&mut names, 1, "Ada");
        assert_eq!(take(&mut names, 1, "ada").as_deref(), Some("ada"));
        assert_eq!(take(&mut names, 1, "Bo").as_deref(), Some("Bo"));
        assert_eq!(take(&mut names, 2, "Ada").as_deref(), Some("Ada"));
        assert_eq!((names.of.len(), names.taken.len()), (2, 2));
    }

    #[test]
    fn names_of_the_table_of_faults_are_refused_or_cleaned() {
        for invisible in ["\u{3164}", "\u{2800}", "\u{115F}", "\u{FFA0}", "\u{034F}", "\u{FE0F}", "\u{7}", ""]
        {
            assert_eq!(requested(invisible), None, "{}", invisible.escape_unicode());
        }
        let marks = requested(&format!("a{}", "\u{323}\u{335}\u{301}".repeat(5))).unwrap();
        assert!(marks.as_str().chars().count() <= 1 + text::MARKS_MAX);
        assert_eq!(requested("A\u{34F}da").unwrap().as_str(), "Ada");
    }

    #[test]
    fn names_that_the_server_gives_are_reserved() {
        let mut names = Names::new(["Pilot", "Flint"]);
        for reserved in ["Pilot 7", "pilot 10", "Рilot 7", "FIint 12", "Pilot 1O"] {
            assert_eq!(take(&mut names, 1, reserved), None, "{reserved}");
        }
        for free in ["Pilot", "Pilot Ada", "Copilot 7", "Flint"] {
            assert_eq!(take(&mut names, 1, free).as_deref(), Some(free));
        }
        take(&mut names, 1, "Pilot");
        assert_eq!(take(&mut names, 2, "Pilot"), None);
    }

    proptest! {
        /// Joins and leaves in any order, of names from few letters, so that many look alike.
        #[test]
        fn no_two_sessions_have_names_that_look_alike(
            steps in proptest::collection::vec((0_u64..12, proptest::option::of("[AaАа1lIiMm ]{1,16}")), 1..60),
        ) {
            let (mut names, mut present) = (Names::new(["Pilot"]), HashMap::new());
            for (session, wanted) in steps {
                names.release(SessionId(session));
                present.remove(&session);
                let Some(wanted) = wanted.and_then(|wanted| requested(&wanted)) else { continue };
                if let Some(name) = names.take(SessionId(session), wanted) {
                    prop_assert!(name.as_str().len() <= NAME_BYTES_MAX);
                    present.insert(session, HashSet::from(keys(name.as_str())));
                }
                let all: HashSet<_> = present.values().flatten().cloned().collect();
                prop_assert_eq!(all.len(), present.values().map(HashSet::len).sum::<usize>(), "shared by two");
                prop_assert_eq!(&names.taken, &all);
            }
        }
    }
}
