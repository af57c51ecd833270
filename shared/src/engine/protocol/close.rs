//! Why a connection ends, as WebSocket close codes and texts. Codes of 4000 and above are this protocol's own
//! (RFC 6455, section 7.4.2).

/// Most bytes that the text of a close frame has room for (RFC 6455, section 5.5).
pub const CLOSE_TEXT_BYTES_MAX: usize = 123;

/// With what a client hangs up that may come back for its ship: any code but 1000 says so, and this one nothing else.
pub const CLOSE_MAY_RETURN: u16 = 4100;

/// Why the server hangs up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The server is going down.
    ShuttingDown,
    /// Frames that are not WebSocket's, or a message at the wrong moment.
    BadMessage,
    /// Text where binary is spoken, or the reverse.
    WrongKind,
    /// Bytes that are not UTF-8 where text is spoken, or that are not a message.
    Malformed,
    /// A message over the limit.
    TooLong,
    /// More messages a second than anyone needs.
    TooMany,
    /// No room for another player.
    Full,
    /// Client and server are of different versions.
    VersionMismatch,
    /// Nothing was heard for too long.
    Silent,
    /// Frames were not read for too long.
    TooSlow,
    /// Another connection goes on with this one's ship.
    TakenOver,
}

impl CloseReason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::ShuttingDown,
        Self::BadMessage,
        Self::WrongKind,
        Self::Malformed,
        Self::TooLong,
        Self::TooMany,
        Self::Full,
        Self::VersionMismatch,
        Self::Silent,
        Self::TooSlow,
        Self::TakenOver,
    ];

    /// The close code.
    pub fn code(self) -> u16 {
        match self {
            Self::ShuttingDown => 1001,
            Self::BadMessage => 1002,
            Self::WrongKind => 1003,
            Self::Malformed => 1007,
            Self::TooMany => 1008,
            Self::TooLong => 1009,
            Self::Full => 1013,
            Self::VersionMismatch => 4001,
            Self::Silent => 4002,
            Self::TooSlow => 4003,
            Self::TakenOver => 4004,
        }
    }

    /// The reason a close code stands for.
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The text of the close frame, at most [`CLOSE_TEXT_BYTES_MAX`], where nothing more can be said.
    pub fn text(self) -> &'static str {
        match self {
            Self::ShuttingDown => "the server is shutting down",
            Self::BadMessage => "a frame or message that may not come here",
            Self::WrongKind => "this connection speaks the other kind of frame",
            Self::Malformed => "not a message of this protocol",
            Self::TooLong => "message too long",
            Self::TooMany => "too many messages a second",
            Self::Full => "the server is full, try again later",
            Self::VersionMismatch => "reload for the new version",
            Self::Silent => "nothing was heard from you for too long",
            Self::TooSlow => "you did not read for too long",
            Self::TakenOver => "your game goes on in another window",
        }
    }

    /// A short name for metrics and reports.
    pub fn label(self) -> &'static str {
        match self {
            Self::ShuttingDown => "shutting_down",
            Self::BadMessage => "bad_message",
            Self::WrongKind => "wrong_kind",
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::Full => "full",
            Self::VersionMismatch => "version_mismatch",
            Self::Silent => "silent",
            Self::TooSlow => "too_slow",
            Self::TakenOver => "taken_over",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_texts_fit_a_close_frame() {
        for reason in CloseReason::ALL {
            assert_eq!(CloseReason::from_code(reason.code()), Some(reason));
            assert!(reason.text().len() <= CLOSE_TEXT_BYTES_MAX);
        }
    }
}
