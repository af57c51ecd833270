//! Why a session cannot go on.

use shared::engine::{
    game_trait::RuleError,
    ids::Tick,
    limits::{TICK_RATE_MAX, TICK_RATE_MIN},
    protocol::DecodeError,
};

/// Why a session cannot go on. The caller closes the connection.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// Bytes that are no message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// An arena that breaks its own rules.
    #[error("the server's arena is invalid: {0}")]
    Arena(#[from] RuleError),
    /// An own state that no arena's rules allow.
    #[error("the server's frame is invalid: {0}")]
    Own(RuleError),
    /// A tick rate outside the protocol's range.
    #[error("the server ticks at {0} Hz, {TICK_RATE_MIN} to {TICK_RATE_MAX} are allowed")]
    TickRate(u16),
    /// A frame before the welcome, or a second welcome.
    #[error("the server sent a message at the wrong moment")]
    Unexpected,
    /// A frame that is not newer than the one before.
    #[error("a frame of tick {0:?} came after one of tick {1:?}")]
    Backwards(Tick, Tick),
}
