//! What a bot does with its connection, apart from sockets and time: one implementation for each kind of bot. Messages
//! go in with the time, and messages to send are polled.

use super::record::{End, Measured};

/// What a message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Received {
    Welcome { tick_rate: u16 },
    Frame,
}

pub(super) trait Player {
    /// The next message to send.
    fn poll_transmit(&mut self) -> Option<Vec<u8>>;

    /// A message came.
    fn on_message(&mut self, message: &[u8], now_us: u64) -> Result<Received, End>;

    /// Records the frame that came last and its length, or forgets it if it does not count.
    fn record_frame(&mut self, _now_us: u64, _bytes: usize, _measured: Option<&mut Measured>) {}

    /// The bot's turn: makes its next input, and says a line if one is due.
    fn act(&mut self, now_us: u64, may_fight: bool, line: Option<&str>);

    /// When the turn after the one that was due at `due_us` is.
    fn next_turn_us(&mut self, due_us: u64, now_us: u64) -> u64;

    /// Whether a bot whose role is the centre is there.
    fn is_at_centre(&self) -> bool {
        false
    }

    fn checksum_mismatches(&self) -> u64 {
        0
    }
}

pub(super) fn not_understood(error: impl std::fmt::Display) -> End {
    End::Lost(format!("not understood: {error}"))
}
