//! Sparks, debris and rings: a bounded pool of short-lived lights that fly by themselves. It must not know what
//! made them.

use shared::Vec2;

use super::{
    colour::Rgb,
    sprites::{Layer, Shape, Sprite},
};
use crate::web::shell::canvas::View;

/// One light.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Particle {
    /// Where it is.
    pub(in crate::web) place: Vec2,
    /// In units a second.
    pub(in crate::web) velocity: Vec2,
    /// Share of its speed lost a second, as a rate.
    pub(in crate::web) drag: f32,
    /// Half length and half width when it is made and when it ends.
    pub(in crate::web) size: [Vec2; 2],
    /// In radians.
    pub(in crate::web) turn: f32,
    /// In radians a second.
    pub(in crate::web) spin: f32,
    /// What it looks like.
    pub(in crate::web) shape: Shape,
    /// Its colour.
    pub(in crate::web) tint: Rgb,
    /// Brightness when it is made; it fades to nothing.
    pub(in crate::web) strength: f32,
    /// How long it lasts, in seconds.
    pub(in crate::web) life: f32,
    /// How long it has lasted.
    pub(in crate::web) age: f32,
}

impl Particle {
    /// A round one at rest, to be changed as wanted.
    pub(in crate::web) fn at(place: Vec2, radius: [f32; 2], tint: Rgb, strength: f32, life: f32) -> Self {
        Self {
            place,
            velocity: Vec2::ZERO,
            drag: 0.0,
            size: radius.map(Vec2::splat),
            turn: 0.0,
            spin: 0.0,
            shape: Shape::Glow,
            tint,
            strength,
            life,
            age: 0.0,
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(in crate::web) struct Particles {
    pool: Vec<Particle>,
    /// Most at once; beyond that the oldest make room.
    budget: usize,
    /// Where the next one goes when the pool is full.
    oldest: usize,
}

impl Particles {
    /// How many there may be from now on.
    pub(in crate::web) fn set_budget(&mut self, budget: usize) {
        self.budget = budget;
        self.pool.truncate(budget);
    }

    /// Adds one.
    pub(in crate::web) fn add(&mut self, particle: Particle) {
        if self.pool.len() < self.budget {
            self.pool.push(particle);
        } else {
            self.oldest = (self.oldest + 1) % self.budget.max(1);
            if let Some(oldest) = self.pool.get_mut(self.oldest) {
                *oldest = particle;
            }
        }
    }

    /// How full the pool is, 0 to 1: what is only decoration can hold back.
    pub(in crate::web) fn fullness(&self) -> f32 {
        self.pool.len() as f32 / self.budget.max(1) as f32
    }

    /// Forgets all.
    pub(in crate::web) fn clear(&mut self) {
        self.pool.clear();
    }

    /// Lets time pass.
    pub(in crate::web) fn advance(&mut self, seconds: f32) {
        for particle in &mut self.pool {
            particle.age += seconds;
            particle.place += particle.velocity * seconds;
            particle.velocity *= (1.0 - particle.drag * seconds).max(0.0);
            particle.turn += particle.spin * seconds;
        }
        self.pool.retain(|particle| particle.age < particle.life);
    }

    /// Adds those in view to a layer.
    pub(in crate::web) fn draw(&self, view: &View, layer: &mut Layer) {
        for particle in &self.pool {
            let share = (particle.age / particle.life).clamp(0.0, 1.0);
            let half = particle.size[0].lerp(particle.size[1], 1.0 - (1.0 - share) * (1.0 - share));
            if view.sees(particle.place, half.max_element()) {
                layer.add(Sprite {
                    place: particle.place,
                    half,
                    turn: particle.turn,
                    shape: particle.shape,
                    tint: particle.tint,
                    strength: particle.strength * (1.0 - share) * (1.0 - share * 0.3),
                    white: 1.0 - share,
                });
            }
        }
    }
}
