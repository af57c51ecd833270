//! The player of a baseline bot: it counts frames and sends an input of fixed size a tick.

use super::{
    pace::next_turn,
    player::{Player, Received},
    record::End,
};

/// Bytes of an input, as many as a real client's with its WebSocket frame.
pub const INPUT_BYTES: usize = 18;

#[derive(Debug)]
pub(super) struct BaselinePlayer {
    tick_us: u64,
    has_input: bool,
}

impl BaselinePlayer {
    pub(super) fn new(tick_rate: u16) -> Self {
        Self { tick_us: 1_000_000 / u64::from(tick_rate.max(1)), has_input: false }
    }
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
        next_turn(due_us, now_us, self.tick_us).0
    }
}
