//! How many messages of each kind a client may send: a token bucket for each. What all kinds together may be, and what inputs
//! need, is [`Limits::message_rate`](crate::engine::net::Limits); the kinds here are rarer, and each of them costs more.

use std::time::{Duration, Instant};

use shared::engine::protocol::ClientMessage;

use crate::engine::game_codec::RawClientMessage;

use crate::engine::{
    telemetry::TOO_MANY,
    token_bucket::{Rate, TokenBucket},
};

/// A kind of message with a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line of chat. The limit is several times the rate of lines that are accepted; the others are rejected one by one.
    Chat,
    /// A page that is hidden or shown.
    Hidden,
    /// A request for a cell. A whole view may be out of step after a gap.
    ResyncCell,
    /// A report of the client's lag.
    Lag,
    /// Pings and pongs.
    Control,
    /// A choice of badge, which everyone is told.
    Badge,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Chat, Self::Hidden, Self::ResyncCell, Self::Lag, Self::Control, Self::Badge];

    /// The kind of a message, if it has a limit of its own.
    pub(super) fn of(message: &RawClientMessage) -> Option<Self> {
        match message {
            ClientMessage::Chat(_) => Some(Self::Chat),
            ClientMessage::Hidden(_) => Some(Self::Hidden),
            ClientMessage::ResyncCell(_) => Some(Self::ResyncCell),
            ClientMessage::Lag(_) => Some(Self::Lag),
            ClientMessage::Badge(_) => Some(Self::Badge),
            ClientMessage::Hello(_) | ClientMessage::Input { .. } | ClientMessage::Ack(_) => None,
        }
    }

    /// The limit of a kind. The burst covers messages that a slow network delayed.
    fn rate(self) -> Rate {
        match self {
            Self::Chat => Rate::new(7, 70),
            Self::Hidden => Rate::new(4, 40),
            Self::ResyncCell => Rate::new(200, 2000),
            Self::Lag => Rate::new(2, 20),
            Self::Control => Rate::new(10, 100),
            Self::Badge => Rate::new(1, 20),
        }
    }

    /// What a close for too many of them is counted as.
    pub(super) fn label(self) -> &'static str {
        TOO_MANY[self as usize]
    }

    /// As it stands in the text of a close frame.
    fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat lines",
            Self::Hidden => "Hidden messages",
            Self::ResyncCell => "requests for cells",
            Self::Lag => "lag reports",
            Self::Control => "pings and pongs",
            Self::Badge => "choices of a badge",
        }
    }
}

/// A client has sent too many messages of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many {}: at most {} at once and {} a second", .0.name(), .0.rate().burst, .0.rate().per_second)]
pub(super) struct TooMany(Kind);

/// How many more messages one client may send.
#[derive(Debug)]
pub(super) struct MessageRates([TokenBucket; Kind::ALL.len()]);

impl MessageRates {
    pub(super) fn new(now: Instant) -> Self {
        Self(Kind::ALL.map(|kind| TokenBucket::new(kind.rate(), now)))
    }

    /// Counts a message.
    ///
    /// # Errors
    /// If it is one too many.
    pub(super) fn count(&mut self, kind: Kind, now: Instant) -> Result<(), TooMany> {
        if self.0[kind as usize].take(now, 1) { Ok(()) } else { Err(TooMany(kind)) }
    }

    /// The server did not run for `pause`.
    pub(super) fn on_pause(&mut self, pause: Duration) {
        self.0.iter_mut().for_each(|bucket| bucket.on_pause(pause));
    }

    /// What it brought has arrived.
    pub(super) fn end_pause(&mut self) {
        self.0.iter_mut().for_each(TokenBucket::end_pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_limit() {
        let start = Instant::now();
        let mut rates = MessageRates::new(start);
        for kind in Kind::ALL {
            for _ in 0..kind.rate().burst {
                assert_eq!(rates.count(kind, start), Ok(()));
            }
            let error = rates.count(kind, start).expect_err("it is one too many").to_string();
            assert!(error.contains(kind.name()) && error.len() <= 123, "{error}");
        }
    }

    /// Windows of ten seconds would let twice as many through where one ends and the next begins.
    #[test]
    fn there_is_no_moment_at_which_twice_as_many_pass() {
        let start = Instant::now();
        let mut rates = MessageRates::new(start);
        let passed = |rates: &mut MessageRates, ms| {
            let now = start + Duration::from_millis(ms);
            (0..1000).filter(|_| rates.count(Kind::Chat, now).is_ok()).count()
        };
        assert_eq!([9_999, 10_000, 10_500].map(|ms| passed(&mut rates, ms)), [70, 0, 3]);
    }

    #[test]
    fn protocol_document_has_the_limits() {
        let document = include_str!("../../../../../shared/PROTOCOL.md");
        for (kind, messages) in
            Kind::ALL.into_iter().zip(["`Chat`", "`Hidden`", "`ResyncCell`", "`Lag`", "pings and pongs"])
        {
            let Rate { per_second, burst } = kind.rate();
            let row =
                format!("| Of these: {messages} | {per_second} per second, {burst} at once | close 1008 |");
            assert!(document.contains(&row), "PROTOCOL.md lacks {row}");
        }
    }

    #[test]
    fn each_kind_has_its_own_counter() {
        let labels = Kind::ALL.map(|kind| kind.label().strip_prefix("rate_limited_"));
        assert_eq!(labels, ["chat", "hidden", "resync_cell", "lag", "control", "badge"].map(Some));
    }
}
