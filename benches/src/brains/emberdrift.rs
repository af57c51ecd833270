//! Emberdrift's brain: a bot wants to gather embers, shoot at ships and move about. Seeded: the same bot in the same place wants
//! the same. Full bots see what is around them; lite bots know only their own ship. Both fly alike.

use std::ops::RangeInclusive;

use client_web::game::view_model::ViewModel;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::{
    Vec2,
    engine::input::{Angle, Buttons, PlayerInput},
    game::{Emberdrift, protocol::OwnShip},
};

use crate::client::{Brain, Role, Sight};

/// Ticks from one look around to the next: a good player's reaction time, and a fifth of the work.
const LOOK_EVERY_TICKS: u32 = 5;
/// A target is fired at within this distance, in units.
const FIRE_RANGE: f32 = 400.0;
/// The chance at each look that a bot which cannot see others starts or stops to fire: about half of those in sight of
/// others fire.
const TRIGGER_ODDS: f64 = 0.2;
/// How far the aim swings from the course while it fires, in 1/65536 of a turn: a twelfth of a turn each way.
const SWING: u16 = 5461;
const BOOST_ODDS: f64 = 0.05;
/// A bot with less fuel does not boost.
const BOOST_EMBERS_MIN: u32 = 12;

/// Embers attract a bot within this distance, in units.
const EMBER_RANGE: f32 = 300.0;
/// Ships are aimed at within this distance.
const AIM_RANGE: f32 = 520.0;

/// How near a wall a bot turns back, in units.
const WALL_MARGIN: f32 = 250.0;
/// The chance at each look that a bot changes its course.
const COURSE_ODDS: f64 = 0.12;
/// How far from the centre bots circle around it, in units.
const CIRCLE: RangeInclusive<f32> = 90.0..=250.0;
/// Within this of the centre a bot counts as gathered there.
const AT_CENTRE: f32 = 400.0;
/// A bot of the centre that is slower than this, in units a second, may be stuck at a rock, and may try its other side.
const STUCK_SPEED: f32 = 50.0;
const OTHER_SIDE_ODDS: f64 = 0.3;
/// The share of the time in which a bot at the centre holds its fire. In a crowd every shot hits: if all fired as
/// they do elsewhere, all would be dead within three seconds.
const HOLD_FIRE_ODDS: f64 = 0.95;

/// What a bot with a ship knows when it looks around.
#[derive(Clone, Copy, Debug)]
struct Scene<'a> {
    own: &'a OwnShip,
    arena_size: Vec2,
    /// None for bots that see only their own ship.
    around: Option<Surroundings>,
}

#[derive(Clone, Copy, Debug)]
struct Surroundings {
    /// The own ship as predicted.
    position: Vec2,
    /// The way to the nearest ember.
    ember: Option<Vec2>,
    /// The way to the nearest ship worth a shot, and its velocity.
    target: Option<(Vec2, Vec2)>,
    shot_speed: f32,
}

impl<'a> Scene<'a> {
    fn of(sight: &Sight<'a, Pilot>) -> Option<Self> {
        let (own, position) = (sight.own.ship()?, sight.position()?);
        let around = sight.map().map(|map| {
            let embers = sight.items_near(position, EMBER_RANGE).map(|(place, _)| place);
            let targets = sight.bodies().filter(|ship| !ship.look.status.shielded());
            let targets = targets.map(|ship| (ship.position, ship.velocity));
            Surroundings {
                position,
                ember: nearest(position, embers, EMBER_RANGE, |place| *place).map(|place| place - position),
                target: nearest(position, targets, AIM_RANGE, |(place, _)| *place)
                    .map(|(place, velocity)| (place - position, velocity)),
                shot_speed: map.terrain.arena().rules.shot.speed,
            }
        });
        Some(Self { own, arena_size: sight.arena_size, around })
    }
}

fn nearest<T>(from: Vec2, all: impl Iterator<Item = T>, range: f32, place: impl Fn(&T) -> Vec2) -> Option<T> {
    let distance = |it: &T| place(it).distance_squared(from);
    all.filter(|it| distance(it) < range * range).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// The brain.
#[derive(Debug)]
pub struct Pilot {
    rng: Pcg64Mcg,
    role: Role,
    heading: Angle,
    /// How far from the centre it circles, and which way around: 1 or −1.
    circle: f32,
    side: f32,
    is_at_centre: bool,
    input: PlayerInput,
    fires: bool,
    ticks_to_look: u32,
}

impl Brain for Pilot {
    type Game = Emberdrift;
    /// It predicts which embers the own ship takes: they make it heavier, so without it the prediction would err.
    type View = ViewModel;

    fn new(seed: u64, number: u32, role: Role) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ (u64::from(number) << 32));
        Self {
            role,
            heading: Angle(rng.random()),
            circle: rng.random_range(CIRCLE),
            side: if rng.random() { 1.0 } else { -1.0 },
            is_at_centre: false,
            input: PlayerInput::default(),
            fires: rng.random(),
            ticks_to_look: rng.random_range(0..LOOK_EVERY_TICKS),
            rng,
        }
    }

    fn think(&mut self, sight: &Sight<'_, Self>) -> PlayerInput {
        self.next_input(sight.may_fight, || Scene::of(sight))
    }

    /// Whether a bot whose role is the centre was there at the last look.
    fn has_gathered(&self) -> bool {
        self.is_at_centre
    }
}

impl Pilot {
    /// The input for the next tick. `look` is called now and then; it gives nothing while the bot has no ship.
    fn next_input<'a>(&mut self, may_fight: bool, look: impl FnOnce() -> Option<Scene<'a>>) -> PlayerInput {
        if let Some(ticks) = self.ticks_to_look.checked_sub(1) {
            self.ticks_to_look = ticks;
        } else {
            self.ticks_to_look = LOOK_EVERY_TICKS - 1;
            self.input = look().map_or(PlayerInput::RESPAWN, |scene| self.decide(&scene, may_fight));
        }
        self.input
    }

    fn decide(&mut self, scene: &Scene<'_>, may_fight: bool) -> PlayerInput {
        let Scene { own, arena_size, around } = *scene;
        let place = around.map_or(own.motion.position, |around| around.position);
        let ember = around.and_then(|around| around.ember);
        let way = self.way(place, own.motion.velocity, arena_size, ember);
        let boosts = may_fight && own.embers >= BOOST_EMBERS_MIN && self.rng.random_bool(BOOST_ODDS);
        let holds_fire = self.role == Role::Centre && self.rng.random_bool(HOLD_FIRE_ODDS);
        let may_fire = may_fight && !holds_fire;
        let (aim, fires) = match around {
            Some(Surroundings { target: Some((ahead, velocity)), shot_speed, .. }) => {
                // Where the target will be when a shot has flown there.
                let lead = velocity * (ahead.length() / shot_speed);
                (Angle::of(ahead + lead), may_fire && ahead.length() < FIRE_RANGE)
            }
            Some(_) => (Angle::of(way), false),
            None => self.blind_aim(place, way, arena_size, may_fire),
        };
        let buttons = PlayerInput::towards(way).with(Buttons::BOOST, boosts).with(Buttons::FIRE, fires);
        PlayerInput { buttons, aim }
    }

    /// The way to fly from `place` in an arena of `size`; `lure` is the way to an ember in reach.
    fn way(&mut self, place: Vec2, velocity: Vec2, size: Vec2, lure: Option<Vec2>) -> Vec2 {
        if self.role == Role::Centre {
            let outward = place - size / 2.0;
            let apart = outward.length();
            self.is_at_centre = apart < AT_CENTRE;
            if velocity.length() < STUCK_SPEED && self.rng.random_bool(OTHER_SIDE_ODDS) {
                self.side = -self.side;
            }
            let out = outward.try_normalize().unwrap_or(self.heading.unit());
            return out.perp() * self.side + out * ((self.circle - apart) / 100.0).clamp(-2.0, 2.0);
        }
        if self.rng.random_bool(COURSE_ODDS) {
            self.heading = Angle(self.rng.random());
        }
        let inside = place.clamp(Vec2::splat(WALL_MARGIN), size - WALL_MARGIN);
        if inside == place {
            return lure.unwrap_or(self.heading.unit());
        }
        self.heading = Angle::of(size / 2.0 - place);
        inside - place
    }

    /// Aims where others probably are, and fires about half of the time.
    fn blind_aim(&mut self, place: Vec2, way: Vec2, arena_size: Vec2, may_fire: bool) -> (Angle, bool) {
        if self.rng.random_bool(TRIGGER_ODDS) {
            self.fires = self.rng.random();
        }
        // Across the centre there is always another ship; elsewhere they come along the course.
        let (target, has_target) = match self.role {
            Role::Centre => (arena_size / 2.0 - place, true),
            Role::Roam => (way, self.fires),
        };
        let swing = Angle(self.rng.random_range(0..=2 * SWING).wrapping_sub(SWING));
        (Angle::of(target).turned(swing), may_fire && has_target)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::{
        engine::{body::Motion, ids::Tick},
        game::protocol::PilotState,
    };

    use super::*;

    const SIZE: Vec2 = Vec2::splat(4000.0);

    fn own() -> OwnShip {
        OwnShip {
            motion: Motion { position: Vec2::splat(700.0), velocity: Vec2::ZERO },
            embers: 99,
            burnt: 0,
            held: 0,
            reload: 0,
            power_ups: Default::default(),
            health: 1.0,
            streak: 0,
            boosting: false,
            shielded: false,
        }
    }

    fn inputs(may_fight: bool, around: Option<Surroundings>) -> Vec<PlayerInput> {
        let own = own();
        let scene = Scene { own: &own, arena_size: SIZE, around };
        let mut pilot = Pilot::new(1, 2, Role::Roam);
        (0..1000).map(|_| pilot.next_input(may_fight, || Some(scene))).collect()
    }

    #[test]
    fn lite_bot_sees_its_own_ship_and_nothing_else() {
        let alive = PilotState::Alive(own());
        let scene =
            |state| Scene::of(&Sight::of_lite(state, Tick(1), SIZE, true)).map(|it| format!("{it:?}"));
        let own_only = Scene { own: &own(), arena_size: SIZE, around: None };
        assert_eq!(scene(&alive), Some(format!("{own_only:?}")));
        assert_eq!(scene(&PilotState::Idle { embers: 3 }), None);
    }

    #[test]
    fn nearest_is_within_range() {
        let places = || [Vec2::new(90.0, 0.0), Vec2::new(0.0, 40.0), Vec2::new(500.0, 0.0)].into_iter();
        assert_eq!(nearest(Vec2::ZERO, places(), 100.0, |place| *place), Some(Vec2::new(0.0, 40.0)));
        assert_eq!(nearest(Vec2::ZERO, places(), 10.0, |place| *place), None);
    }

    #[test]
    fn lite_pilot_moves_and_fires_about_half_of_the_time() {
        let inputs = inputs(true, None);
        let count = |is: fn(&PlayerInput) -> bool| inputs.iter().filter(|input| is(input)).count();
        assert!((300..700).contains(&count(|input| input.fires())));
        assert!((10..200).contains(&count(|input| input.boosts())));
        assert!(count(|input| input.thrust() != Vec2::ZERO) > 900);
        let aims: BTreeSet<_> = inputs.iter().map(|input| input.aim.0).collect();
        assert!(aims.len() > 150);
    }

    #[test]
    fn full_pilot_leads_its_target_and_fires_only_in_range() {
        let at = |distance: f32| {
            let target = Some((Vec2::new(distance, 0.0), Vec2::new(0.0, 100.0)));
            Surroundings { position: Vec2::splat(2000.0), ember: None, target, shot_speed: 1000.0 }
        };
        let near = *inputs(true, Some(at(300.0))).last().unwrap();
        assert_eq!((near.aim, near.fires()), (Angle::of(Vec2::new(300.0, 30.0)), true));
        assert!(inputs(true, Some(at(500.0))).iter().all(|input| !input.fires()));
    }

    #[test]
    fn peaceful_pilots_neither_fire_nor_boost() {
        let inputs = inputs(false, None);
        assert!(inputs.iter().all(|input| !input.fires() && !input.boosts()));
        assert!(inputs.iter().any(|input| input.thrust() != Vec2::ZERO));
    }

    /// The places of a flight from a corner at a ship's speed.
    fn flown(role: Role) -> Vec<Vec2> {
        let mut pilot = Pilot::new(1, 2, role);
        let (mut place, mut velocity) = (Vec2::splat(100.0), Vec2::ZERO);
        let mut fly = || {
            velocity = pilot.way(place, velocity, SIZE, None).normalize_or_zero() * 300.0;
            place += velocity * 0.25;
            place
        };
        (0..400).map(|_| fly()).collect()
    }

    #[test]
    fn bot_of_the_centre_gets_there_and_stays() {
        let places = flown(Role::Centre);
        assert!(places[60..].iter().all(|place| place.distance(SIZE / 2.0) < AT_CENTRE), "{places:?}");
    }

    #[test]
    fn roaming_bot_stays_off_the_walls_and_moves_about() {
        let places = flown(Role::Roam);
        let after = &places[10..];
        assert!(after.iter().all(|place| place.clamp(Vec2::splat(100.0), SIZE - 100.0) == *place));
        assert!(after.iter().any(|place| place.distance(places[10]) > 500.0));
    }

    #[test]
    fn pilot_without_a_ship_asks_for_one() {
        let mut pilot = Pilot::new(1, 2, Role::Centre);
        let inputs: Vec<_> = (0..30).map(|_| pilot.next_input(true, || None)).collect();
        assert!(inputs[LOOK_EVERY_TICKS as usize..].iter().all(|input| *input == PlayerInput::RESPAWN));
    }
}
