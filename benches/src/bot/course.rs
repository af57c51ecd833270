//! Where a bot flies, by no more than its own place and speed: so whole and light bots fly alike. It must not know
//! what else is in view.

use rand::{Rng, RngExt};
use shared::{Vec2, engine::angle::Angle};

use super::cast::Role;

/// How near a wall a bot turns back, in units.
const WALL_MARGIN: f32 = 250.0;
/// One look in so many chooses another course.
const COURSE_ODDS: f64 = 0.12;
/// Within this of the centre a bot circles around it, in units.
const CIRCLE: f32 = 250.0;
/// Nearer than this it gives way.
const CIRCLE_INNER: f32 = 90.0;
/// Within this of the centre a bot is held to be there.
const THERE: f32 = 400.0;
/// Slower than this, in units a second, a bot that wants to get on is held up by a rock.
const HELD_UP_SPEED: f32 = 50.0;
/// Looks for which it then goes sideways.
const ASIDE_LOOKS: u8 = 3;
/// How much of the time a bot at the centre holds fire. In a crowd every shot meets somebody: did all fire as they
/// do elsewhere, everyone would be dead within three seconds, and the crowd gone.
const HOLD_FIRE_ODDS: f64 = 0.95;

#[derive(Clone, Debug)]
pub(crate) struct Course {
    role: Role,
    heading: Angle,
    /// Which way around the centre, and around rocks.
    clockwise: bool,
    looks_aside: u8,
    there: bool,
}

impl Course {
    pub(crate) fn new(role: Role, rng: &mut impl Rng) -> Self {
        Self {
            role,
            heading: Angle(rng.random()),
            clockwise: rng.random(),
            looks_aside: ASIDE_LOOKS,
            there: false,
        }
    }

    /// Whether it was at the centre at the last look, if that is where it is to be.
    pub(crate) fn is_there(&self) -> bool {
        self.there
    }

    /// Whether to fire, if there is somebody to fire at. To be asked once a look.
    pub(crate) fn may_fire(&self, rng: &mut impl Rng) -> bool {
        self.role == Role::Roam || !rng.random_bool(HOLD_FIRE_ODDS)
    }

    /// Where to fly from `place` in an arena of `size`. `lure` is the way to something worth a detour.
    pub(crate) fn way(
        &mut self,
        rng: &mut impl Rng,
        place: Vec2,
        velocity: Vec2,
        size: Vec2,
        lure: Option<Vec2>,
    ) -> Vec2 {
        if rng.random_bool(COURSE_ODDS) {
            self.heading = Angle(rng.random());
        }
        match self.role {
            Role::Roam => self.roam(place, size, lure),
            Role::Centre => self.keep_to_centre(place - size / 2.0, velocity),
        }
    }

    fn roam(&mut self, place: Vec2, size: Vec2, lure: Option<Vec2>) -> Vec2 {
        let inside = place.clamp(Vec2::splat(WALL_MARGIN), size - WALL_MARGIN);
        if inside == place {
            return lure.unwrap_or(self.heading.unit());
        }
        self.heading = Angle::of(size / 2.0 - place);
        inside - place
    }

    fn keep_to_centre(&mut self, outward: Vec2, velocity: Vec2) -> Vec2 {
        let apart = outward.length();
        self.there = apart < THERE;
        let out = outward.try_normalize().unwrap_or(self.heading.unit());
        let around = if self.clockwise { -out.perp() } else { out.perp() };
        if apart < CIRCLE_INNER {
            return out + around;
        }
        if apart < CIRCLE {
            return around - out * (0.5 * apart / CIRCLE);
        }
        if let Some(left) = self.looks_aside.checked_sub(1) {
            self.looks_aside = left;
            return around - out * 0.3;
        }
        if velocity.length() < HELD_UP_SPEED {
            self.looks_aside = ASIDE_LOOKS;
            self.clockwise = !self.clockwise;
        }
        -out
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    const SIZE: Vec2 = Vec2::splat(4000.0);
    const DT: f32 = 0.25;

    /// Flies by `role` from a corner at the speed of a ship, and gives the places.
    fn flown(role: Role) -> Vec<Vec2> {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let mut course = Course::new(role, &mut rng);
        let (mut place, mut velocity) = (Vec2::splat(100.0), Vec2::ZERO);
        let mut fly = || {
            velocity = course.way(&mut rng, place, velocity, SIZE, None).normalize_or_zero() * 300.0;
            place += velocity * DT;
            place
        };
        (0..400).map(|_| fly()).collect()
    }

    #[test]
    fn who_is_to_be_at_the_centre_gets_there_and_stays() {
        let places = flown(Role::Centre);
        assert!(places[60..].iter().all(|place| place.distance(SIZE / 2.0) < THERE), "{places:?}");
    }

    #[test]
    fn who_roams_stays_off_the_walls_and_gets_about() {
        let places = flown(Role::Roam);
        let after = &places[10..];
        assert!(after.iter().all(|place| place.clamp(Vec2::splat(100.0), SIZE - 100.0) == *place));
        assert!(after.iter().any(|place| place.distance(places[10]) > 500.0));
    }
}
