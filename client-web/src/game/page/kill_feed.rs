//! The lines of the kill feed.

use crate::game::{
    scene::HudKill,
    strings::{Strings, fill},
};

/// Shorter streaks that end are not worth a word.
const ENDED_MIN: u8 = 3;

/// A part of a line: its tag name, its class for the style sheet, and its text.
pub type KillPart = (&'static str, &'static str, String);

/// The parts of a kill's line, from left to right.
pub fn parts(kill: &HudKill, strings: &Strings) -> Vec<KillPart> {
    let mut parts = Vec::with_capacity(5);
    if kill.by.is_empty() {
        parts.push(("b", "", kill.victim.clone()));
        parts.push(("span", "mark", "✦".to_owned()));
    } else {
        parts.push(("b", "", kill.by.clone()));
        parts.push(("span", "mark", "➤".to_owned()));
        parts.push(("span", "", kill.victim.clone()));
    }
    if kill.streak > 1 {
        parts.push(("i", "streak", fill(strings.streak, &[&kill.streak.to_string()])));
    }
    if kill.ended >= ENDED_MIN {
        parts.push(("i", "ended", fill(strings.ended_streak, &[&kill.ended.to_string()])));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::page::language::Language, game::strings::strings};

    fn kill(by: &str, streak: u8, ended: u8) -> HudKill {
        HudKill { victim: "Vic".into(), by: by.into(), streak, ended, ..HudKill::default() }
    }

    fn texts(kill: &HudKill) -> Vec<String> {
        parts(kill, strings(Language::English)).into_iter().map(|(.., text)| text).collect()
    }

    #[test]
    fn the_killer_stands_before_the_victim() {
        assert_eq!(texts(&kill("Kim", 1, 0)), ["Kim", "➤", "Vic"]);
    }

    #[test]
    fn a_death_without_a_killer_names_the_victim_only() {
        assert_eq!(texts(&kill("", 0, 0)), ["Vic", "✦"]);
    }

    #[test]
    fn a_streak_is_told_from_the_second_kill_on() {
        assert_eq!(texts(&kill("Kim", 1, 0)).len(), 3);
        assert!(texts(&kill("Kim", 2, 0))[3].contains('2'));
    }

    #[test]
    fn only_a_streak_worth_a_word_is_said_to_end() {
        assert_eq!(texts(&kill("Kim", 1, ENDED_MIN - 1)).len(), 3);
        let parts = parts(&kill("Kim", 4, ENDED_MIN), strings(Language::English));
        assert_eq!(
            parts.iter().map(|(_, class, _)| *class).collect::<Vec<_>>(),
            ["", "mark", "", "streak", "ended"]
        );
    }
}
