//! The player of a full bot: the client's own session, as in the browser, and a brain that sees what the session sees.

use client_web::engine::session::Session;
use shared::{
    Vec2,
    engine::protocol::{decode_client, encode_client_json, encode_server},
};

use super::{
    Encoding, Plan,
    brain::{Brain, InputOf, Sight},
    player::{Player, Received, not_understood},
    record::{End, Measured, VISIBLE_CORRECTION},
    roles::BotSpec,
};

/// Moving bodies are counted in every seventh frame. Seven divides none of the usual tick rates, so what the server does
/// once a second is counted in its true proportion.
const COUNT_BODIES_EVERY: u64 = 7;
/// Fewer bodies than that say nothing about the bytes of a body: the frame's head outweighs them.
const MOVING_BODIES_MIN: usize = 10;

pub(super) struct FullPlayer<B: Brain> {
    session: Session<B::View>,
    brain: B,
    encoding: Encoding,
}

impl<B: Brain> FullPlayer<B> {
    pub(super) fn new(spec: &BotSpec, plan: &Plan) -> Self {
        Self {
            session: Session::headless(&format!("bot-{}", spec.number)),
            brain: B::new(plan.seed, spec.number, spec.role),
            encoding: plan.encoding,
        }
    }
}

impl<B: Brain> Player for FullPlayer<B> {
    /// A session speaks binary; for text its messages are encoded again.
    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        let bytes = self.session.poll_transmit()?;
        match self.encoding {
            Encoding::Bincode => Some(bytes),
            Encoding::Json => {
                let message = decode_client::<InputOf<B>>(&bytes).expect("a session's own message");
                Some(encode_client_json(&message).into_bytes())
            }
        }
    }

    fn on_message(&mut self, message: &[u8], now_us: u64) -> Result<Received, End> {
        let now_ms = now_us as f64 / 1000.0;
        let handled = match self.encoding {
            Encoding::Bincode => self.session.handle_message(message, now_ms),
            Encoding::Json => {
                let message = self.encoding.decode::<B::Game>(message).map_err(not_understood)?;
                self.session.handle_message(&encode_server(&message), now_ms)
            }
        };
        handled.map_err(not_understood)?;
        match (self.session.tick(), self.session.welcome()) {
            (None, Some(welcome)) => Ok(Received::Welcome { tick_rate: welcome.tick_rate }),
            _ => Ok(Received::Frame),
        }
    }

    fn record_frame(&mut self, _: u64, bytes: usize, measured: Option<&mut Measured>) {
        let Some(measured) = measured else {
            return self.session.drain_input_to_ack_ms().for_each(drop);
        };
        self.session.drain_input_to_ack_ms().for_each(|ms| measured.input_to_ack.add_ms(f64::from(ms)));
        let stats = self.session.stats();
        measured.full_frames += 1;
        measured.corrections += u64::from(stats.prediction_error > VISIBLE_CORRECTION);
        measured.bodies_sum += u64::from(stats.visible_bodies);
        measured.bodies_max = measured.bodies_max.max(stats.visible_bodies);
        if measured.full_frames.is_multiple_of(COUNT_BODIES_EVERY) {
            let moving = self.session.bodies().filter(|body| body.velocity != Vec2::ZERO).count();
            if moving >= MOVING_BODIES_MIN {
                measured.bytes_per_moving_body_sum += bytes as f64 / moving as f64;
                measured.moving_frames += 1;
            }
        }
    }

    fn act(&mut self, now_us: u64, may_fight: bool, line: Option<&str>) {
        if let Some(line) = line {
            self.session.send_chat(line);
        }
        let sight = Sight::of_full(&self.session, may_fight);
        let input = sight.map_or_else(Default::default, |sight| self.brain.think(&sight));
        self.session.advance(now_us as f64 / 1000.0, input);
    }

    /// As the session's send-ahead wants it.
    fn next_turn_us(&mut self, _: u64, now_us: u64) -> u64 {
        let next_us = self.session.next_tick_ms().map_or(0, |ms| (ms.max(0.0) * 1000.0) as u64);
        next_us.max(now_us + 1)
    }

    fn has_gathered(&self) -> bool {
        self.brain.has_gathered()
    }

    fn checksum_mismatches(&self) -> u64 {
        self.session.stats().checksum_mismatches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brains::Pilot;

    #[test]
    fn session_before_its_welcome_has_no_sight() {
        assert!(Sight::<Pilot>::of_full(&Session::headless("bot"), true).is_none());
    }
}
