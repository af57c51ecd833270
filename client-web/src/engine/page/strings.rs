//! The texts of the page around any game, in English, and how a table of texts is written. A game that speaks other languages has
//! further tables of the same type.

use shared::engine::{chat::ChatRejection, limits::CHAT_CHARS_MAX, protocol::CloseReason};

use crate::engine::{chat::ChatNote, lag::LagPart};

/// Declares a table of texts, and a constant with the texts in English: one field for each.
macro_rules! string_table {
    ($table:ident, $vis:vis $english:ident: $($key:ident: $text:expr,)*) => {
        /// The texts of one language. `{0}` and `{1}` are filled by `fill`.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "the English text says best what each is")]
        pub struct $table { $(pub $key: &'static str,)* }

        impl $table {
            /// The names of all texts, as the page uses them.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            /// All texts, in the order of their names.
            pub const fn texts(&self) -> [&'static str; Self::KEYS.len()] {
                [$(self.$key),*]
            }
        }

        /// The texts in English.
        $vis const $english: $table = $table { $($key: $text,)* };
    };
}
#[cfg(feature = "emberdrift")]
pub(crate) use string_table;

string_table! {
    PageStrings, pub ENGLISH:
    connecting: "Connecting…",
    reconnecting: "Connection lost. Reconnecting…",
    reconnecting_in: "Connection lost. Reconnecting in {0} s",
    full_retry_in: "Server full. Retrying in {0} s",
    network_full_retry_in: "Too many players from your network. Retrying in {0} s",
    restart_retry_in: "Server restarting. Reconnecting in {0} s",
    restart_reconnecting: "Server restarting. Reconnecting…",
    kept: "Back in a moment…\nYour place in the game is kept.",
    unreachable_retry_in: "The server cannot be reached. Retrying in {0} s",
    down_retry_in: "The server does not run behind its proxy. Retrying in {0} s",
    upgrade_lost: "WebSockets do not get through to the server. A proxy on the way must forward the Upgrade header.",
    gone: "This room or arena no longer exists. Choose another one.",
    refused_page: "The server refuses this page: {0}",
    other_version: "A new version is out. Please reload the page.",
    other_game: "This server runs another game. Open the page that the server itself serves.",
    removed: "The host has removed you from this room.",
    room_locked: "This room is locked. Ask its host to unlock it, then reload the page.",
    ticket_rejected: "This server needs a valid ticket. Open the game from the site where you log in.",
    elsewhere: "You are playing in another window. Reload this page to play here.",
    disconnected: "Disconnected by the server: {0}. Please reload the page.",
    why_unknown: "no reason given",
    why_protocol: "unexpected message",
    why_kind: "wrong kind of frame",
    why_malformed: "malformed message",
    why_long: "message too long",

    whisper_to: "to ",
    whisper_from: "from ",
    said_to_all: "to all ",
    click_to_mute: "Click to mute",
    not_sent: "Not sent: {0}",
    rejected_empty: "the message is empty",
    rejected_long: "at most {0} characters",
    rejected_invisible: "visible characters only",
    rejected_fast: "too fast, wait a moment",
    rejected_busy: "chat is busy, wait a moment",
    rejected_no_player: "no player has that name",
    rejected_ambiguous: "several players have that name, whisper by number: /w #{0}",
    rejected_off: "the chat of this room is off",
    rejected_command: "unknown command, try /help",
    none_muted: "No one is muted. To mute: /mute NAME",
    muted_names: "Muted: {0}",
    now_muted: "{0} is muted. To undo: /unmute {0}",
    unmuted: "{0} is no longer muted",
    was_not_muted: "{0} was not muted",
    help: "/w NAME TEXT to whisper, /all TEXT to all arenas, /mute NAME, /unmute NAME",

    signal_fair: "Fair",
    signal_poor: "Poor",
    no_signal: "No signal",

    lag_send_ahead: "Send-ahead",
    lag_network: "Network",
    lag_input_queue: "Input queue",
    lag_tick: "Server tick",
    lag_send_queue: "Send queue",
    lag_jitter_buffer: "Jitter buffer",
    lag_rendering: "Rendering",
    fps: "FPS",
    input_to_ack: "Input to ack",
    frame_jitter: "Frame jitter",
    input_lead: "Input lead",
    ticks: "{0} ticks",
    prediction_error: "Prediction error",
    extrapolated: "Extrapolated frames",
    desynced: "Desynced cells",
}

impl PageStrings {
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
            ChatRejection::Off => self.rejected_off,
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
mod tests {
    use shared::engine::ids::PlayerId;

    use super::*;

    #[test]
    fn placeholders_are_filled_in_any_order() {
        assert_eq!(fill("{1} by {0}", &["a", "b"]), "b by a");
        assert_eq!(fill("{2} {x} {", &["a"]), "{2} {x} {");
        assert_eq!(fill("{0}", &["{1}"]), "{1}", "a value is not filled in turn");
    }

    #[test]
    fn chat_rejection_is_explained_with_its_values() {
        let note = |rejection| ENGLISH.chat_note(&ChatNote::Rejected(rejection));
        assert!(note(ChatRejection::AmbiguousName(PlayerId(7))).contains("#7"));
        assert!(note(ChatRejection::TooLong).contains(&CHAT_CHARS_MAX.to_string()));
        assert_eq!(note(ChatRejection::RateLimited), "Not sent: too fast, wait a moment");
        let muted = |names: &[&str]| ChatNote::Muted(names.iter().map(|name| (*name).into()).collect());
        assert_eq!(ENGLISH.chat_note(&muted(&["Ada", "Bo"])), "Muted: Ada, Bo");
        assert_eq!(ENGLISH.chat_note(&muted(&[])), ENGLISH.none_muted);
    }
}
