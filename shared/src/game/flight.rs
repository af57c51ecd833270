//! What an input does to its own ship in one tick: movement, burnt embers, shots. It depends on the inputs alone, so the client
//! predicts it exactly. What others do to a ship is not part of it.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use crate::{
    engine::{
        body::Motion,
        input::{Angle, PlayerInput},
    },
    game::{
        ember::{Ember, Pickup},
        movement,
        rules::Rules,
        shot,
        terrain::Terrain,
        timing::Timing,
    },
};

/// Radius of a pickup, in units: a ship that touches it takes it.
pub const PICKUP_RADIUS: f32 = 16.0;

/// The part of a ship that its own inputs determine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flight {
    /// Position and velocity.
    pub motion: Motion,
    /// Embers carried: score, size and fuel.
    pub embers: u32,
    /// The fraction of an ember already burnt, in 1/256.
    pub burnt: u8,
    /// Ticks until it can fire.
    pub reload: u8,
    /// Ticks for which it neither moves nor fires, before a round of a duel.
    pub held: u16,
    /// Active power-ups.
    pub power_ups: PowerUps,
}

/// The power-ups of a ship: remaining ticks of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PowerUps {
    /// Protects from all damage.
    pub shield: u16,
    /// Shortens the reload time.
    pub rapid: u16,
    /// Extends the collection distance.
    pub magnet: u16,
}

impl PowerUps {
    /// Remaining ticks of one power-up.
    pub fn of(&self, pickup: Pickup) -> u16 {
        match pickup {
            Pickup::Shield => self.shield,
            Pickup::Rapid => self.rapid,
            Pickup::Magnet => self.magnet,
        }
    }

    /// Starts a power-up; the same one again restarts its time.
    fn take(&mut self, pickup: Pickup, timing: &Timing) {
        let [shield, rapid, magnet] = timing.power_ups;
        match pickup {
            Pickup::Shield => self.shield = shield,
            Pickup::Rapid => self.rapid = rapid,
            Pickup::Magnet => self.magnet = magnet,
        }
    }

    fn pass(&mut self) {
        for ticks in [&mut self.shield, &mut self.rapid, &mut self.magnet] {
            *ticks = ticks.saturating_sub(1);
        }
    }
}

/// What a ship collected in a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// The value of the embers.
    pub embers: u32,
    /// Whether it took each of [`Pickup::ALL`].
    pub pickups: [bool; 3],
}

impl Collected {
    /// Adds an ember or a pickup.
    pub fn add(&mut self, what: Ember) {
        match what.pickup() {
            None => self.embers += what.worth(),
            Some(pickup) => self.pickups[pickup as usize] = true,
        }
    }

    /// Whether nothing was collected.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a ship did in a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepOutcome {
    /// Whether it boosted.
    pub boosted: bool,
    /// Whole embers burnt.
    pub burnt: u32,
    /// Whether it fired a salvo: see [`Flight::salvo`].
    pub fired: bool,
}

impl Flight {
    /// Advances by one tick. Embers are collected after that: see [`Self::collect`].
    pub fn step(&mut self, input: PlayerInput, terrain: &Terrain, timing: &Timing) -> StepOutcome {
        let input = self.allowed(input);
        self.held = self.held.saturating_sub(1);
        let rules = &terrain.arena().rules;
        let mut outcome =
            StepOutcome { boosted: input.boosts() && self.embers > 0, ..StepOutcome::default() };
        let hull = rules.hull(self.embers);
        movement::step(&mut self.motion, input, hull, outcome.boosted, terrain, timing.dt);
        let burns = if outcome.boosted { timing.burn } else { 0 };
        // Capped so that the product below cannot overflow.
        let above = self.embers.saturating_sub(rules.embers.smoulder_above).min(1 << 18);
        let burnt = u32::from(self.burnt) + burns + above * timing.smoulder / 256;
        outcome.burnt = (burnt / 256).min(self.embers);
        self.burnt = (burnt % 256) as u8;
        self.embers -= outcome.burnt;
        self.reload = self.reload.saturating_sub(1);
        if input.fires() && self.reload == 0 {
            self.reload = if self.power_ups.rapid > 0 { timing.reload_rapid } else { timing.reload };
            outcome.fired = true;
        }
        self.power_ups.pass();
        outcome
    }

    /// What it does of an input: a ship that is held does nothing but aim.
    pub fn allowed(&self, input: PlayerInput) -> PlayerInput {
        if self.held > 0 { PlayerInput { buttons: Default::default(), ..input } } else { input }
    }

    /// The start position and direction of each shot of a salvo that is fired now.
    pub fn salvo(&self, aim: Angle, rules: &Rules) -> impl Iterator<Item = (Vec2, Angle)> + use<> {
        let (centre, hull) = (self.motion.position, rules.hull(self.embers));
        let radius = hull.radius;
        shot::salvo(aim, hull.shots, &rules.shot)
            .map(move |direction| (centre + direction.unit() * radius, direction))
    }

    /// The distance from which it collects embers.
    pub fn reach(&self, rules: &Rules) -> f32 {
        let reach = rules.hull(self.embers).reach;
        if self.power_ups.magnet > 0 { reach * rules.pickups.magnet_reach } else { reach }
    }

    /// Whether it collects `what` at `place`: an ember within reach, or a pickup that it touches.
    pub fn takes(&self, what: Ember, place: Vec2, rules: &Rules) -> bool {
        let far = match what.pickup() {
            None => self.reach(rules),
            Some(_) => rules.hull(self.embers).radius + PICKUP_RADIUS,
        };
        place.distance_squared(self.motion.position) <= far * far
    }

    /// Adds what it collected in a tick.
    pub fn collect(&mut self, collected: Collected, timing: &Timing) {
        self.embers = self.embers.saturating_add(collected.embers);
        for pickup in
            Pickup::ALL.into_iter().zip(collected.pickups).filter_map(|(pickup, has)| has.then_some(pickup))
        {
            self.power_ups.take(pickup, timing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{input::Buttons, protocol::Samples},
        game::{Emberdrift, arena::Arena, mode::Mode, rules::PickupRules},
    };

    fn terrain() -> Terrain {
        let mut rules = Emberdrift::arena().rules;
        rules.boost.embers_per_second = 4.0;
        rules.shot.reload = 0.24;
        rules.embers.smoulder_above = 1000;
        rules.embers.smoulder = 0.01;
        rules.hulls.iter_mut().for_each(|hull| (hull.radius, hull.reach) = (20.0, 80.0));
        rules.pickups = PickupRules {
            max: 1,
            every_seconds: 1.0,
            shield_seconds: 2.0,
            rapid_seconds: 2.0,
            rapid_reload: 0.5,
            magnet_seconds: 2.0,
            magnet_reach: 2.0,
        };
        let (rocks, blocks) = (Vec::new(), Vec::new());
        Terrain::new(Arena {
            name: "Test".into(),
            size: Vec2::splat(2048.0),
            mode: Mode::Free,
            rocks,
            blocks,
            rules,
        })
    }

    #[test]
    fn held_ship_stays_until_its_time_is_over() {
        let terrain = terrain();
        let timing = Timing::new(20, &terrain.arena().rules);
        let motion = Motion { position: terrain.arena().size / 2.0, ..Motion::default() };
        let mut flight = Flight { motion, embers: 9, held: 3, ..Flight::default() };
        let all = Buttons::RIGHT.with(Buttons::FIRE, true).with(Buttons::BOOST, true);
        let input = PlayerInput { buttons: all, aim: Angle(0) };
        for held in [2, 1, 0] {
            assert_eq!(flight.step(input, &terrain, &timing), StepOutcome::default());
            assert_eq!((flight.held, flight.motion), (held, motion));
        }
        let outcome = flight.step(input, &terrain, &timing);
        assert!(outcome.fired && outcome.boosted && flight.motion != motion);
    }

    fn fly(ticks: u32, buttons: Buttons, embers: u32) -> (Flight, u32, u32) {
        fly_with(ticks, buttons, Flight { embers, ..Flight::default() })
    }

    fn fly_with(ticks: u32, buttons: Buttons, mut flight: Flight) -> (Flight, u32, u32) {
        let terrain = terrain();
        let timing = Timing::new(30, &terrain.arena().rules);
        let (mut salvos, mut burnt) = (0, 0);
        for _ in 0..ticks {
            let outcome = flight.step(PlayerInput { buttons, aim: Angle(0) }, &terrain, &timing);
            salvos += u32::from(outcome.fired);
            burnt += outcome.burnt;
        }
        (flight, salvos, burnt)
    }

    #[test]
    fn held_trigger_fires_at_the_reload_rate() {
        // 0.24 s are seven ticks; the first salvo is fired at once.
        assert_eq!(fly(1, Buttons::FIRE, 0).1, 1);
        assert_eq!(fly(7, Buttons::FIRE, 0).1, 1);
        assert_eq!(fly(8, Buttons::FIRE, 0).1, 2);
        assert_eq!(fly(70, Buttons::BOOST, 0).1, 0);
    }

    #[test]
    fn boost_burns_embers_at_its_rate_until_none_are_left() {
        let (flight, _, burnt) = fly(300, Buttons::BOOST, 100);
        assert!((39..=40).contains(&burnt), "{burnt}");
        assert_eq!(flight.embers, 100 - burnt);
        assert_eq!(fly(300, Buttons::BOOST, 3).0.embers, 0);
        assert_eq!(fly(300, Buttons::UP, 100).0.embers, 100);
    }

    #[test]
    fn hoard_smoulders_down_to_the_limit() {
        // 1 % per second of the 500 above the limit: 4.9 in the first second.
        assert_eq!(fly(30, Buttons::UP, 1500).2, 4);
        let (flight, _, burnt) = fly(60_000, Buttons::UP, 1500);
        assert_eq!(flight.embers, 1500 - burnt);
        // The loss of a small excess rounds down to nothing.
        assert!((1000..1050).contains(&flight.embers), "{}", flight.embers);
        assert_eq!(fly(3000, Buttons::UP, 1000).2, 0);
    }

    #[test]
    fn pickup_lasts_its_time_and_the_same_pickup_restarts_it() {
        let terrain = terrain();
        let rules = &terrain.arena().rules;
        let timing = Timing::new(30, rules);
        let mut flight = Flight::default();
        let mut collected = Collected::default();
        let pickup = Ember::of;
        Pickup::ALL.into_iter().for_each(|kind| collected.add(pickup(kind)));
        assert_eq!(collected.embers, 0);
        flight.collect(collected, &timing);
        assert_eq!(flight.power_ups, PowerUps { shield: 60, rapid: 60, magnet: 60 });
        assert_eq!(flight.reach(rules), 160.0);
        // 0.12 s are four ticks: fifteen salvos in two seconds, then the normal rate.
        let (after, salvos, _) = fly_with(60, Buttons::FIRE, flight);
        assert_eq!((salvos, after.power_ups), (15, PowerUps::default()));
        assert_eq!(after.reach(rules), 80.0);
        let (mut after, ..) = fly_with(30, Buttons::default(), flight);
        after.collect(collected, &timing);
        assert_eq!(after.power_ups.shield, 60);
    }

    #[test]
    fn embers_are_collected_within_reach_and_pickups_on_touch() {
        let terrain = terrain();
        let rules = &terrain.arena().rules;
        let flight = Flight::default();
        let takes = |value, far| flight.takes(Ember(value), Vec2::new(far, 0.0), rules);
        assert!(takes(1, 80.0) && !takes(1, 81.0));
        assert!(takes(253, 36.0) && !takes(253, 37.0));
    }
}
