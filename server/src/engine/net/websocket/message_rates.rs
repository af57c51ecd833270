//! How many messages of each kind a client may send. What all kinds together may be, and what inputs need, is
//! [`Limits::message_rate`](crate::engine::net::Limits); the kinds here are rarer, and each of them costs more.

use std::time::Duration;

use shared::engine::protocol::ClientMessage;
use tokio::time::Instant;

use crate::engine::telemetry::TOO_MANY;

/// The time over which messages are counted.
pub(super) const WINDOW: Duration = Duration::from_secs(10);

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
}

impl Kind {
    const ALL: [Self; 5] = [Self::Chat, Self::Hidden, Self::ResyncCell, Self::Lag, Self::Control];

    /// The kind of a message, if it has a limit of its own.
    pub(super) fn of(message: &ClientMessage) -> Option<Self> {
        match message {
            ClientMessage::Chat(_) => Some(Self::Chat),
            ClientMessage::Hidden(_) => Some(Self::Hidden),
            ClientMessage::ResyncCell(_) => Some(Self::ResyncCell),
            ClientMessage::Lag(_) => Some(Self::Lag),
            ClientMessage::Hello(_) | ClientMessage::Input { .. } | ClientMessage::Ack(_) => None,
        }
    }

    /// Most of them in a [`WINDOW`].
    pub(super) fn most(self) -> u16 {
        match self {
            Self::Chat => 70,
            Self::Hidden => 40,
            Self::ResyncCell => 2000,
            Self::Lag => 20,
            Self::Control => 100,
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
        }
    }
}

/// A client has sent too many messages of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many {}: at most {} in {} s", .0.name(), .0.most(), WINDOW.as_secs())]
pub(super) struct TooMany(Kind);

/// Counts one client's messages.
#[derive(Debug)]
pub(super) struct MessageRates {
    began: Instant,
    counts: [u16; Kind::ALL.len()],
}

impl MessageRates {
    pub(super) fn new(now: Instant) -> Self {
        Self { began: now, counts: [0; _] }
    }

    /// Counts a message.
    ///
    /// # Errors
    /// If it is one too many.
    pub(super) fn count(&mut self, kind: Kind, now: Instant) -> Result<(), TooMany> {
        if now.saturating_duration_since(self.began) >= WINDOW {
            *self = Self::new(now);
        }
        let count = &mut self.counts[kind as usize];
        *count += 1;
        if *count > kind.most() { Err(TooMany(kind)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_limit_in_each_window() {
        let start = Instant::now();
        let mut rates = MessageRates::new(start);
        for now in [start, start + WINDOW] {
            for kind in Kind::ALL {
                for _ in 0..kind.most() {
                    assert_eq!(rates.count(kind, now), Ok(()));
                }
                let error = rates.count(kind, now).expect_err("it is one too many").to_string();
                assert!(error.contains(kind.name()) && error.len() <= 123, "{error}");
            }
        }
    }

    #[test]
    fn each_kind_has_its_own_counter() {
        let labels = Kind::ALL.map(|kind| kind.label().strip_prefix("rate_limited_"));
        assert_eq!(labels, ["chat", "hidden", "resync_cell", "lag", "control"].map(Some));
    }
}
