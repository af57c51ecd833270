//! Every text that the player reads, in each language.

mod en;
mod zh;

use shared::game::mode::Team;

pub use self::en::Strings;
use crate::engine::page::{language::Language, strings::PageStrings};

pub use crate::engine::page::strings::fill;

/// The texts of a language.
pub fn strings(language: Language) -> &'static Strings {
    match language {
        Language::English => &en::STRINGS,
        Language::Chinese => &zh::STRINGS,
    }
}

/// The texts of a language that any game has.
pub fn page_strings(language: Language) -> &'static PageStrings {
    match language {
        Language::English => &en::PAGE,
        Language::Chinese => &zh::PAGE,
    }
}

/// The text of this key, as the page names it.
pub fn text(language: Language, key: &str) -> Option<&'static str> {
    static TEXTS: [[&str; Strings::KEYS.len()]; 2] = [en::STRINGS.texts(), zh::STRINGS.texts()];
    Strings::KEYS.iter().position(|name| *name == key).map(|index| TEXTS[language as usize][index])
}

impl Strings {
    /// The name of the hull of this tier, 0 to 3.
    pub fn hull_name(&self, tier: u8) -> &'static str {
        match tier {
            0 => self.hull_0,
            1 => self.hull_1,
            2 => self.hull_2,
            3 => self.hull_3,
            4 => self.hull_4,
            5 => self.hull_5,
            _ => self.hull_6,
        }
    }

    /// The translated name of a built-in arena; of any other its own name.
    pub fn arena_name<'a>(&self, name: &'a str) -> &'a str {
        match name {
            "Drift" => self.name_drift,
            "Expanse" => self.name_expanse,
            "Ruins" => self.name_ruins,
            "Duel" => self.name_duel,
            "Teams" => self.name_teams,
            "Showdown" => self.name_showdown,
            _ => name,
        }
    }

    /// What a built-in arena is like; empty for any other.
    pub fn arena_about(&self, name: &str) -> &'static str {
        match name {
            "Drift" => self.arena_drift,
            "Expanse" => self.arena_expanse,
            "Ruins" => self.arena_ruins,
            "Duel" => self.arena_duel,
            "Teams" => self.arena_teams,
            "Showdown" => self.arena_showdown,
            _ => "",
        }
    }

    /// How an arena is played, by the server's word for it; empty for each for itself.
    pub fn mode_name(&self, mode: &str) -> &'static str {
        match mode {
            "teams" => self.mode_teams,
            "duel" => self.mode_duel,
            _ => "",
        }
    }

    /// A number of embers, in words.
    pub fn embers(&self, count: u32) -> String {
        match count {
            1 => self.one_ember.to_owned(),
            many => fill(self.many_embers, &[&many.to_string()]),
        }
    }

    /// The word behind a number of ships.
    pub fn ships_word(&self, count: u32) -> &'static str {
        if count == 1 { self.one_ship } else { self.ships }
    }

    /// The name of a team.
    pub fn team_name(&self, Team(team): Team) -> &'static str {
        match team {
            0 => self.team_0,
            1 => self.team_1,
            2 => self.team_2,
            _ => self.team_3,
        }
    }

    /// Tips for the time between two lives.
    pub fn tips(&self) -> [&'static str; 9] {
        [
            self.tip_boost,
            self.tip_leader,
            self.tip_grow,
            self.tip_rocks,
            self.tip_streak,
            self.tip_pickups,
            self.tip_scatter,
            self.tip_shield,
            self.tip_smoulder,
        ]
    }
}

#[cfg(test)]
mod tests;
