//! A pointer that hovers, a mouse or a pen: it aims, and its buttons fire and boost.

use shared::{Vec2, engine::input::Angle};

use super::Intent;

/// A pointer that moves less than this, in CSS pixels, is not in use: the table shakes, or the browser reports a
/// pointer that rests.
const MOVED_PX: f32 = 3.0;

// Bits of the browser's mask of buttons.
const LEFT: u16 = 1;
const RIGHT: u16 = 2;

/// The pointer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pointer {
    /// In CSS pixels from the top left; unknown until it moves.
    place: Option<Vec2>,
    /// The browser's mask of held buttons; none while they are not for the game.
    buttons: u16,
    /// The first button went down on the scene, and not on what lies above it. Those that follow are reported as
    /// movements and count as the first.
    is_on_scene: bool,
    is_active: bool,
    was_used: bool,
}

impl Pointer {
    /// Whether buttons fire and boost; lets go of all.
    pub fn set_active(&mut self, is_active: bool) {
        self.is_active = is_active;
        self.release_all();
    }

    /// Lets go of all buttons.
    pub fn release_all(&mut self) {
        self.buttons = 0;
        self.is_on_scene = false;
    }

    /// The first button goes down, on the scene or on what lies above it.
    pub fn down(&mut self, place: Vec2, is_on_scene: bool, buttons: u16) {
        self.is_on_scene = is_on_scene;
        self.was_used = true;
        self.moved(place, buttons);
    }

    /// It moved, or another button went down or up.
    pub fn moved(&mut self, place: Vec2, buttons: u16) {
        self.was_used |= self.place.is_none_or(|last| last.distance(place) > MOVED_PX);
        self.place = Some(place);
        self.buttons = if self.is_active && self.is_on_scene { buttons } else { 0 };
    }

    /// What it asks of a body that is drawn at this place of the page.
    pub fn intent(&self, body: Vec2) -> Intent {
        let aim = self.place.map(|place| {
            let way = place - body;
            // The page's y goes down, the world's goes up.
            Angle::of(Vec2::new(way.x, -way.y))
        });
        let (fire, boost) = (self.buttons & LEFT != 0, self.buttons & RIGHT != 0);
        Intent { thrust: Vec2::ZERO, aim, fire, boost }
    }

    /// Whether it was used since the last call.
    pub fn take_used(&mut self) -> bool {
        core::mem::take(&mut self.was_used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: Vec2 = Vec2::new(400.0, 300.0);

    fn active() -> Pointer {
        let mut pointer = Pointer::default();
        pointer.set_active(true);
        pointer
    }

    #[test]
    fn it_aims_from_the_body_to_the_pointer_and_up_is_up() {
        let mut pointer = active();
        assert_eq!(pointer.intent(BODY).aim, None, "it has not moved yet");
        pointer.moved(BODY + Vec2::new(0.0, -80.0), 0);
        assert_eq!(pointer.intent(BODY).aim, Some(Angle::of(Vec2::Y)));
        pointer.moved(BODY + Vec2::new(50.0, 0.0), 0);
        assert_eq!(pointer.intent(BODY).aim, Some(Angle::of(Vec2::X)));
    }

    #[test]
    fn the_left_button_fires_and_the_right_one_boosts() {
        let mut pointer = active();
        pointer.down(BODY, true, LEFT);
        assert!(pointer.intent(BODY).fire && !pointer.intent(BODY).boost);
        pointer.moved(BODY, LEFT | RIGHT);
        assert!(pointer.intent(BODY).fire && pointer.intent(BODY).boost);
        pointer.moved(BODY, 0);
        assert!(!pointer.intent(BODY).fire);
    }

    #[test]
    fn a_press_on_what_lies_above_the_scene_does_not_fire() {
        let mut pointer = active();
        pointer.down(BODY, false, LEFT);
        pointer.moved(BODY + 90.0, LEFT);
        assert!(!pointer.intent(BODY).fire, "not even when it is dragged onto the scene");
    }

    #[test]
    fn a_button_that_was_held_when_the_game_began_does_not_fire() {
        let mut pointer = Pointer::default();
        pointer.down(BODY, true, LEFT);
        pointer.set_active(true);
        pointer.moved(BODY, LEFT);
        assert!(!pointer.intent(BODY).fire);
    }

    #[test]
    fn a_pointer_that_trembles_is_not_in_use() {
        let mut pointer = active();
        pointer.moved(BODY, 0);
        assert!(pointer.take_used(), "it appeared");
        pointer.moved(BODY + 2.0, 0);
        assert!(!pointer.take_used());
        pointer.moved(BODY + 20.0, 0);
        assert!(pointer.take_used() && !pointer.take_used());
    }
}
