//! Every text that the player reads, once for each language. It must not know a browser or where a text stands.

mod en;
mod zh;

use shared::engine::{chat::ChatRejection, protocol::CloseReason};

use crate::engine::lag::LagPart;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// What the page says of itself, by which browsers choose fonts and voices.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Its short name, in addresses and settings.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language of a tag such as `zh-Hans-CN`, if it is one of ours.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The first of a visitor's languages that is ours; English if none is.
    pub fn preferred<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter().find_map(Self::of_tag).unwrap_or_default()
    }

    /// The text of this name.
    pub fn text(self, key: &str) -> Option<&'static str> {
        static TEXTS: [[&str; Strings::KEYS.len()]; 2] = [en::WORDS.texts(), zh::WORDS.texts()];
        Strings::KEYS.iter().position(|name| *name == key).map(|index| TEXTS[self as usize][index])
    }

    /// Its texts.
    pub fn strings(self) -> &'static Strings {
        match self {
            Self::English => &en::WORDS,
            Self::Chinese => &zh::WORDS,
        }
    }
}

macro_rules! words {
    ($($key:ident)*) => {
        /// The texts of one language. `{0}` and `{1}` are places for [`fill`].
        #[derive(Debug)]
        #[allow(missing_docs, reason = "the English text says best what each is")]
        pub struct Strings { $(pub $key: &'static str,)* }

        impl Strings {
            /// The names of all texts, as the page uses them.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            /// All texts, in the order of their names.
            const fn texts(&self) -> [&'static str; Self::KEYS.len()] {
                [$(self.$key),*]
            }
        }
    };
}

words! {
    arena readout pilot pilots ships ping_title milliseconds kills leaderboard leaders minimap chat say say_placeholder
    own_ship growth hull lag key_to_screen last_minute
    tagline name_label name_placeholder play colour colour_0 colour_1 colour_2 colour_3 colour_4 colour_5 colour_6 colour_7
    name_drift name_expanse name_ruins name_duel arena_drift arena_expanse arena_ruins arena_duel nobody_flies one_flies many_fly how_touch how_gamepad controls mouse key_fly key_aim key_boost key_chat
    settings settings_title sound mute language leave done
    quality quality_auto quality_low quality_medium quality_high motion motion_system motion_reduced motion_full
    hand_keys keys_fly keys_fire keys_boost keys_more hand_touch touch_fly touch_fire touch_boost
    hand_gamepad gamepad_fly gamepad_fire gamepad_boost
    trouble trouble_webgl trouble_other
    you to_next_hull largest_hull hint_no_embers hint_hull
    came_apart shot_down_by by_drone by_pilot hull_0 hull_1 hull_2 hull_3 back_in fly_again
    run_time run_kills run_embers run_rank best_so_far new_best
    tip_boost tip_leader tip_grow tip_rocks tip_streak tip_pickups tip_scatter tip_shield tip_smoulder
    streak seconds boon_shield boon_rapid boon_magnet ended_streak compass
    learn_gather learn_shoot_keys learn_shoot_touch learn_shoot_gamepad
    learn_boost_keys learn_boost_touch learn_boost_gamepad
    connecting lost_now lost_again_in full_again_in restart_again_in other_version elsewhere hung_up
    why_unknown why_message why_kind why_malformed why_long
    whisper_to whisper_from click_to_mute not_sent
    refused_empty refused_long refused_invisible refused_fast refused_loud refused_nobody refused_several refused_command
    nobody_muted muted_names now_muted heard_again was_not_muted help
    lag_send_ahead lag_network lag_input_queue lag_tick lag_send_queue lag_jitter_buffer lag_rendering
    pictures_a_second input_to_answer frames_uneven inputs_early ticks corrected guessed out_of_step
}

impl Strings {
    /// Why a line of chat was not passed on.
    pub fn refusal(&self, refusal: &ChatRejection) -> String {
        let text = match refusal {
            ChatRejection::Empty => self.refused_empty,
            ChatRejection::TooLong => self.refused_long,
            ChatRejection::InvalidCharacters => self.refused_invisible,
            ChatRejection::RateLimited => self.refused_fast,
            ChatRejection::ArenaRateLimited => self.refused_loud,
            ChatRejection::NoSuchPlayer => self.refused_nobody,
            ChatRejection::AmbiguousName(one) => return fill(self.refused_several, &[&one.0.to_string()]),
            ChatRejection::UnknownCommand => self.refused_command,
        };
        fill(text, &[&shared::engine::limits::CHAT_CHARS_MAX.to_string()])
    }

    /// Why the server hung up for good.
    pub fn close_reason(&self, why: Option<CloseReason>) -> &'static str {
        match why {
            Some(CloseReason::ProtocolError | CloseReason::RateLimited) => self.why_message,
            Some(CloseReason::UnsupportedData) => self.why_kind,
            Some(CloseReason::InvalidPayload) => self.why_malformed,
            Some(CloseReason::MessageTooBig) => self.why_long,
            // The others are told in their own way, or tried again.
            _ => self.why_unknown,
        }
    }

    /// What a hull of this size, 0 to 3, is called.
    pub fn hull_name(&self, tier: u8) -> &'static str {
        match tier {
            0 => self.hull_0,
            1 => self.hull_1,
            2 => self.hull_2,
            _ => self.hull_3,
        }
    }

    /// What the arena of this name is called; one that came from elsewhere is called by its name.
    pub fn arena_name<'a>(&self, name: &'a str) -> &'a str {
        match name {
            "Drift" => self.name_drift,
            "Expanse" => self.name_expanse,
            "Ruins" => self.name_ruins,
            "Duel" => self.name_duel,
            _ => name,
        }
    }

    /// What the arena of this name is like; nothing of one that came from elsewhere.
    pub fn arena_about(&self, name: &str) -> &'static str {
        match name {
            "Drift" => self.arena_drift,
            "Expanse" => self.arena_expanse,
            "Ruins" => self.arena_ruins,
            "Duel" => self.arena_duel,
            _ => "",
        }
    }

    /// What is worth knowing, for between two lives.
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

    /// What a part of the delay is called.
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

/// A text with values in its places: `{0}` is the first. A place without a value stays as it is.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let value = behind.split_once('}').and_then(|(place, behind)| {
            let place: usize = place.parse().ok()?;
            Some((*values.get(place)?, behind))
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
