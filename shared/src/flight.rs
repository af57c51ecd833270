//! What an input does to a pilot's own ship in one tick: where it flies, what it burns, whether it fires. All of it
//! follows from the inputs alone, so the client knows it before the server says so, to the bit. What others do to a
//! ship has no place here.

use glam::Vec2;
use serde::{Deserialize, Serialize};

use crate::{
    angle::Angle,
    input::PlayerInput,
    movement::{self, Motion},
    rules::Rules,
    shot,
    terrain::Terrain,
    timing::Timing,
};

/// The part of a ship that its own pilot alone decides on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flight {
    /// Where and how fast.
    pub motion: Motion,
    /// Embers aboard: score, size and fuel.
    pub embers: u32,
    /// The part of an ember burnt already, in 1/256.
    pub burnt: u8,
    /// Ticks until it can fire: at 0 it can.
    pub reload: u8,
}

/// What happened to it in a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deeds {
    /// It boosted.
    pub boosted: bool,
    /// Whole embers burnt.
    pub burnt: u32,
    /// It fired a salvo: see [`Flight::salvo`].
    pub fired: bool,
}

impl Flight {
    /// Flies one tick. Embers are gathered after that: see [`Self::load`].
    pub fn step(&mut self, input: PlayerInput, terrain: &Terrain, timing: &Timing) -> Deeds {
        let mut deeds = Deeds { boosted: input.boosts() && self.embers > 0, ..Deeds::default() };
        let hull = terrain.arena().rules.hull(self.embers);
        movement::step(&mut self.motion, input, hull, deeds.boosted, terrain, timing.dt);
        if deeds.boosted {
            let burnt = u32::from(self.burnt) + timing.burn;
            deeds.burnt = (burnt / 256).min(self.embers);
            self.burnt = (burnt % 256) as u8;
            self.embers -= deeds.burnt;
        }
        self.reload = self.reload.saturating_sub(1);
        if input.fires() && self.reload == 0 {
            self.reload = timing.reload;
            deeds.fired = true;
        }
        deeds
    }

    /// Where the shots of a salvo start that is fired now, and where each flies.
    pub fn salvo(&self, aim: Angle, rules: &Rules) -> impl Iterator<Item = (Vec2, Angle)> + use<> {
        let (centre, hull) = (self.motion.position, rules.hull(self.embers));
        let radius = hull.radius;
        shot::salvo(aim, hull.shots, &rules.shot)
            .map(move |direction| (centre + direction.unit() * radius, direction))
    }

    /// Whether an ember at `place` is in reach.
    pub fn reaches(&self, place: Vec2, rules: &Rules) -> bool {
        let reach = rules.hull(self.embers).reach;
        place.distance_squared(self.motion.position) <= reach * reach
    }

    /// Takes embers aboard.
    pub fn load(&mut self, embers: u32) {
        self.embers = self.embers.saturating_add(embers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{arena::Arena, input::Buttons, protocol::server_samples};

    fn terrain() -> Terrain {
        let welcome = server_samples().into_iter().find_map(|(_, message)| match message {
            crate::protocol::ServerMessage::Welcome(welcome) => Some(welcome),
            crate::protocol::ServerMessage::Frame(_) => None,
        });
        let mut rules = welcome.expect("a welcome is among the samples").arena.rules;
        rules.boost.embers_per_second = 4.0;
        rules.shot.reload = 0.24;
        Terrain::new(Arena { name: "Test".into(), size: Vec2::splat(2048.0), rocks: Vec::new(), rules })
    }

    fn fly(ticks: u32, buttons: Buttons, embers: u32) -> (Flight, u32, u32) {
        let terrain = terrain();
        let timing = Timing::new(30, &terrain.arena().rules);
        let mut flight = Flight { embers, ..Flight::default() };
        let (mut salvos, mut burnt) = (0, 0);
        for _ in 0..ticks {
            let deeds = flight.step(PlayerInput { buttons, aim: Angle(0) }, &terrain, &timing);
            salvos += u32::from(deeds.fired);
            burnt += deeds.burnt;
        }
        (flight, salvos, burnt)
    }

    #[test]
    fn a_held_trigger_fires_at_the_rate_of_the_rules() {
        // 0.24 s are seven ticks; the first salvo comes at once.
        assert_eq!(fly(1, Buttons::FIRE, 0).1, 1);
        assert_eq!(fly(7, Buttons::FIRE, 0).1, 1);
        assert_eq!(fly(8, Buttons::FIRE, 0).1, 2);
        assert_eq!(fly(70, Buttons::BOOST, 0).1, 0);
    }

    #[test]
    fn boost_burns_embers_at_the_rate_of_the_rules_and_no_more_than_there_are() {
        let (flight, _, burnt) = fly(300, Buttons::BOOST, 100);
        assert!((39..=40).contains(&burnt), "{burnt}");
        assert_eq!(flight.embers, 100 - burnt);
        assert_eq!(fly(300, Buttons::BOOST, 3).0.embers, 0);
        assert_eq!(fly(300, Buttons::UP, 100).0.embers, 100);
    }
}
