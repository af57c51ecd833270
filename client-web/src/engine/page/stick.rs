//! A stick that a finger on a touch screen pushes, wherever it comes down.

use shared::Vec2;

/// A thumb this far from the centre pushes the stick all the way, in CSS pixels: about a centimetre.
pub const STICK_RADIUS_PX: f32 = 52.0;

/// A stick under a finger. It is centred where the finger came down, and a finger that goes too far pulls the centre
/// along, so that turning back is felt at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloatingStick {
    finger: i32,
    /// In CSS pixels from the top left of the page.
    pub centre: Vec2,
    /// Where the finger is.
    pub at: Vec2,
}

impl FloatingStick {
    /// Under this finger, at rest.
    pub fn new(finger: i32, position: Vec2) -> Self {
        Self { finger, centre: position, at: position }
    }

    /// The finger moves.
    pub fn move_to(&mut self, position: Vec2) {
        self.at = position;
        self.centre = position - (position - self.centre).clamp_length_max(STICK_RADIUS_PX);
    }

    /// Its finger.
    pub fn finger(&self) -> i32 {
        self.finger
    }

    /// How far it is pushed, y up; 1 is all the way.
    pub fn position(&self) -> Vec2 {
        let away = (self.at - self.centre) / STICK_RADIUS_PX;
        Vec2::new(away.x, -away.y)
    }
}

/// A finger that is down for a shorter time has tapped, and one that comes down again within this time has tapped twice; in
/// milliseconds.
const DOUBLE_TAP_MS: f64 = 260.0;

/// Tells when a finger comes down for the second time in a short while: what it then holds is something else than at the first time.
#[derive(Clone, Copy, Debug, Default)]
pub struct DoubleTap {
    down_ms: Option<f64>,
    /// When the last tap ended.
    tapped_ms: Option<f64>,
}

impl DoubleTap {
    /// A finger comes down. Whether that is the second time.
    pub fn down(&mut self, now_ms: f64) -> bool {
        self.down_ms = Some(now_ms);
        self.tapped_ms.take().is_some_and(|tapped_ms| now_ms - tapped_ms < DOUBLE_TAP_MS)
    }

    /// The finger leaves.
    pub fn up(&mut self, now_ms: f64) {
        let is_short = |down_ms: &f64| now_ms - down_ms < DOUBLE_TAP_MS;
        self.tapped_ms = self.down_ms.take().filter(is_short).map(|_| now_ms);
    }
}

/// The position of a stick; `None` while it is in its dead zone, or not a number.
pub fn outside_dead_zone(stick: Vec2, dead_zone: f32) -> Option<Vec2> {
    (stick.length_squared() > dead_zone * dead_zone).then_some(stick)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_on_the_page_is_up_in_the_world() {
        let mut stick = FloatingStick::new(1, Vec2::new(100.0, 500.0));
        assert_eq!(stick.position(), Vec2::ZERO);
        stick.move_to(Vec2::new(100.0, 500.0 - STICK_RADIUS_PX / 2.0));
        assert!((stick.position() - Vec2::new(0.0, 0.5)).length() < 1e-5);
    }

    #[test]
    fn finger_that_goes_too_far_pulls_the_centre_along() {
        let mut stick = FloatingStick::new(1, Vec2::ZERO);
        stick.move_to(Vec2::new(300.0, 0.0));
        assert!((stick.position() - Vec2::X).length() < 1e-5);
        assert!((stick.centre - Vec2::new(300.0 - STICK_RADIUS_PX, 0.0)).length() < 1e-3);
        // From one end to the other is two radii, wherever the finger went.
        stick.move_to(Vec2::new(300.0 - 2.0 * STICK_RADIUS_PX, 0.0));
        assert!((stick.position() + Vec2::X).length() < 1e-5);
    }

    #[test]
    fn second_touch_counts_only_soon_after_a_short_one() {
        let second = |first_ms: f64, pause_ms: f64| {
            let mut taps = DoubleTap::default();
            assert!(!taps.down(0.0));
            taps.up(first_ms);
            taps.down(first_ms + pause_ms)
        };
        assert!(second(80.0, 120.0));
        assert!(!second(DOUBLE_TAP_MS, 120.0), "the first was held");
        assert!(!second(80.0, DOUBLE_TAP_MS), "the second came late");
        let mut taps = DoubleTap::default();
        taps.down(0.0);
        taps.up(50.0);
        assert!(taps.down(100.0));
        taps.up(900.0);
        assert!(!taps.down(950.0), "a hold is no tap");
    }

    #[test]
    fn dead_zone_swallows_small_pushes_and_what_is_no_number() {
        assert_eq!(outside_dead_zone(Vec2::new(0.1, -0.1), 0.2), None);
        assert_eq!(outside_dead_zone(Vec2::new(0.0, -0.3), 0.2), Some(Vec2::new(0.0, -0.3)));
        assert_eq!(outside_dead_zone(Vec2::new(f32::NAN, 1.0), 0.2), None);
    }
}
