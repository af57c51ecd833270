//! What a bot does with its connection, apart from sockets and time: one implementation for each kind of bot. Messages
//! go in with the time, and messages to send are polled.

use std::collections::VecDeque;

use client_web::engine::pacer::Pacer;
use shared::{
    Vec2,
    engine::{
        game_trait::Arena as _,
        ids::Tick,
        protocol::{ClientMessage, FrameHead, Hello, ServerMessage},
    },
};

use super::{
    Encoding, Plan,
    brain::{Brain, InputOf, Sight},
    record::{End, Measured},
    roles::BotSpec,
};
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

    /// Whether the bot is where its role wants it before a crowd is measured.
    fn has_gathered(&self) -> bool {
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

/// Inputs whose acknowledgement is waited for: four seconds at thirty a second, which only the worst networks need.
const SENT_MAX: usize = 128;

type Message<B> = ClientMessage<InputOf<B>>;

/// The player of a lite bot: of each frame it decodes the head, which is its own part, and nothing else. Checksums,
/// what is in view and whether prediction holds are known to full bots only.
pub(super) struct LitePlayer<B: Brain> {
    encoding: Encoding,
    brain: B,
    arena_size: Vec2,
    /// 0 before the welcome.
    tick_rate: u16,
    /// None before the welcome.
    pacer: Option<Pacer>,
    head: Option<FrameHead<B::Game>>,
    /// When the input for a tick was sent, by the tick's last digits; 0 for none.
    sent_us: [u64; SENT_MAX],
    messages: VecDeque<Vec<u8>>,
}

impl<B: Brain> LitePlayer<B> {
    pub(super) fn new(spec: &BotSpec, plan: &Plan) -> Self {
        let hello = Hello { name: format!("bot-{}", spec.number), ..Hello::of::<B::Game>() };
        Self {
            encoding: plan.encoding,
            brain: B::new(plan.seed, spec.number, spec.role),
            arena_size: Vec2::ZERO,
            tick_rate: 0,
            pacer: None,
            head: None,
            sent_us: [0; SENT_MAX],
            messages: [plan.encoding.encode(&Message::<B>::Hello(hello))].into(),
        }
    }

    fn tick(&self) -> Tick {
        self.head.as_ref().map_or(Tick(0), |head| head.tick)
    }
}

impl<B: Brain> Player for LitePlayer<B> {
    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.messages.pop_front()
    }

    fn on_message(&mut self, message: &[u8], now_us: u64) -> Result<Received, End> {
        if self.tick_rate == 0 {
            return match self.encoding.decode::<B::Game>(message).map_err(not_understood)? {
                ServerMessage::Welcome(welcome) if welcome.tick_rate > 0 => {
                    (self.arena_size, self.tick_rate) = (welcome.arena.size(), welcome.tick_rate);
                    self.pacer = Some(Pacer::new(1000.0 / f64::from(welcome.tick_rate)));
                    Ok(Received::Welcome { tick_rate: welcome.tick_rate })
                }
                _ => Err(not_understood("a message before the welcome")),
            };
        }
        let head = self.encoding.decode_head(message).map_err(not_understood)?;
        if self.head.is_some() && head.tick <= self.tick() {
            let (now, before) = (head.tick.0, self.tick().0);
            return Err(not_understood(format!("a frame of tick {now} after one of tick {before}")));
        }
        if let Some(pacer) = &mut self.pacer {
            pacer.on_frame(head.tick, head.lead, now_us as f64 / 1000.0);
        }
        self.head = Some(head);
        Ok(Received::Frame)
    }

    fn record_frame(&mut self, now_us: u64, _: usize, measured: Option<&mut Measured>) {
        let (Some(measured), Some(head)) = (measured, &self.head) else { return };
        let sent_us = std::mem::take(&mut self.sent_us[head.tick.0 as usize % SENT_MAX]);
        if sent_us > 0 && head.lead >= 0 {
            measured.input_to_ack.add_us(now_us.saturating_sub(sent_us));
        }
    }

    fn act(&mut self, now_us: u64, may_fight: bool, line: Option<&str>) {
        let own = self.head.as_ref().and_then(|head| head.viewer.own());
        let sight = own.map(|own| Sight::of_lite(own, self.tick(), self.arena_size, may_fight));
        let input = sight.map_or_else(Default::default, |sight| self.brain.think(&sight));
        let due = self.pacer.as_mut().map(|pacer| pacer.take_due(now_us as f64 / 1000.0));
        // Of several ticks only the last is of use: the bot wants the same in all of them.
        if let Some(due) = due.filter(|due| due.ticks > 0) {
            let tick = due.first.after(due.ticks - 1);
            self.sent_us[tick.0 as usize % SENT_MAX] = now_us;
            let input = Message::<B>::Input { tick, input, rewind: 0, ack: self.tick().0 as u8 };
            self.messages.push_back(self.encoding.encode(&input));
        }
        let line = line.map(|line| self.encoding.encode(&Message::<B>::Chat(line.to_owned())));
        self.messages.extend(line);
    }

    /// As the send-ahead of the browser's client wants it, or a tick later while that waits for a frame.
    fn next_turn_us(&mut self, _: u64, now_us: u64) -> u64 {
        let next_us = self.pacer.as_ref().and_then(Pacer::next_ms).map(|ms| (ms * 1000.0).ceil() as u64);
        let tick_us = 1_000_000 / u64::from(self.tick_rate.max(1));
        next_us.unwrap_or(now_us + tick_us).max(now_us + 1)
    }

    fn has_gathered(&self) -> bool {
        self.brain.has_gathered()
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
