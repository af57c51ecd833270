//! A bounded pool of short-lived sprites that fly by themselves.

use shared::Vec2;

use super::{
    gpu_data::{Rgb, Sprite},
    view::View,
};

/// A sprite that moves, turns and fades.
#[derive(Clone, Copy, Debug)]
pub struct Particle {
    /// Where it is.
    pub place: Vec2,
    /// In units a second.
    pub velocity: Vec2,
    /// Share of its speed lost a second, as a rate.
    pub drag: f32,
    /// Half length and half width when it is made and when it ends.
    pub size: [Vec2; 2],
    /// In radians.
    pub turn: f32,
    /// In radians a second.
    pub spin: f32,
    /// As of [`Sprite::shape`].
    pub shape: u8,
    /// Its colour.
    pub tint: Rgb,
    /// Brightness when it is made; it fades to nothing.
    pub strength: f32,
    /// How long it lasts, in seconds.
    pub life: f32,
    /// How long it has lasted.
    pub age: f32,
}

impl Particle {
    /// A round one at rest, of shape 0; `radius` when it is made and when it ends. To be changed as needed.
    pub fn at(place: Vec2, radius: [f32; 2], tint: Rgb, strength: f32, life: f32) -> Self {
        Self {
            place,
            velocity: Vec2::ZERO,
            drag: 0.0,
            size: radius.map(Vec2::splat),
            turn: 0.0,
            spin: 0.0,
            shape: 0,
            tint,
            strength,
            life,
            age: 0.0,
        }
    }
}

/// Particles up to a budget.
#[derive(Debug, Default)]
pub struct Particles {
    pool: Vec<Particle>,
    /// Most at once; beyond that new ones replace old ones.
    budget: usize,
    /// What was replaced last when the pool was full.
    replaced: usize,
}

impl Particles {
    /// Sets how many there may be; what is beyond that ends at once.
    pub fn set_budget(&mut self, budget: usize) {
        self.budget = budget;
        self.pool.truncate(budget);
    }

    /// Adds one; see [`Particles::set_budget`].
    pub fn add(&mut self, particle: Particle) {
        if self.pool.len() < self.budget {
            self.pool.push(particle);
        } else {
            self.replaced = (self.replaced + 1) % self.budget.max(1);
            if let Some(old) = self.pool.get_mut(self.replaced) {
                *old = particle;
            }
        }
    }

    /// Share of the budget in use, 0 to 1.
    pub fn fullness(&self) -> f32 {
        self.pool.len() as f32 / self.budget.max(1) as f32
    }

    /// Ends all.
    pub fn clear(&mut self) {
        self.pool.clear();
    }

    /// Moves, turns and ages all of them.
    pub fn advance(&mut self, seconds: f32) {
        for particle in &mut self.pool {
            particle.age += seconds;
            particle.place += particle.velocity * seconds;
            particle.velocity *= (1.0 - particle.drag * seconds).max(0.0);
            particle.turn += particle.spin * seconds;
        }
        self.pool.retain(|particle| particle.age < particle.life);
    }

    /// Calls `add` with a sprite for each that is in view.
    pub fn draw(&self, view: &View, mut add: impl FnMut(Sprite)) {
        for particle in &self.pool {
            let share = (particle.age / particle.life).clamp(0.0, 1.0);
            let half = particle.size[0].lerp(particle.size[1], 1.0 - (1.0 - share) * (1.0 - share));
            if view.sees(particle.place, half.max_element()) {
                add(Sprite {
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

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: View =
        View { camera: Vec2::ZERO, half: Vec2::splat(100.0), pixels_per_unit: 1.0, device_ratio: 1.0 };

    fn at(x: f32) -> Particle {
        Particle::at(Vec2::new(x, 0.0), [4.0, 8.0], [1.0; 3], 0.8, 2.0)
    }

    fn with_budget(budget: usize) -> Particles {
        let mut particles = Particles::default();
        particles.set_budget(budget);
        particles
    }

    fn drawn(particles: &Particles) -> Vec<Sprite> {
        let mut sprites = Vec::new();
        particles.draw(&VIEW, |sprite| sprites.push(sprite));
        sprites
    }

    #[test]
    fn without_a_budget_nothing_is_added() {
        let mut particles = Particles::default();
        particles.add(at(0.0));
        assert!(drawn(&particles).is_empty());
    }

    #[test]
    fn beyond_the_budget_new_ones_replace_old_ones() {
        let mut particles = with_budget(3);
        for x in 0..5 {
            particles.add(at(x as f32));
        }
        let mut places: Vec<f32> = drawn(&particles).iter().map(|sprite| sprite.place.x).collect();
        places.sort_by(f32::total_cmp);
        assert_eq!(places.len(), 3);
        assert!(places.contains(&3.0) && places.contains(&4.0), "{places:?}");
        assert_eq!(particles.fullness(), 1.0);
    }

    #[test]
    fn a_smaller_budget_ends_what_is_beyond_it() {
        let mut particles = with_budget(4);
        (0..4).for_each(|x| particles.add(at(x as f32)));
        particles.set_budget(1);
        assert_eq!(drawn(&particles).len(), 1);
    }

    #[test]
    fn a_particle_ends_with_its_life() {
        let mut particles = with_budget(4);
        particles.add(at(0.0));
        particles.advance(1.9);
        assert_eq!(drawn(&particles).len(), 1);
        particles.advance(0.2);
        assert!(drawn(&particles).is_empty());
        assert_eq!(particles.fullness(), 0.0);
    }

    #[test]
    fn a_particle_moves_turns_and_is_slowed() {
        let mut particles = with_budget(1);
        particles.add(Particle { velocity: Vec2::X * 10.0, drag: 0.5, spin: 2.0, ..at(0.0) });
        particles.advance(0.5);
        particles.advance(0.5);
        let [sprite] = drawn(&particles)[..] else { panic!("one particle was added") };
        // Half a second at 10 units a second, then a quarter less fast.
        assert!((sprite.place.x - (5.0 + 3.75)).abs() < 1e-4, "{sprite:?}");
        assert!((sprite.turn - 2.0).abs() < 1e-5, "{sprite:?}");
    }

    #[test]
    fn a_strong_drag_stops_and_does_not_turn_back() {
        let mut particles = with_budget(1);
        particles.add(Particle { velocity: Vec2::X * 10.0, drag: 30.0, ..at(0.0) });
        (0..3).for_each(|_| particles.advance(0.1));
        assert_eq!(drawn(&particles)[0].place.x, 1.0);
    }

    #[test]
    fn a_particle_grows_to_its_last_size_and_fades() {
        let mut particles = with_budget(1);
        particles.add(at(0.0));
        let first = drawn(&particles)[0];
        particles.advance(1.0);
        let middle = drawn(&particles)[0];
        particles.advance(0.999);
        let last = drawn(&particles)[0];
        assert_eq!((first.half.x, first.strength), (4.0, 0.8));
        assert!(first.half.x < middle.half.x && middle.half.x < last.half.x && last.half.x <= 8.0);
        assert!(middle.strength < first.strength && last.strength < 0.001);
    }

    #[test]
    fn only_what_is_in_view_is_drawn() {
        let mut particles = with_budget(4);
        [0.0, 103.0, 500.0].into_iter().for_each(|x| particles.add(at(x)));
        assert_eq!(drawn(&particles).len(), 2, "one reaches into view from outside");
    }
}
