//! Every text that the player reads, in each language.

mod en;
mod zh;

use shared::engine::{chat::ChatRejection, limits::CHAT_CHARS_MAX, protocol::CloseReason};

pub use self::en::Strings;
use crate::engine::{chat::ChatNote, lag::LagPart, page::language::Language};

/// The texts of a language.
pub fn strings(language: Language) -> &'static Strings {
    match language {
        Language::English => &en::STRINGS,
        Language::Chinese => &zh::STRINGS,
    }
}

/// The text of this key, as the page names it.
pub fn text(language: Language, key: &str) -> Option<&'static str> {
    static TEXTS: [[&str; Strings::KEYS.len()]; 2] = [en::STRINGS.texts(), zh::STRINGS.texts()];
    Strings::KEYS.iter().position(|name| *name == key).map(|index| TEXTS[language as usize][index])
}

impl Strings {
    /// A message about chat itself.
    pub fn chat_note(&self, note: &ChatNote) -> String {
        match note {
            ChatNote::Rejected(rejection) => fill(self.not_sent, &[&self.chat_rejection(rejection)]),
            ChatNote::Muted(names) if names.is_empty() => self.none_muted.to_owned(),
            ChatNote::Muted(names) => fill(self.muted_names, &[&names.join(", ")]),
            ChatNote::NowMuted(name) => fill(self.now_muted, &[name]),
            ChatNote::Unmuted(name) => fill(self.unmuted, &[name]),
            ChatNote::WasNotMuted(name) => fill(self.was_not_muted, &[name]),
            ChatNote::Help => self.help.to_owned(),
        }
    }

    fn chat_rejection(&self, rejection: &ChatRejection) -> String {
        let text = match rejection {
            ChatRejection::Empty => self.rejected_empty,
            ChatRejection::TooLong => self.rejected_long,
            ChatRejection::InvalidCharacters => self.rejected_invisible,
            ChatRejection::RateLimited => self.rejected_fast,
            ChatRejection::ArenaRateLimited => self.rejected_busy,
            ChatRejection::NoSuchPlayer => self.rejected_no_player,
            ChatRejection::AmbiguousName(one) => return fill(self.rejected_ambiguous, &[&one.0.to_string()]),
            ChatRejection::UnknownCommand => self.rejected_command,
        };
        fill(text, &[&CHAT_CHARS_MAX.to_string()])
    }

    /// Why the server closed the connection for good.
    pub fn close_reason(&self, why: Option<CloseReason>) -> &'static str {
        match why {
            Some(CloseReason::ProtocolError) => self.why_protocol,
            Some(CloseReason::UnsupportedData) => self.why_kind,
            Some(CloseReason::InvalidPayload) => self.why_malformed,
            Some(CloseReason::MessageTooBig) => self.why_long,
            // The others have a message of their own, or are retried.
            _ => self.why_unknown,
        }
    }

    /// The name of the hull of this tier, 0 to 3.
    pub fn hull_name(&self, tier: u8) -> &'static str {
        match tier {
            0 => self.hull_0,
            1 => self.hull_1,
            2 => self.hull_2,
            _ => self.hull_3,
        }
    }

    /// The translated name of a built-in arena; of any other its own name.
    pub fn arena_name<'a>(&self, name: &'a str) -> &'a str {
        match name {
            "Drift" => self.name_drift,
            "Expanse" => self.name_expanse,
            "Ruins" => self.name_ruins,
            "Duel" => self.name_duel,
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
            _ => "",
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

    /// The name of a part of the lag.
    pub fn lag_part(&self, part: LagPart) -> &'static str {
        match part {
            LagPart::SendAhead => self.lag_send_ahead,
            LagPart::Network => self.lag_network,
            LagPart::InputQueue => self.lag_input_queue,
            LagPart::Tick => self.lag_tick,
            LagPart::SendQueue => self.lag_send_queue,
            LagPart::JitterBuffer => self.lag_jitter_buffer,
            LagPart::Rendering => self.lag_rendering,
        }
    }
}

/// A text with values in place of `{0}`, `{1}` and so on. A placeholder without a value stays as it is.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let value = behind.split_once('}').and_then(|(index, behind)| {
            let index: usize = index.parse().ok()?;
            Some((*values.get(index)?, behind))
        });
        if let Some((value, behind)) = value {
            filled.push_str(value);
            rest = behind;
        } else {
            filled.push('{');
            rest = behind;
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests;
