//! What a bot does with its connection, apart from sockets and time: one implementation for each kind of bot. Messages
//! go in with the time, and messages to send are polled.

use super::record::{End, Measured};
use crate::baseline::TICK_US;

/// A turn of a baseline bot that is late by more ticks is skipped.
const LATE_TICKS_MAX: u64 = 5;
/// Bytes of an input of a baseline bot, as many as a real client's with its WebSocket frame.
pub const INPUT_BYTES: usize = 18;

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

/// The player of a baseline bot: it counts frames and sends an input of fixed size a tick.
#[derive(Debug, Default)]
pub(super) struct BaselinePlayer {
    has_input: bool,
}

impl Player for BaselinePlayer {
    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        std::mem::take(&mut self.has_input).then(|| vec![0; INPUT_BYTES])
    }

    fn on_message(&mut self, _: &[u8], _: u64) -> Result<Received, End> {
        Ok(Received::Frame)
    }

    fn act(&mut self, _: u64, _: bool, _: Option<&str>) {
        self.has_input = true;
    }

    fn next_turn_us(&mut self, due_us: u64, now_us: u64) -> u64 {
        let next_us = due_us + TICK_US;
        let late_ticks = now_us.saturating_sub(next_us) / TICK_US;
        if late_ticks > LATE_TICKS_MAX { next_us + late_ticks * TICK_US } else { next_us }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_even_and_very_late_ones_are_skipped() {
        let mut player = BaselinePlayer::default();
        assert_eq!(player.next_turn_us(1000, 1010), 51_000);
        assert_eq!(player.next_turn_us(51_000, 160_000), 101_000);
        assert_eq!(player.next_turn_us(51_000, 1_051_000), 1_051_000);
    }
}
