//! What a light bot wants, from no more than the head of a frame: to get about, to shoot now and then. It must not
//! know sockets or time: it is asked once a tick.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::{
    Vec2,
    engine::{
        angle::Angle,
        input::{Buttons, PlayerInput},
    },
    game::protocol::OwnShip,
};

use crate::bot::{Course, Role};

/// Ticks from one look to the next, as for whole bots.
const LOOK_EVERY_TICKS: u32 = 5;
/// One look in so many begins to fire or ceases to: bots in sight of others fire about half of the time.
const TRIGGER_ODDS: f64 = 0.2;
/// How far the nose swings from the course while it fires, in 1/65536 of a turn: a twelfth of a turn each way.
const SWING: u16 = 5461;
/// One look in so many begins a boost.
const BOOST_ODDS: f64 = 0.05;
/// Fuel below which a bot does not boost.
const BOOST_EMBERS_MIN: u32 = 12;

#[derive(Debug)]
pub(super) struct Pilot {
    rng: Pcg64Mcg,
    course: Course,
    role: Role,
    input: PlayerInput,
    fires: bool,
    ticks_to_look: u32,
}

impl Pilot {
    /// The pilot of bot `number`.
    pub(super) fn new(seed: u64, number: u32, role: Role) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ (u64::from(number) << 32));
        Self {
            course: Course::new(role, &mut rng),
            role,
            input: PlayerInput::default(),
            fires: rng.random(),
            ticks_to_look: rng.random_range(0..LOOK_EVERY_TICKS),
            rng,
        }
    }

    /// A number from 0 to 1, to spread bots over a tick.
    pub(super) fn phase(&mut self) -> f64 {
        self.rng.random()
    }

    /// Four bytes to mask a message with.
    pub(super) fn mask(&mut self) -> [u8; 4] {
        self.rng.random()
    }

    /// Whether it is at the centre, if that is where it is to be.
    pub(super) fn is_there(&self) -> bool {
        self.course.is_there()
    }

    /// What to do in the next tick. `own` is the ship, if it flies, in an arena of `size`.
    pub(super) fn think(&mut self, own: Option<&OwnShip>, size: Vec2, may_fight: bool) -> PlayerInput {
        if let Some(ticks) = self.ticks_to_look.checked_sub(1) {
            self.ticks_to_look = ticks;
        } else {
            self.ticks_to_look = LOOK_EVERY_TICKS - 1;
            self.input = own.map_or(PlayerInput::RESPAWN, |own| self.look(own, size, may_fight));
        }
        self.input
    }

    fn look(&mut self, own: &OwnShip, size: Vec2, may_fight: bool) -> PlayerInput {
        let place = own.motion.position;
        let way = self.course.way(&mut self.rng, place, own.motion.velocity, size, None);
        if self.rng.random_bool(TRIGGER_ODDS) {
            self.fires = self.rng.random();
        }
        let at_somebody = self.fires || self.role == Role::Centre;
        let fires = may_fight && at_somebody && self.course.may_fire(&mut self.rng);
        let boosts = may_fight && own.embers >= BOOST_EMBERS_MIN && self.rng.random_bool(BOOST_ODDS);
        let buttons = PlayerInput::towards(way).with(Buttons::BOOST, boosts).with(Buttons::FIRE, fires);
        // Somebody is always across the centre; elsewhere whoever comes along the course is met.
        let target = match self.role {
            Role::Centre => size / 2.0 - place,
            Role::Roam => way,
        };
        let swing = Angle(self.rng.random_range(0..=2 * SWING).wrapping_sub(SWING));
        PlayerInput { buttons, aim: Angle::of(target).turned(swing) }
    }
}

#[cfg(test)]
mod tests {
    use shared::game::movement::Motion;

    use super::*;

    fn inputs(may_fight: bool) -> Vec<PlayerInput> {
        let motion = Motion { position: Vec2::splat(700.0), velocity: Vec2::ZERO };
        let own = OwnShip {
            motion,
            embers: 99,
            burnt: 0,
            reload: 0,
            power_ups: Default::default(),
            health: 1.0,
            rank: 1,
            streak: 0,
            boosting: false,
            shielded: false,
        };
        let mut pilot = Pilot::new(1, 2, Role::Roam);
        (0..1000).map(|_| pilot.think(Some(&own), Vec2::splat(4000.0), may_fight)).collect()
    }

    #[test]
    fn it_moves_turns_and_fires_about_half_of_the_time() {
        let inputs = inputs(true);
        let count = |is: fn(&PlayerInput) -> bool| inputs.iter().filter(|input| is(input)).count();
        assert!((300..700).contains(&count(|input| input.fires())));
        assert!((10..200).contains(&count(|input| input.boosts())));
        assert!(count(|input| input.thrust() != Vec2::ZERO) > 900);
        let aims: std::collections::BTreeSet<_> = inputs.iter().map(|input| input.aim.0).collect();
        assert!(aims.len() > 150);
    }

    #[test]
    fn in_peace_nobody_fires_or_boosts() {
        assert!(inputs(false).iter().all(|input| !input.fires() && !input.boosts()));
        assert!(inputs(false).iter().any(|input| input.thrust() != Vec2::ZERO));
    }

    #[test]
    fn without_a_ship_it_wants_one() {
        let mut pilot = Pilot::new(1, 2, Role::Centre);
        let mut think = || pilot.think(None, Vec2::splat(1e4), true);
        // It looks up now and then.
        (0..LOOK_EVERY_TICKS).for_each(|_| {
            think();
        });
        assert!((0..20).all(|_| think() == PlayerInput::RESPAWN));
    }
}
