//! Why the server closes a connection: WebSocket close codes and texts. Codes of 4000 and above are this protocol's own
//! (RFC 6455, section 7.4.2).

/// Most bytes that the text of a close frame has room for (RFC 6455, section 5.5).
pub const CLOSE_TEXT_BYTES_MAX: usize = 123;

/// The code a client closes with when its player may reconnect and resume. Any code but 1000 means that; this one means
/// nothing else.
pub const CLOSE_MAY_RETURN: u16 = 4100;

/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The server is shutting down.
    ShuttingDown,
    /// Frames that break RFC 6455, or a message at the wrong moment.
    ProtocolError,
    /// A text frame on a binary connection, or the reverse.
    UnsupportedData,
    /// Bytes that are not a message, or text that is not UTF-8.
    InvalidPayload,
    /// A message over the limit.
    MessageTooBig,
    /// Too many messages or bytes a second.
    RateLimited,
    /// No room for another client.
    Full,
    /// The server restarts, and keeps its players: a client that reconnects with its token goes on.
    Restarting,
    /// No room for another client from the same network.
    TooManyFromNetwork,
    /// Client and server have different protocol versions.
    VersionMismatch,
    /// No `Hello` in time, or nothing received for too long.
    IdleTimeout,
    /// Frames were not read, or not acknowledged, for too long.
    SlowReader,
    /// A new connection has taken over this one's player.
    Replaced,
    /// The server admits players with a join ticket only, and this one's is missing or not valid.
    TicketRejected,
    /// The client is of another game.
    OtherGame,
    /// The creator of the room has removed this player, and keeps out its network.
    Removed,
    /// The creator of the room has locked it.
    RoomLocked,
    /// The player's proof of identity is not valid.
    IdentityRejected,
    /// The room is at another node: the text is the address of its WebSocket, where the client goes on with its resume token.
    Moved,
}

impl CloseReason {
    /// Every reason.
    pub const ALL: [Self; 19] = [
        Self::ShuttingDown,
        Self::ProtocolError,
        Self::UnsupportedData,
        Self::InvalidPayload,
        Self::MessageTooBig,
        Self::RateLimited,
        Self::Full,
        Self::Restarting,
        Self::VersionMismatch,
        Self::IdleTimeout,
        Self::SlowReader,
        Self::Replaced,
        Self::TooManyFromNetwork,
        Self::TicketRejected,
        Self::OtherGame,
        Self::Removed,
        Self::RoomLocked,
        Self::IdentityRejected,
        Self::Moved,
    ];

    /// The close code.
    pub fn code(self) -> u16 {
        match self {
            Self::ShuttingDown => 1001,
            Self::ProtocolError => 1002,
            Self::UnsupportedData => 1003,
            Self::InvalidPayload => 1007,
            Self::RateLimited => 1008,
            Self::MessageTooBig => 1009,
            Self::Restarting => 1012,
            Self::Full => 1013,
            Self::VersionMismatch => 4001,
            Self::IdleTimeout => 4002,
            Self::SlowReader => 4003,
            Self::Replaced => 4004,
            Self::TooManyFromNetwork => 4005,
            Self::TicketRejected => 4006,
            Self::OtherGame => 4007,
            Self::Removed => 4008,
            Self::RoomLocked => 4009,
            Self::IdentityRejected => 4010,
            Self::Moved => 4011,
        }
    }

    /// The reason a close code stands for.
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The text of the close frame where there is no detail to give; at most [`CLOSE_TEXT_BYTES_MAX`].
    pub fn text(self) -> &'static str {
        match self {
            Self::ShuttingDown => "the server is shutting down; reconnect after a pause",
            Self::ProtocolError => "protocol error: this frame or message is not allowed here",
            Self::UnsupportedData => "this connection uses the other frame type",
            Self::InvalidPayload => "not a message of this protocol",
            Self::MessageTooBig => "message too big",
            Self::RateLimited => "too many messages or bytes; send less",
            Self::Full => "the server is full; try again later",
            Self::Restarting => "the server restarts and keeps your player; reconnect with your resume token",
            Self::TooManyFromNetwork => "too many clients from your network; close one and try again",
            Self::VersionMismatch => "protocol version mismatch; reload the page or update the client",
            Self::IdleTimeout => "idle timeout: no message arrived in time",
            Self::SlowReader => "frames were not read or acknowledged in time",
            Self::TicketRejected => "this server admits players with a valid ticket only",
            Self::OtherGame => "this server runs another game; open the server's own page",
            Self::Removed => "the creator of this room has removed you from it",
            Self::RoomLocked => "this room is locked; ask its creator to unlock it",
            Self::IdentityRejected => "the proof of identity is not valid; get a new challenge and reconnect",
            Self::Moved => "this room has moved to another node; connect again",
            Self::Replaced => "replaced: this player reconnected elsewhere",
        }
    }

    /// A short name for metrics and reports.
    pub fn label(self) -> &'static str {
        match self {
            Self::ShuttingDown => "shutting_down",
            Self::ProtocolError => "protocol_error",
            Self::UnsupportedData => "unsupported_data",
            Self::InvalidPayload => "invalid_payload",
            Self::MessageTooBig => "message_too_big",
            Self::RateLimited => "rate_limited",
            Self::Full => "full",
            Self::Restarting => "restarting",
            Self::TooManyFromNetwork => "too_many_from_network",
            Self::VersionMismatch => "version_mismatch",
            Self::IdleTimeout => "idle_timeout",
            Self::SlowReader => "slow_reader",
            Self::TicketRejected => "ticket_rejected",
            Self::OtherGame => "other_game",
            Self::Removed => "removed",
            Self::RoomLocked => "room_locked",
            Self::IdentityRejected => "identity_rejected",
            Self::Moved => "moved",
            Self::Replaced => "replaced",
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
