//! Sticks: one under a thumb on glass that floats to wherever the thumb comes down, and the dead zone of any. It must
//! not know what a push means.

use shared::Vec2;

/// A thumb this far from the middle pushes the stick all the way, in CSS pixels: about a centimetre.
pub const REACH_PX: f32 = 52.0;

/// The push of a stick; `None` while it is nearer to its middle than `dead` (or is not a number).
pub fn pushed(stick: Vec2, dead: f32) -> Option<Vec2> {
    (stick.length_squared() > dead * dead).then_some(stick)
}

/// A stick under a finger. Its middle is where the finger came down, and is pulled along by a finger that goes too far:
/// turning back then answers at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floating {
    /// The finger on it.
    pub finger: i32,
    /// Its middle, in CSS pixels from the top left of the page.
    pub middle: Vec2,
    /// Where the finger is.
    pub at: Vec2,
}

impl Floating {
    /// A finger comes down.
    pub fn new(finger: i32, place: Vec2) -> Self {
        Self { finger, middle: place, at: place }
    }

    /// The finger moves.
    pub fn moved(&mut self, place: Vec2) {
        self.at = place;
        let away = place - self.middle;
        self.middle = place - away.clamp_length_max(REACH_PX);
    }

    /// How far it is pushed, y up; 1 is all the way.
    pub fn stick(&self) -> Vec2 {
        let away = (self.at - self.middle) / REACH_PX;
        Vec2::new(away.x, -away.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_push_is_none_and_what_is_not_a_number_neither() {
        assert_eq!(pushed(Vec2::new(0.1, -0.1), 0.2), None);
        assert_eq!(pushed(Vec2::new(0.0, -0.3), 0.2), Some(Vec2::new(0.0, -0.3)));
        assert_eq!(pushed(Vec2::new(f32::NAN, 1.0), 0.2), None);
    }

    #[test]
    fn up_on_the_page_is_up_in_the_world() {
        let mut stick = Floating::new(1, Vec2::new(100.0, 500.0));
        assert_eq!(stick.stick(), Vec2::ZERO);
        stick.moved(Vec2::new(100.0, 500.0 - REACH_PX / 2.0));
        assert!((stick.stick() - Vec2::new(0.0, 0.5)).length() < 1e-5);
    }

    #[test]
    fn a_finger_that_goes_too_far_pulls_the_middle_along() {
        let mut stick = Floating::new(1, Vec2::ZERO);
        stick.moved(Vec2::new(300.0, 0.0));
        assert!((stick.stick() - Vec2::X).length() < 1e-5);
        assert!((stick.middle - Vec2::new(300.0 - REACH_PX, 0.0)).length() < 1e-3);
        // All the way back is two reaches, wherever it had gone.
        stick.moved(Vec2::new(300.0 - 2.0 * REACH_PX, 0.0));
        assert!((stick.stick() + Vec2::X).length() < 1e-5);
    }
}
