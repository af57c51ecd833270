//! The texts of the banner over the page, which is about the connection.

use super::{
    connection_state::ConnectionNotice,
    handshake_fault::HandshakeFault,
    strings::{PageStrings, fill},
};

/// A banner as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BannerText {
    /// What it says. A first line of several is its title.
    pub text: String,
    /// How it looks.
    pub tone: Tone,
}

/// How a banner looks. Its text says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A short wait.
    Plain,
    /// A wait in which nothing is lost.
    Kept,
    /// The player cannot go on as before.
    Bad,
}

impl Tone {
    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Kept => "kept",
            Self::Bad => "bad",
        }
    }
}

/// The banner for a connection notice; `None` if there is nothing to show. `reason`: the server's own words, if it has refused
/// the connection.
pub fn connection(notice: ConnectionNotice, reason: &str, strings: &PageStrings) -> Option<BannerText> {
    let in_seconds = |text: &str, seconds: u32| fill(text, &[&seconds.to_string()]);
    let (text, tone) = match notice {
        ConnectionNotice::None => return None,
        ConnectionNotice::Connecting => (strings.connecting.to_owned(), Tone::Plain),
        ConnectionNotice::Reconnecting => (strings.reconnecting.to_owned(), Tone::Plain),
        ConnectionNotice::ReconnectingIn(seconds) => {
            (in_seconds(strings.reconnecting_in, seconds), Tone::Plain)
        }
        ConnectionNotice::ServerRestarting(seconds) => {
            (in_seconds(strings.restart_retry_in, seconds), Tone::Plain)
        }
        ConnectionNotice::BackToRestarted => (strings.restart_reconnecting.to_owned(), Tone::Plain),
        ConnectionNotice::PlayerIsKept => (strings.kept.to_owned(), Tone::Kept),
        ConnectionNotice::ServerFull(seconds) => (in_seconds(strings.full_retry_in, seconds), Tone::Bad),
        ConnectionNotice::NetworkFull(seconds) => {
            (in_seconds(strings.network_full_retry_in, seconds), Tone::Bad)
        }
        ConnectionNotice::Refused(fault, seconds) => match fault {
            HandshakeFault::Full => (in_seconds(strings.full_retry_in, seconds), Tone::Bad),
            HandshakeFault::NetworkFull => (in_seconds(strings.network_full_retry_in, seconds), Tone::Bad),
            HandshakeFault::Unreachable => (in_seconds(strings.unreachable_retry_in, seconds), Tone::Bad),
            HandshakeFault::ServerDown => (in_seconds(strings.down_retry_in, seconds), Tone::Bad),
            HandshakeFault::Gone => (strings.gone.to_owned(), Tone::Bad),
            HandshakeFault::UpgradeLost => (strings.upgrade_lost.to_owned(), Tone::Bad),
            HandshakeFault::Refused if reason.is_empty() => {
                (fill(strings.refused_page, &[strings.why_unknown]), Tone::Bad)
            }
            HandshakeFault::Refused => (fill(strings.refused_page, &[reason]), Tone::Bad),
        },
        ConnectionNotice::OtherVersion => (strings.other_version.to_owned(), Tone::Bad),
        ConnectionNotice::OpenElsewhere => (strings.elsewhere.to_owned(), Tone::Plain),
        ConnectionNotice::TicketRejected => (strings.ticket_rejected.to_owned(), Tone::Bad),
        ConnectionNotice::OtherGame => (strings.other_game.to_owned(), Tone::Bad),
        ConnectionNotice::Removed => (strings.removed.to_owned(), Tone::Bad),
        ConnectionNotice::RoomLocked => (strings.room_locked.to_owned(), Tone::Bad),
        ConnectionNotice::Closed(why) => {
            (fill(strings.disconnected, &[strings.close_reason(why)]), Tone::Bad)
        }
    };
    Some(BannerText { text, tone })
}

#[cfg(test)]
mod tests {
    use shared::engine::protocol::CloseReason;

    use super::*;
    use crate::engine::page::strings::ENGLISH;

    #[test]
    fn without_a_notice_there_is_no_banner() {
        assert_eq!(connection(ConnectionNotice::None, "", &ENGLISH), None);
    }

    #[test]
    fn seconds_until_the_next_attempt_are_in_the_text() {
        for notice in [
            ConnectionNotice::ReconnectingIn(7),
            ConnectionNotice::ServerFull(7),
            ConnectionNotice::NetworkFull(7),
            ConnectionNotice::ServerRestarting(7),
            ConnectionNotice::Refused(HandshakeFault::Full, 7),
            ConnectionNotice::Refused(HandshakeFault::NetworkFull, 7),
            ConnectionNotice::Refused(HandshakeFault::Unreachable, 7),
            ConnectionNotice::Refused(HandshakeFault::ServerDown, 7),
        ] {
            let banner = connection(notice, "", &ENGLISH).expect("it has a text");
            assert!(banner.text.contains('7'), "{notice:?}: {}", banner.text);
        }
    }

    #[test]
    fn no_two_notices_have_the_same_text() {
        let notices = [
            ConnectionNotice::Connecting,
            ConnectionNotice::Reconnecting,
            ConnectionNotice::ReconnectingIn(1),
            ConnectionNotice::ServerFull(1),
            ConnectionNotice::NetworkFull(1),
            ConnectionNotice::ServerRestarting(1),
            ConnectionNotice::BackToRestarted,
            ConnectionNotice::PlayerIsKept,
            ConnectionNotice::Refused(HandshakeFault::Gone, 1),
            ConnectionNotice::Refused(HandshakeFault::Unreachable, 1),
            ConnectionNotice::Refused(HandshakeFault::ServerDown, 1),
            ConnectionNotice::Refused(HandshakeFault::UpgradeLost, 1),
            ConnectionNotice::Refused(HandshakeFault::Refused, 1),
            ConnectionNotice::OtherVersion,
            ConnectionNotice::OpenElsewhere,
            ConnectionNotice::TicketRejected,
            ConnectionNotice::Removed,
            ConnectionNotice::RoomLocked,
            ConnectionNotice::OtherGame,
            ConnectionNotice::Closed(None),
            ConnectionNotice::Closed(Some(CloseReason::MessageTooBig)),
        ];
        let texts: std::collections::BTreeSet<String> =
            notices.iter().filter_map(|notice| connection(*notice, "", &ENGLISH)).map(|it| it.text).collect();
        assert_eq!(texts.len(), notices.len());
    }

    #[test]
    fn refused_handshake_and_close_have_the_same_text() {
        let text = |notice| connection(notice, "", &ENGLISH).expect("it has a text").text;
        for (fault, notice) in [
            (HandshakeFault::NetworkFull, ConnectionNotice::NetworkFull(7)),
            (HandshakeFault::Full, ConnectionNotice::ServerFull(7)),
        ] {
            assert_eq!(text(ConnectionNotice::Refused(fault, 7)), text(notice), "{fault:?}");
        }
    }

    #[test]
    fn refusal_is_told_in_the_words_of_the_server() {
        let text = |reason| {
            let notice = ConnectionNotice::Refused(HandshakeFault::Refused, 0);
            connection(notice, reason, &ENGLISH).expect("it has a text").text
        };
        assert!(text("use --public-url").ends_with("use --public-url"));
        assert!(text("").ends_with(ENGLISH.why_unknown));
    }

    #[test]
    fn only_what_the_player_cannot_wait_out_is_bad() {
        let is_bad = |notice| connection(notice, "", &ENGLISH).is_some_and(|banner| banner.tone == Tone::Bad);
        assert!(is_bad(ConnectionNotice::OtherVersion) && is_bad(ConnectionNotice::Closed(None)));
        assert!(is_bad(ConnectionNotice::ServerFull(3)));
        assert!(!is_bad(ConnectionNotice::Reconnecting) && !is_bad(ConnectionNotice::ServerRestarting(3)));
        let kept = connection(ConnectionNotice::PlayerIsKept, "", &ENGLISH);
        assert_eq!(kept.map(|banner| banner.tone), Some(Tone::Kept));
    }
}
