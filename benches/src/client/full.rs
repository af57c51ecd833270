//! The player of a full bot: the client's own session, as in the browser, and a pilot that sees what the session sees.

use client_web::game::{Session, VisibleShip};
use shared::{
    Vec2,
    engine::protocol::{decode_client, encode_client_json, encode_server},
    game::protocol::ClientMessage,
};

use super::{
    Encoding, Plan,
    pilot::{Pilot, Sight, Surroundings},
    player::{Player, Received, not_understood},
    record::{End, Measured, VISIBLE_CORRECTION},
    roles::BotSpec,
};

/// Embers attract a bot within this distance, in units.
const EMBER_RANGE: f32 = 300.0;
/// Ships are aimed at within this distance.
const AIM_RANGE: f32 = 520.0;
/// Moving ships are counted in every seventh frame. Seven divides none of the usual tick rates, so what the server does
/// once a second is counted in its true proportion.
const COUNT_SHIPS_EVERY: u64 = 7;
/// Fewer ships than that say nothing about the bytes of a ship: the frame's head outweighs them.
const MOVING_SHIPS_MIN: usize = 10;

#[derive(Debug)]
pub(super) struct FullPlayer {
    session: Session,
    pilot: Pilot,
    encoding: Encoding,
}

impl FullPlayer {
    pub(super) fn new(spec: &BotSpec, plan: &Plan) -> Self {
        Self {
            session: Session::headless(&format!("bot-{}", spec.number)),
            pilot: Pilot::new(plan.seed, spec.number, spec.role),
            encoding: plan.encoding,
        }
    }
}

fn look(session: &Session) -> Option<Sight<'_>> {
    let (own, position) = (session.own_ship()?, session.own_position()?);
    let arena = &session.welcome()?.arena;
    let embers = session.embers_near(position, EMBER_RANGE).map(|(place, _)| place);
    let is_target = |ship: &VisibleShip| !ship.shielded;
    let ships = session.visible_ships().filter(is_target).map(|ship| (ship.position, ship.velocity));
    let around = Surroundings {
        position,
        ember: nearest(position, embers, EMBER_RANGE, |place| *place).map(|place| place - position),
        target: nearest(position, ships, AIM_RANGE, |(place, _)| *place)
            .map(|(place, velocity)| (place - position, velocity)),
        shot_speed: arena.rules.shot.speed,
    };
    Some(Sight { own, arena_size: arena.size, around: Some(around) })
}

fn nearest<T>(from: Vec2, all: impl Iterator<Item = T>, range: f32, place: impl Fn(&T) -> Vec2) -> Option<T> {
    let distance = |it: &T| place(it).distance_squared(from);
    all.filter(|it| distance(it) < range * range).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

impl Player for FullPlayer {
    /// A session speaks binary; for text its messages are encoded again.
    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        let bytes = self.session.poll_transmit()?;
        match self.encoding {
            Encoding::Bincode => Some(bytes),
            Encoding::Json => {
                let message: ClientMessage = decode_client(&bytes).expect("a session's own message");
                Some(encode_client_json(&message).into_bytes())
            }
        }
    }

    fn on_message(&mut self, message: &[u8], now_us: u64) -> Result<Received, End> {
        let now_ms = now_us as f64 / 1000.0;
        let handled = match self.encoding {
            Encoding::Bincode => self.session.handle_message(message, now_ms),
            Encoding::Json => {
                let message = self.encoding.decode(message).map_err(not_understood)?;
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
        measured.ships_sum += u64::from(stats.visible_bodies);
        measured.ships_max = measured.ships_max.max(stats.visible_bodies);
        if measured.full_frames.is_multiple_of(COUNT_SHIPS_EVERY) {
            let moving = self.session.visible_ships().filter(|ship| ship.velocity != Vec2::ZERO).count();
            if moving >= MOVING_SHIPS_MIN {
                measured.bytes_per_moving_ship_sum += bytes as f64 / moving as f64;
                measured.moving_frames += 1;
            }
        }
    }

    fn act(&mut self, now_us: u64, may_fight: bool, line: Option<&str>) {
        if let Some(line) = line {
            self.session.send_chat(line);
        }
        let input = self.pilot.think(may_fight, || look(&self.session));
        self.session.advance(now_us as f64 / 1000.0, input);
    }

    /// As the session's send-ahead wants it.
    fn next_turn_us(&mut self, _: u64, now_us: u64) -> u64 {
        let next_us = self.session.next_tick_ms().map_or(0, |ms| (ms.max(0.0) * 1000.0) as u64);
        next_us.max(now_us + 1)
    }

    fn is_at_centre(&self) -> bool {
        self.pilot.is_at_centre()
    }

    fn checksum_mismatches(&self) -> u64 {
        self.session.stats().checksum_mismatches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_is_within_range() {
        let places = || [Vec2::new(90.0, 0.0), Vec2::new(0.0, 40.0), Vec2::new(500.0, 0.0)].into_iter();
        assert_eq!(nearest(Vec2::ZERO, places(), 100.0, |place| *place), Some(Vec2::new(0.0, 40.0)));
        assert_eq!(nearest(Vec2::ZERO, places(), 10.0, |place| *place), None);
    }

    #[test]
    fn session_before_its_welcome_has_no_sight() {
        assert!(look(&Session::headless("bot")).is_none());
    }
}
