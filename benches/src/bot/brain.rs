//! What a bot wants: to gather embers, to shoot at who comes near, to get about. Seeded, so that the same bot in
//! the same place wants the same. It must not know sockets or time: it is asked once a tick.

use client_web::game::{Session, VisibleShip};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::{
    Vec2,
    engine::{
        angle::Angle,
        input::{Buttons, PlayerInput},
    },
};

use super::{cast::Role, course::Course};

/// Ticks from one look around to the next: a good pilot's reaction, and a fifth of the work.
const LOOK_EVERY_TICKS: u32 = 5;
/// From how far embers draw a bot, in units.
const EMBER_SIGHT: f32 = 300.0;
/// From how far a ship is aimed at.
const AIM_RANGE: f32 = 520.0;
/// From how far it is fired at.
const FIRE_RANGE: f32 = 400.0;
/// One look in so many begins a boost.
const BOOST_ODDS: f64 = 0.05;
/// Fuel below which a bot does not boost.
const BOOST_EMBERS_MIN: u32 = 12;

#[derive(Debug)]
pub(super) struct Brain {
    rng: Pcg64Mcg,
    course: Course,
    input: PlayerInput,
    ticks_to_look: u32,
}

impl Brain {
    /// The brain of bot `number`.
    pub(super) fn new(seed: u64, number: u32, role: Role) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ (u64::from(number) << 32));
        Self {
            course: Course::new(role, &mut rng),
            input: PlayerInput::default(),
            ticks_to_look: rng.random_range(0..LOOK_EVERY_TICKS),
            rng,
        }
    }

    /// A number from 0 to 1, to spread bots over a tick.
    pub(super) fn phase(&mut self) -> f64 {
        self.rng.random()
    }

    /// Whether it is at the centre, if that is where it is to be.
    pub(super) fn is_there(&self) -> bool {
        self.course.is_there()
    }

    /// What to do in the next tick.
    pub(super) fn think(&mut self, session: &Session, may_fight: bool) -> PlayerInput {
        if let Some(ticks) = self.ticks_to_look.checked_sub(1) {
            self.ticks_to_look = ticks;
        } else {
            self.ticks_to_look = LOOK_EVERY_TICKS - 1;
            self.input = self.look(session, may_fight).unwrap_or(PlayerInput::RESPAWN);
        }
        self.input
    }

    fn look(&mut self, session: &Session, may_fight: bool) -> Option<PlayerInput> {
        let own = session.own_ship()?;
        let place = session.own_position()?;
        let arena = &session.welcome()?.arena;
        let ember = nearest(place, session.embers_near(place, EMBER_SIGHT), EMBER_SIGHT);
        let way = self.course.way(&mut self.rng, place, own.motion.velocity, arena.size, ember);
        let boosts = may_fight && own.embers >= BOOST_EMBERS_MIN && self.rng.random_bool(BOOST_ODDS);
        let mut buttons = PlayerInput::towards(way).with(Buttons::BOOST, boosts);
        let mut aim = Angle::of(way);
        let may_fire = may_fight && self.course.may_fire(&mut self.rng);
        if let Some(prey) = prey(place, session.visible_ships()) {
            let ahead = prey.position - place;
            // Where it will be when a shot has flown there.
            let flight_seconds = ahead.length() / arena.rules.shot.speed;
            aim = Angle::of(ahead + prey.velocity * flight_seconds);
            buttons = buttons.with(Buttons::FIRE, may_fire && ahead.length() < FIRE_RANGE);
        }
        Some(PlayerInput { buttons, aim })
    }
}

/// The way to the nearest ember within `reach`.
fn nearest(place: Vec2, embers: impl Iterator<Item = (Vec2, u8)>, reach: f32) -> Option<Vec2> {
    embers
        .map(|(at, _)| at - place)
        .filter(|way| way.length_squared() < reach * reach)
        .min_by(|a, b| a.length_squared().total_cmp(&b.length_squared()))
}

/// The nearest ship worth a shot.
fn prey(place: Vec2, ships: impl Iterator<Item = VisibleShip>) -> Option<VisibleShip> {
    let apart = |ship: &VisibleShip| ship.position.distance_squared(place);
    ships
        .filter(|ship| !ship.shielded && apart(ship) < AIM_RANGE * AIM_RANGE)
        .min_by(|a, b| apart(a).total_cmp(&apart(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_in_reach_is_chosen() {
        let embers = [(Vec2::new(90.0, 0.0), 1), (Vec2::new(0.0, 40.0), 1), (Vec2::new(500.0, 0.0), 9)];
        assert_eq!(nearest(Vec2::ZERO, embers.into_iter(), 100.0), Some(Vec2::new(0.0, 40.0)));
        assert_eq!(nearest(Vec2::ZERO, embers.into_iter(), 10.0), None);
    }

    #[test]
    fn a_bot_without_a_ship_wants_one() {
        let session = Session::headless("bot");
        let mut brain = Brain::new(1, 2, Role::Roam);
        assert!((0..20).all(|_| brain.think(&session, true) == PlayerInput::RESPAWN));
    }
}
