//! Turns what happens into particles: bursts, trails, white flashes of ships that were hit, and a shake of the camera.

mod sparks;

use shared::{Vec2, engine::ids::PlayerId};

use self::sparks::Sparks;
use super::{palette, shapes::Shape};
use crate::{
    engine::page::{
        gpu_data::{Rgb, mix},
        noise::Random,
        particles::{Particle, Particles},
    },
    game::{
        render_detail::RenderDetail,
        scene::{Scene, SceneEvent, SceneShip},
    },
};

/// With more ships than this in view, only the own one and those that boost leave trails.
const TRAILS_MAX: usize = 80;
/// Trail particles a second and ship.
const TRAIL_RATE: f32 = 26.0;

/// How long a ship is white from a hit.
const FLASH_SECONDS: f32 = 0.08;
/// Ships that are white at once; more could not be told apart.
const FLASHES_MAX: usize = 64;

/// Particles in flight, flashes and the shake.
#[derive(Debug)]
pub struct Effects {
    trails: Particles,
    sparks: Sparks,
    random: Random,
    shake: f32,
    calm: bool,
    /// Trail particles that are due, and a fraction.
    trail_debt: f32,
    /// Ships that were just hit, and for how many seconds they still show it.
    flashes: Vec<(PlayerId, f32)>,
    /// Size of the own ship at the last frame, if it flew.
    own_tier: Option<usize>,
    own_tint: Rgb,
}

impl Effects {
    /// None yet. `calm`: less is to flash and shake.
    pub fn new(calm: bool) -> Self {
        Self {
            trails: Particles::default(),
            sparks: Sparks::new(),
            random: Random::new(29),
            shake: 0.0,
            calm,
            trail_debt: 0.0,
            flashes: Vec::new(),
            own_tier: None,
            own_tint: palette::OWN,
        }
    }

    /// Whether less is to flash and shake.
    pub fn set_calm(&mut self, calm: bool) {
        self.calm = calm;
    }

    /// Sets how many particles there may be.
    pub fn set_detail(&mut self, detail: RenderDetail) {
        self.trails.set_budget(detail.particles);
        self.sparks.particles.set_budget(detail.particles);
    }

    /// Ends all: another place is shown next.
    pub fn clear(&mut self) {
        self.trails.clear();
        self.sparks.particles.clear();
        self.shake = 0.0;
        self.flashes.clear();
        self.own_tier = None;
    }

    /// To be drawn below the ships.
    pub fn trails(&self) -> &Particles {
        &self.trails
    }

    /// To be drawn above the ships.
    pub fn sparks(&self) -> &Particles {
        &self.sparks.particles
    }

    /// How white a ship is from a hit, 0 to 1.
    pub fn flash(&self, ship: PlayerId) -> f32 {
        let flash = self.flashes.iter().find(|(id, _)| *id == ship);
        let share = flash.map_or(0.0, |(_, left)| left / FLASH_SECONDS);
        if self.calm { share * 0.4 } else { share }
    }

    /// The camera's offset from the shake, in units: another one at each call.
    pub fn shake_offset(&mut self) -> Vec2 {
        if self.calm || self.shake <= 0.0 {
            return Vec2::ZERO;
        }
        let far = self.shake.min(1.6) * 7.0;
        Vec2::new(self.random.between(-far, far), self.random.between(-far, far))
    }

    /// Takes in the scene of this frame, `seconds` after the last.
    pub fn advance(&mut self, scene: &Scene, seconds: f32) {
        self.trails.advance(seconds);
        self.sparks.particles.advance(seconds);
        self.shake = (self.shake - seconds * (2.0 + self.shake * 6.0)).max(0.0);
        self.flashes.retain_mut(|(_, left)| {
            *left -= seconds;
            *left > 0.0
        });
        let own = scene.ships.iter().find(|ship| ship.own);
        self.own_tint = own.map_or(self.own_tint, palette::ship_tint);
        for event in &scene.events {
            self.happen(*event);
        }
        self.notice_growth(own);
        self.trail_debt = (self.trail_debt + seconds * TRAIL_RATE).min(3.0);
        while self.trail_debt >= 1.0 {
            self.trail_debt -= 1.0;
            // Frames come unevenly; without this a trail would show it.
            let ago = self.trail_debt / TRAIL_RATE;
            for ship in &scene.ships {
                if scene.ships.len() <= TRAILS_MAX || ship.own || ship.status.boosting() {
                    self.trail(ship, ago);
                }
            }
        }
    }

    fn happen(&mut self, event: SceneEvent) {
        match event {
            SceneEvent::Explosion { position, tier, own } => {
                self.sparks.explosion(position, tier, own);
                self.shake += if own { 1.5 } else { 0.0 };
            }
            SceneEvent::ShipHit { position, ship, own, by_own } => {
                self.flash_white(ship);
                self.sparks.ship_hit(position, own, by_own);
                self.shake += if own { 0.55 } else { 0.0 };
            }
            SceneEvent::ShotStruck { position } => self.sparks.shot_struck(position),
            SceneEvent::ShotFired { position, own } => self.sparks.shot_fired(position, own),
            SceneEvent::EmberCollected { position, own } => self.sparks.ember_collected(position, own),
            SceneEvent::PickupCollected { position, kind, own } => {
                self.sparks.pickup_collected(position, kind, own);
            }
            SceneEvent::Spawned { position } => self.sparks.spawned(position, self.own_tint),
        }
    }

    fn flash_white(&mut self, ship: PlayerId) {
        self.flashes.retain(|(id, _)| *id != ship);
        if self.flashes.len() < FLASHES_MAX {
            self.flashes.push((ship, FLASH_SECONDS));
        }
    }

    fn notice_growth(&mut self, own: Option<&SceneShip>) {
        let before = core::mem::replace(&mut self.own_tier, own.map(|ship| ship.status.tier()));
        if let (Some(before), Some(ship)) = (before, own)
            && ship.status.tier() > before
        {
            self.flash_white(ship.id);
            self.sparks.grown(ship);
        }
    }

    /// The wake of an engine, as it was `ago` seconds ago: faint, or of embers if the ship boosts.
    fn trail(&mut self, ship: &SceneShip, ago: f32) {
        let speed = ship.velocity.length();
        if speed < 40.0 || (self.trails.fullness() > 0.8 && !ship.own) {
            return;
        }
        let random = &mut self.random;
        let back = ship.velocity / -speed;
        let side = back.perp() * random.between(-0.22, 0.22) * ship.radius;
        let place = ship.position - ship.velocity * ago + back * ship.radius * 0.75 + side;
        let tint = palette::ship_tint(ship);
        let mut wake = if ship.status.boosting() {
            Particle::at(place, [ship.radius * 0.5, ship.radius * 0.12], palette::EMBER, 0.55, 0.7)
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
            let mut smoke = Particle::at(place, [2.4, 6.5], palette::BEACON, 0.6, random.between(0.9, 1.7));
            smoke.shape = Shape::Ember.into();
            smoke.velocity = Vec2::from_angle(random.angle()) * random.between(4.0, 26.0);
            self.trails.add(smoke);
        }
        if ship.status.boosting() {
            let tint = mix(palette::EMBER, palette::EMBER_RICH, random.unit());
            let mut fleck = Particle::at(place, [2.6, 0.8], tint, 1.0, random.between(0.4, 1.1));
            let spread = random.between(-0.5, 0.5);
            fleck.velocity = Vec2::from_angle(spread).rotate(back) * random.between(20.0, 120.0);
            fleck.drag = 1.5;
            self.trails.add(fleck);
        }
    }
}

#[cfg(test)]
mod tests;
