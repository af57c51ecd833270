//! Where a bot flies, from its own position and speed only, so that full and lite bots fly alike.

use rand::{Rng, RngExt};
use shared::{Vec2, engine::input::Angle};

use super::roles::Role;

/// How near a wall a bot turns back, in units.
const WALL_MARGIN: f32 = 250.0;
/// The chance at each look that a bot changes its course.
const COURSE_ODDS: f64 = 0.12;
/// Within this of the centre a bot circles around it, in units.
const CIRCLE: f32 = 250.0;
/// Nearer than this it moves outward.
const CIRCLE_INNER: f32 = 90.0;
/// Within this of the centre a bot counts as gathered there.
const AT_CENTRE: f32 = 400.0;
/// A bot that wants to move and is slower than this, in units a second, is stuck at a rock.
const STUCK_SPEED: f32 = 50.0;
/// For so many looks it then flies sideways.
const SIDEWAYS_LOOKS: u8 = 3;
/// The share of the time in which a bot at the centre holds its fire. In a crowd every shot hits: if all fired as
/// they do elsewhere, all would be dead within three seconds.
const HOLD_FIRE_ODDS: f64 = 0.95;

#[derive(Clone, Debug)]
pub(super) struct Course {
    role: Role,
    heading: Angle,
    /// Which way around the centre, and around rocks.
    clockwise: bool,
    looks_sideways: u8,
    is_at_centre: bool,
}

impl Course {
    pub(super) fn new(role: Role, rng: &mut impl Rng) -> Self {
        Self {
            role,
            heading: Angle(rng.random()),
            clockwise: rng.random(),
            looks_sideways: SIDEWAYS_LOOKS,
            is_at_centre: false,
        }
    }

    /// Whether a bot whose role is the centre was there at the last look.
    pub(super) fn is_at_centre(&self) -> bool {
        self.is_at_centre
    }

    /// Whether to fire at a target, if there is one; called once a look.
    pub(super) fn may_fire(&self, rng: &mut impl Rng) -> bool {
        self.role == Role::Roam || !rng.random_bool(HOLD_FIRE_ODDS)
    }

    /// The way to fly from `place` in an arena of `size`; `lure` is the way to an ember in reach.
    pub(super) fn way(
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
        self.is_at_centre = apart < AT_CENTRE;
        let out = outward.try_normalize().unwrap_or(self.heading.unit());
        let around = if self.clockwise { -out.perp() } else { out.perp() };
        if apart < CIRCLE_INNER {
            return out + around;
        }
        if apart < CIRCLE {
            return around - out * (0.5 * apart / CIRCLE);
        }
        if let Some(left) = self.looks_sideways.checked_sub(1) {
            self.looks_sideways = left;
            return around - out * 0.3;
        }
        if velocity.length() < STUCK_SPEED {
            self.looks_sideways = SIDEWAYS_LOOKS;
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

    /// The places of a flight from a corner at a ship's speed.
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
}
