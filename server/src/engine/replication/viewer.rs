//! A viewer: a connected player or spectator that is sent frames; and lists of encoded notices, its own among them.

use shared::{
    Vec2,
    engine::{
        game_trait::Game,
        ids::{CellIndex, PlayerId, Tick},
        protocol::{Notice, put},
    },
};

use super::view::View;
use crate::engine::{ack_window::AckWindow, outbox::OutboxSender};

/// Notices that can wait for one viewer.
const NOTICES_MAX: usize = 16;
/// Weight of the newest input in the average of their queue delay.
const DELAY_WEIGHT: f32 = 0.1;

/// A viewer's connection and what is known about its client.
#[derive(Debug)]
pub struct Viewer {
    /// Spreads what is sent once a second over the ticks.
    pub(super) turn: u32,
    /// `None` for a spectator.
    pub(super) player: Option<PlayerId>,
    pub(super) link: OutboxSender,
    pub(super) acks: AckWindow,
    pub(super) view: View,
    /// For this viewer alone, with its next frame.
    pub(super) notices: Notices,
    /// Its connection was asked to close.
    pub(super) is_closed: bool,
    is_hidden: bool,
    /// It counts as hidden before this tick.
    hidden_until: Tick,
    /// How long its inputs wait for their tick, in milliseconds: an average of about the last ten.
    pub(super) input_delay_ms: f32,
}

impl Viewer {
    pub(super) fn new(
        turn: u32,
        player: Option<PlayerId>,
        link: OutboxSender,
        acks: AckWindow,
        centre: Vec2,
    ) -> Self {
        Self {
            turn,
            player,
            link,
            acks,
            view: View::new(centre),
            notices: Notices::default(),
            is_closed: false,
            is_hidden: false,
            hidden_until: Tick(0),
            input_delay_ms: 0.0,
        }
    }

    /// Sends a notice with the next frame. Dropped while too many wait.
    pub fn send_notice<G: Game>(&mut self, notice: &Notice<G>) {
        if self.notices.count() < NOTICES_MAX {
            self.notices.push(notice);
        }
    }

    /// Notes whether the client's page is hidden. A page that was hidden gets no full view within a second, so that
    /// hiding and showing it in turn costs no more than frames do.
    pub fn set_hidden(&mut self, is_hidden: bool, now: Tick) {
        if is_hidden && !self.is_hidden {
            self.hidden_until = now.after(self.acks.ticks_per_second());
        }
        self.is_hidden = is_hidden;
    }

    /// Whether it gets no frames in this tick because its page is hidden.
    #[inline]
    pub(super) fn is_hidden(&self, now: Tick) -> bool {
        self.is_hidden || now < self.hidden_until
    }

    /// Notes that the client has received the frame whose tick ends in this byte.
    pub fn on_ack(&mut self, byte: u8, now: Tick) {
        self.acks.on_ack(byte, now);
    }

    /// Notes how long an input waits for its tick.
    pub fn on_input_delay(&mut self, ms: f32) {
        self.input_delay_ms += (ms - self.input_delay_ms) * DELAY_WEIGHT;
    }

    /// Sends a whole cell with the next frame, because the client's state of it differs from the server's.
    pub fn request_cell(&mut self, cell: CellIndex) {
        self.view.request(cell);
    }

    /// Whether this is the tick of each second in which it gets what is sent once a second.
    #[inline]
    pub(super) fn is_due(&self, now: Tick, tick_rate: u16) -> bool {
        (u64::from(now.0) + u64::from(self.turn)).is_multiple_of(tick_rate.into())
    }
}

/// Notices that are encoded already, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Notices {
    count: usize,
    bytes: Vec<u8>,
}

impl Notices {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { count: 0, bytes: Vec::with_capacity(bytes) }
    }

    pub(super) fn push<G: Game>(&mut self, notice: &Notice<G>) {
        put(&mut self.bytes, notice);
        self.count += 1;
    }

    /// Removes all and keeps the memory.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.bytes.clear();
    }

    #[inline]
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many there are, and their bytes.
    #[inline]
    pub(super) fn encoded(&self) -> (usize, &[u8]) {
        (self.count, &self.bytes)
    }
}
