//! Bursts of particles above the ships: hits, shots, explosions, pickups, growth.

use shared::{Vec2, game::ember::Pickup};

use crate::{
    engine::page::{
        gpu_data::{Rgb, mix},
        noise::Random,
        particles::{Particle, Particles},
    },
    game::{
        page::{
            palette,
            shapes::{Shape, pickup_sign},
        },
        scene::SceneShip,
    },
};

/// The particles, and what makes each burst a little different.
#[derive(Debug)]
pub(super) struct Sparks {
    pub(super) particles: Particles,
    pub(super) random: Random,
}

impl Sparks {
    pub(super) fn new() -> Self {
        Self { particles: Particles::default(), random: Random::new(11) }
    }

    /// A shot met a ship: `own` is this player's, `by_own` its shot.
    pub(super) fn ship_hit(&mut self, place: Vec2, own: bool, by_own: bool) {
        let tint = if own { palette::SHOT } else { [1.0, 0.8, 0.5] };
        self.burst(place, 9, 150.0, 0.34, tint);
        let size = if by_own || own { [4.0, 30.0] } else { [4.0, 22.0] };
        self.ring(place, size, 0.26, tint, if by_own { 0.9 } else { 0.55 });
    }

    /// A shot met a rock or a wall.
    pub(super) fn shot_struck(&mut self, place: Vec2) {
        self.burst(place, 5, 110.0, 0.26, palette::SPARK);
    }

    /// The flash at a muzzle.
    pub(super) fn shot_fired(&mut self, place: Vec2, own: bool) {
        let tint = if own { palette::OWN_SHOT } else { palette::SHOT };
        let mut flash = Particle::at(place, [19.0, 7.0], tint, if own { 1.0 } else { 0.7 }, 0.09);
        flash.shape = Shape::Ember.into();
        flash.turn = self.random.angle();
        self.particles.add(flash);
    }

    /// An ember reached a ship.
    pub(super) fn ember_collected(&mut self, place: Vec2, own: bool) {
        self.ring(place, [3.0, 16.0], 0.28, palette::EMBER_RICH, if own { 0.8 } else { 0.35 });
        if own {
            self.burst(place, 3, 60.0, 0.3, palette::EMBER_RICH);
        }
    }

    /// This player's ship appeared.
    pub(super) fn spawned(&mut self, place: Vec2, tint: Rgb) {
        self.ring(place, [110.0, 12.0], 0.5, tint, 0.8);
        self.ring(place, [10.0, 90.0], 0.7, tint, 0.5);
        self.burst(place, 16, 120.0, 0.6, tint);
    }

    /// This player's ship grew a size: light gathers to it and bursts.
    pub(super) fn grown(&mut self, ship: &SceneShip) {
        let (place, radius, tint) = (ship.position, ship.radius, palette::ship_tint(ship));
        self.particles.add(Particle::at(place, [radius * 5.0, radius * 2.0], palette::BEACON, 0.8, 0.45));
        self.ring(place, [radius * 5.0, radius], 0.35, palette::BEACON, 0.9);
        self.ring(place, [radius, radius * 6.0], 0.7, tint, 0.9);
        self.burst(place, 20, 260.0, 0.7, palette::BEACON);
        self.burst(place, 14, 180.0, 0.8, tint);
    }

    /// A pickup was collected: its sign opens up, and what it gives begins.
    pub(super) fn pickup_collected(&mut self, place: Vec2, kind: Pickup, own: bool) {
        let tint = palette::pickup_tint(kind);
        let mut sign = Particle::at(place, [20.0, 58.0], tint, 1.0, 0.5);
        sign.shape = pickup_sign(kind).into();
        self.particles.add(sign);
        self.particles.add(Particle::at(place, [70.0, 110.0], tint, if own { 0.6 } else { 0.4 }, 0.5));
        match kind {
            Pickup::Shield => {
                let mut bubble = Particle::at(place, [14.0, 72.0], tint, 0.9, 0.45);
                bubble.shape = Shape::Bubble.into();
                self.particles.add(bubble);
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

    /// A ship of this size, 0 to 3, came apart.
    pub(super) fn explosion(&mut self, place: Vec2, tier: u8, own: bool) {
        let scale = 1.0 + 0.35 * f32::from(tier);
        let hot = [1.0, 0.86, 0.62];
        self.particles.add(Particle::at(place, [30.0 * scale, 95.0 * scale], hot, 0.9, 0.20));
        // Where many ships come apart at once, wide soft light of each would only hide the others.
        let is_crowded = self.particles.fullness() > 0.25 && !own;
        if !is_crowded {
            self.particles.add(Particle::at(
                place,
                [60.0 * scale, 120.0 * scale],
                palette::EMBER,
                0.20,
                0.75,
            ));
            self.ring(place, [12.0, 125.0 * scale], 0.62, [0.75, 0.88, 1.0], 0.85);
        }
        self.ring(place, [6.0, 70.0 * scale], 0.45, palette::EMBER, 0.8);
        self.burst(place, 26, 240.0 * scale, 0.75, palette::EMBER_RICH);
        if tier >= 2 && !is_crowded {
            // Large hulls burst twice: a slow wave follows, and a cloud of the embers that they carried.
            self.ring(place, [20.0, 210.0 * scale], 1.1, palette::EMBER, 0.7);
            self.particles.add(Particle::at(place, [40.0 * scale, 190.0 * scale], hot, 0.30, 1.1));
            self.burst(place, 14 * u32::from(tier), 330.0 * scale, 1.3, palette::EMBER);
        }
        for _ in 0..(12.0 * scale) as u32 {
            self.shard(place, scale);
        }
    }

    /// A splinter of a hull.
    fn shard(&mut self, place: Vec2, scale: f32) {
        let random = &mut self.random;
        let way = Vec2::from_angle(random.angle());
        let size = Vec2::new(random.between(3.5, 8.0) * scale, random.between(1.4, 3.0) * scale);
        let tint = mix(palette::EMBER, [0.8, 0.85, 1.0], random.unit());
        let mut shard = Particle::at(place + way * 8.0, [1.0, 1.0], tint, 0.95, random.between(0.7, 1.5));
        shard.velocity = way * random.between(40.0, 190.0) * scale;
        shard.drag = 1.6;
        shard.size = [size, size * 0.4];
        shard.turn = random.angle();
        shard.spin = random.between(-9.0, 9.0);
        shard.shape = Shape::Shard.into();
        self.particles.add(shard);
    }

    /// Streaks in all directions: fewer where the pool is nearly full.
    fn burst(&mut self, place: Vec2, count: u32, speed: f32, life: f32, tint: Rgb) {
        let count = (count as f32 * (1.0 - 0.8 * self.particles.fullness())).ceil() as u32;
        for _ in 0..count {
            let angle = self.random.angle();
            let pace = speed * self.random.between(0.25, 1.0);
            let length = 3.0 + pace * 0.035;
            let mut spark = Particle::at(place, [1.0, 1.0], tint, 0.95, life * self.random.between(0.5, 1.0));
            spark.velocity = Vec2::from_angle(angle) * pace;
            spark.drag = 2.6;
            spark.turn = angle;
            spark.shape = Shape::Streak.into();
            spark.size = [Vec2::new(length * 1.6, 3.8), Vec2::new(3.0, 1.8)];
            self.particles.add(spark);
        }
    }

    fn ring(&mut self, place: Vec2, radius: [f32; 2], life: f32, tint: Rgb, strength: f32) {
        let mut ring = Particle::at(place, radius, tint, strength, life);
        ring.shape = Shape::Ring.into();
        self.particles.add(ring);
    }
}
