//! Turns what happens into light: sparks, explosions, shockwaves, trails, and a shake of the camera. It must not
//! know how light is drawn.

use shared::{Vec2, engine::ids::PlayerId, game::rules::Pickup};

use super::{
    colour::{self, Rgb, mix},
    noise::Random,
    particles::{Particle, Particles},
    pickups,
    sprites::Shape,
};
use crate::{
    engine::page::quality::Quality,
    game::{
        render_detail::RenderDetail,
        scene::{Scene, SceneEvent, SceneShip},
    },
};

/// Beyond this many ships in view only the own one and those that boost leave trails.
const TRAILS_MAX: usize = 80;
/// Trail particles a second and ship.
const TRAIL_RATE: f32 = 26.0;

/// How long a ship is white from a hit.
const FLASH_SECONDS: f32 = 0.08;
/// Ships that are white at once; more are not told apart.
const STRUCK_MAX: usize = 64;

/// Lights in flight and the state of the shake.
pub(in crate::web) struct Effects {
    /// Drawn below the ships.
    pub(in crate::web) trails: Particles,
    /// Drawn above the ships.
    pub(in crate::web) sparks: Particles,
    random: Random,
    shake: f32,
    calm: bool,
    trail_debt: f32,
    /// Ships that were just hit, and for how many seconds they still show it.
    struck: Vec<(PlayerId, f32)>,
    /// Size of the own ship at the last moment, if it flew.
    own_tier: Option<u8>,
    own_tint: Rgb,
}

impl Effects {
    /// Nothing yet. `calm`: the visitor asked for less motion.
    pub(in crate::web) fn new(calm: bool) -> Self {
        Self {
            trails: Particles::default(),
            sparks: Particles::default(),
            random: Random::new(11),
            shake: 0.0,
            calm,
            trail_debt: 0.0,
            struck: Vec::new(),
            own_tier: None,
            own_tint: colour::OWN,
        }
    }

    /// Whether little is to move from now on.
    pub(in crate::web) fn set_calm(&mut self, calm: bool) {
        self.calm = calm;
    }

    /// How many lights there may be from now on.
    pub(in crate::web) fn set_quality(&mut self, quality: Quality) {
        let budget = RenderDetail::of(quality).particles;
        self.trails.set_budget(budget);
        self.sparks.set_budget(budget);
    }

    /// Forgets all: another place is shown from now on.
    pub(in crate::web) fn clear(&mut self) {
        self.trails.clear();
        self.sparks.clear();
        self.shake = 0.0;
        self.struck.clear();
        self.own_tier = None;
    }

    /// How much of a ship is white from a hit, 0 to 1.
    pub(in crate::web) fn flash(&self, ship: PlayerId) -> f32 {
        let struck = self.struck.iter().find(|(id, _)| *id == ship);
        let share = struck.map_or(0.0, |(_, left)| left / FLASH_SECONDS);
        if self.calm { share * 0.4 } else { share }
    }

    /// Takes in a new moment, `seconds` after the last.
    pub(in crate::web) fn advance(&mut self, scene: &Scene, seconds: f32) {
        self.trails.advance(seconds);
        self.sparks.advance(seconds);
        self.shake = (self.shake - seconds * (2.0 + self.shake * 6.0)).max(0.0);
        self.struck.retain_mut(|(_, left)| {
            *left -= seconds;
            *left > 0.0
        });
        let own = scene.ships.iter().find(|ship| ship.own);
        self.own_tint = own.map_or(self.own_tint, super::ships::tint);
        for event in &scene.events {
            self.happen(*event);
        }
        self.grow(own);
        self.trail_debt = (self.trail_debt + seconds * TRAIL_RATE).min(3.0);
        while self.trail_debt >= 1.0 {
            self.trail_debt -= 1.0;
            // Pictures come unevenly; a trail shall not show it.
            let ago = self.trail_debt / TRAIL_RATE;
            for ship in &scene.ships {
                if scene.ships.len() <= TRAILS_MAX || ship.own || ship.boosting {
                    self.trail(ship, ago);
                }
            }
        }
    }

    /// How far the camera is off its place, in units.
    pub(in crate::web) fn shaken(&mut self) -> Vec2 {
        if self.calm || self.shake <= 0.0 {
            return Vec2::ZERO;
        }
        let far = self.shake.min(1.6) * 7.0;
        Vec2::new(self.random.between(-far, far), self.random.between(-far, far))
    }

    fn happen(&mut self, event: SceneEvent) {
        match event {
            SceneEvent::Explosion { position, tier, own } => self.explode(position, tier, own),
            SceneEvent::ShipHit { position, ship, own, by_own } => {
                self.strike(ship);
                let tint = if own { colour::SHOT } else { [1.0, 0.8, 0.5] };
                self.burst(position, 9, 150.0, 0.34, tint);
                let size = if by_own || own { [4.0, 30.0] } else { [4.0, 22.0] };
                self.ring(position, size, 0.26, tint, if by_own { 0.9 } else { 0.55 });
                if own {
                    self.shake += 0.55;
                }
            }
            SceneEvent::ShotStruck { position } => self.burst(position, 5, 110.0, 0.26, colour::SPARK),
            SceneEvent::ShotFired { position, own } => {
                let tint = if own { colour::OWN_SHOT } else { colour::SHOT };
                let mut flash = Particle::at(position, [19.0, 7.0], tint, if own { 1.0 } else { 0.7 }, 0.09);
                flash.shape = Shape::Ember;
                flash.turn = self.random.angle();
                self.sparks.add(flash);
            }
            SceneEvent::EmberCollected { position, own } => {
                let strength = if own { 0.8 } else { 0.35 };
                self.ring(position, [3.0, 16.0], 0.28, colour::EMBER_RICH, strength);
                if own {
                    self.burst(position, 3, 60.0, 0.3, colour::EMBER_RICH);
                }
            }
            SceneEvent::PickupCollected { position, kind, own } => self.take(position, kind, own),
            SceneEvent::Spawned { position } => {
                self.ring(position, [110.0, 12.0], 0.5, self.own_tint, 0.8);
                self.ring(position, [10.0, 90.0], 0.7, self.own_tint, 0.5);
                self.burst(position, 16, 120.0, 0.6, self.own_tint);
            }
        }
    }

    fn strike(&mut self, ship: PlayerId) {
        self.struck.retain(|(id, _)| *id != ship);
        if self.struck.len() < STRUCK_MAX {
            self.struck.push((ship, FLASH_SECONDS));
        }
    }

    /// The own ship has grown a size: light gathers to it and bursts.
    fn grow(&mut self, own: Option<&SceneShip>) {
        let before = core::mem::replace(&mut self.own_tier, own.map(|ship| ship.tier));
        let (Some(before), Some(ship)) = (before, own) else { return };
        if ship.tier <= before {
            return;
        }
        let (place, tint) = (ship.position, super::ships::tint(ship));
        self.strike(ship.id);
        self.sparks.add(Particle::at(
            place,
            [ship.radius * 5.0, ship.radius * 2.0],
            colour::BEACON,
            0.8,
            0.45,
        ));
        self.ring(place, [ship.radius * 5.0, ship.radius], 0.35, colour::BEACON, 0.9);
        self.ring(place, [ship.radius, ship.radius * 6.0], 0.7, tint, 0.9);
        self.burst(place, 20, 260.0, 0.7, colour::BEACON);
        self.burst(place, 14, 180.0, 0.8, tint);
    }

    /// A pickup is taken: its sign opens up, and then what it gives begins.
    fn take(&mut self, place: Vec2, kind: Pickup, own: bool) {
        let tint = pickups::tint(kind);
        let mut sign = Particle::at(place, [20.0, 58.0], tint, 1.0, 0.5);
        sign.shape = pickups::sign(kind);
        self.sparks.add(sign);
        self.sparks.add(Particle::at(place, [70.0, 110.0], tint, if own { 0.6 } else { 0.4 }, 0.5));
        match kind {
            Pickup::Shield => {
                let mut bubble = Particle::at(place, [14.0, 72.0], tint, 0.9, 0.45);
                bubble.shape = Shape::Bubble;
                self.sparks.add(bubble);
                self.ring(place, [10.0, 95.0], 0.6, tint, 0.6);
            }
            Pickup::Rapid => {
                self.ring(place, [10.0, 80.0], 0.35, tint, 0.8);
                self.burst(place, 24, 420.0, 0.45, tint);
            }
            Pickup::Magnet => {
                for (from, life) in [(60.0, 0.28), (100.0, 0.42), (140.0, 0.56)] {
                    self.ring(place, [from, 12.0], life, tint, 0.8);
                }
            }
        }
    }

    fn explode(&mut self, place: Vec2, tier: u8, own: bool) {
        let scale = 1.0 + 0.35 * f32::from(tier);
        let hot = [1.0, 0.86, 0.62];
        self.sparks.add(Particle::at(place, [30.0 * scale, 95.0 * scale], hot, 0.9, 0.20));
        // Where ship upon ship comes apart, the wide and soft of each would only hide the others.
        let is_crowded = self.sparks.fullness() > 0.25 && !own;
        if !is_crowded {
            self.sparks.add(Particle::at(place, [60.0 * scale, 120.0 * scale], colour::EMBER, 0.20, 0.75));
            self.ring(place, [12.0, 125.0 * scale], 0.62, [0.75, 0.88, 1.0], 0.85);
        }
        self.ring(place, [6.0, 70.0 * scale], 0.45, colour::EMBER, 0.8);
        self.burst(place, 26, 240.0 * scale, 0.75, colour::EMBER_RICH);
        if tier >= 2 && !is_crowded {
            // Large hulls go in two: a slow wave follows, and a cloud of what they had aboard.
            self.ring(place, [20.0, 210.0 * scale], 1.1, colour::EMBER, 0.7);
            self.sparks.add(Particle::at(place, [40.0 * scale, 190.0 * scale], hot, 0.30, 1.1));
            self.burst(place, 14 * u32::from(tier), 330.0 * scale, 1.3, colour::EMBER);
        }
        for _ in 0..(12.0 * scale) as u32 {
            let way = Vec2::from_angle(self.random.angle());
            let size =
                Vec2::new(self.random.between(3.5, 8.0) * scale, self.random.between(1.4, 3.0) * scale);
            let tint = mix(colour::EMBER, [0.8, 0.85, 1.0], self.random.unit());
            let mut shard =
                Particle::at(place + way * 8.0, [1.0, 1.0], tint, 0.95, self.random.between(0.7, 1.5));
            shard.velocity = way * self.random.between(40.0, 190.0) * scale;
            shard.drag = 1.6;
            shard.size = [size, size * 0.4];
            shard.turn = self.random.angle();
            shard.spin = self.random.between(-9.0, 9.0);
            shard.shape = Shape::Shard;
            self.sparks.add(shard);
        }
        if own {
            self.shake += 1.5;
        }
    }

    /// Sparks in all directions.
    fn burst(&mut self, place: Vec2, count: u32, speed: f32, life: f32, tint: Rgb) {
        // Where much happens at once, less of each is missed.
        let count = (count as f32 * (1.0 - 0.8 * self.sparks.fullness())).ceil() as u32;
        for _ in 0..count {
            let angle = self.random.angle();
            let pace = speed * self.random.between(0.25, 1.0);
            let length = 3.0 + pace * 0.035;
            let mut spark = Particle::at(place, [1.0, 1.0], tint, 0.95, life * self.random.between(0.5, 1.0));
            spark.velocity = Vec2::from_angle(angle) * pace;
            spark.drag = 2.6;
            spark.turn = angle;
            spark.shape = Shape::Streak;
            spark.size = [Vec2::new(length * 1.6, 3.8), Vec2::new(3.0, 1.8)];
            self.sparks.add(spark);
        }
    }

    fn ring(&mut self, place: Vec2, radius: [f32; 2], life: f32, tint: Rgb, strength: f32) {
        let mut ring = Particle::at(place, radius, tint, strength, life);
        ring.shape = Shape::Ring;
        self.sparks.add(ring);
    }

    /// What an engine leaves behind: a faint wake, or a wake of embers when it boosts.
    fn trail(&mut self, ship: &SceneShip, ago: f32) {
        let speed = ship.velocity.length();
        if speed < 40.0 || (self.trails.fullness() > 0.8 && !ship.own) {
            return;
        }
        let back = ship.velocity / -speed;
        let side = back.perp() * self.random.between(-0.22, 0.22) * ship.radius;
        let place = ship.position - ship.velocity * ago + back * ship.radius * 0.75 + side;
        let tint = super::ships::tint(ship);
        let mut wake = if ship.boosting {
            Particle::at(place, [ship.radius * 0.5, ship.radius * 0.12], colour::EMBER, 0.55, 0.7)
        } else {
            Particle::at(place, [ship.radius * 0.36, ship.radius * 0.10], tint, 0.42, 0.8)
        };
        wake.velocity = ship.velocity * 0.06;
        wake.drag = 1.2;
        // Long enough to meet the one before it.
        wake.turn = ship.velocity.to_angle();
        wake.size[0].x = wake.size[0].x.max(speed / TRAIL_RATE * 1.3);
        wake.size[1].x = wake.size[0].x;
        wake.age = ago;
        self.trails.add(wake);
        if ship.leader {
            // The leader smoulders: gold that drifts off and stays behind.
            let mut smoke =
                Particle::at(place, [2.4, 6.5], colour::BEACON, 0.6, self.random.between(0.9, 1.7));
            smoke.shape = Shape::Ember;
            smoke.velocity = Vec2::from_angle(self.random.angle()) * self.random.between(4.0, 26.0);
            self.trails.add(smoke);
        }
        if ship.boosting {
            let tint = mix(colour::EMBER, colour::EMBER_RICH, self.random.unit());
            let mut fleck = Particle::at(place, [2.6, 0.8], tint, 1.0, self.random.between(0.4, 1.1));
            let spread = self.random.between(-0.5, 0.5);
            fleck.velocity = Vec2::from_angle(spread).rotate(back) * self.random.between(20.0, 120.0);
            fleck.drag = 1.5;
            self.trails.add(fleck);
        }
    }
}
