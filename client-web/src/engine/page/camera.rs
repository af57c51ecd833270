//! Where the camera looks: at the own body; without one, at the body that is watched, or from where the own one was towards
//! another.

use shared::Vec2;

/// How far in time the camera lags behind a watched body.
const GLIDE_MS: f64 = 300.0;
/// A target farther than this is cut to instead of glided to.
const CUT_UNITS: f32 = 900.0;
/// Without an own body the camera drifts this share of the way towards another.
const TOWARDS: f32 = 0.7;
/// How far in time it lags behind that.
const DRIFT_MS: f64 = 600.0;

/// What the camera looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The own body.
    Own(Vec2),
    /// A body that is watched.
    Watched(Vec2),
    /// From where the own body was towards this place, such as that of the body that removed it.
    Towards(Vec2),
    /// Nothing new: it stays where it is.
    Stay,
}

/// The camera.
#[derive(Clone, Copy, Debug, Default)]
pub struct Camera {
    position: Option<Vec2>,
    /// Where the own body was last.
    own: Vec2,
    updated_ms: f64,
}

impl Camera {
    /// Where the camera is; `None` before it had a target.
    pub fn position(&self) -> Option<Vec2> {
        self.position
    }

    /// Moves the camera for a scene at `now_ms`.
    pub fn update(&mut self, target: Target, now_ms: f64) {
        let passed_ms = now_ms - core::mem::replace(&mut self.updated_ms, now_ms);
        let (wanted, lag_ms) = match target {
            Target::Own(position) => {
                (self.position, self.own) = (Some(position), position);
                return;
            }
            Target::Watched(position) => (position, GLIDE_MS),
            Target::Towards(position) => (self.own.lerp(position, TOWARDS), DRIFT_MS),
            Target::Stay => return,
        };
        let left = libm::exp(-passed_ms.max(0.0) / lag_ms) as f32;
        let from = self.position.filter(|position| position.distance(wanted) < CUT_UNITS);
        self.position = Some(from.map_or(wanted, |from| wanted.lerp(from, left)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camera_is_at_the_own_body_and_stays_without_a_target() {
        let mut camera = Camera::default();
        camera.update(Target::Stay, 0.0);
        assert_eq!(camera.position(), None);
        camera.update(Target::Own(Vec2::X), 16.0);
        camera.update(Target::Stay, 32.0);
        assert_eq!(camera.position(), Some(Vec2::X));
    }

    #[test]
    fn watched_body_is_glided_to_and_a_distant_one_is_cut_to() {
        let mut camera = Camera::default();
        camera.update(Target::Watched(Vec2::ZERO), 0.0);
        assert_eq!(camera.position(), Some(Vec2::ZERO), "the first one is cut to");
        camera.update(Target::Watched(Vec2::X * 100.0), GLIDE_MS);
        let x = camera.position().map_or(0.0, |position| position.x);
        assert!((x - 63.2).abs() < 0.1, "{x}");
        let far = Vec2::X * 2.0 * CUT_UNITS;
        camera.update(Target::Watched(far), GLIDE_MS + 1.0);
        assert_eq!(camera.position(), Some(far));
    }

    #[test]
    fn without_a_body_it_drifts_most_of_the_way_to_another() {
        let mut camera = Camera::default();
        camera.update(Target::Own(Vec2::ZERO), 0.0);
        let mut before = 0.0;
        for frame in 1..=240 {
            camera.update(Target::Towards(Vec2::X * 200.0), f64::from(frame) * 16.0);
            let x = camera.position().map_or(0.0, |position| position.x);
            assert!((0.0..10.0).contains(&(x - before)), "from {before} to {x} in a frame");
            before = x;
        }
        assert!((before - 140.0).abs() < 0.5, "{before}");
    }
}
