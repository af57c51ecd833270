//! What keys, a mouse and fingers ask for, for games whose page is the engine's: a direction and an action.

use shared::Vec2;

use super::stick::{FloatingStick, outside_dead_zone};

/// A stick that is pushed less asks for nothing.
const DEAD_ZONE: f32 = 0.15;

/// What the player asks for now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Controls {
    /// Where to go: at most 1 long, y up, zero for nowhere. Keys WASD and arrows, or a stick that is drawn where a finger or a mouse
    /// button comes down.
    pub direction: Vec2,
    /// Space, or a second finger.
    pub action: bool,
}

/// Keys by their place on the keyboard, as browsers name it, and the way of each.
const KEYS: [(&str, &str, Vec2); 4] = [
    ("KeyW", "ArrowUp", Vec2::Y),
    ("KeyS", "ArrowDown", Vec2::NEG_Y),
    ("KeyA", "ArrowLeft", Vec2::NEG_X),
    ("KeyD", "ArrowRight", Vec2::X),
];
/// The key of the action.
const ACTION: &str = "Space";

/// What is held.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    /// Of [`KEYS`].
    keys: [bool; KEYS.len()],
    space: bool,
    stick: Option<FloatingStick>,
    /// The pointer beside the one on the stick.
    second: Option<i32>,
}

impl Held {
    /// A key goes down or up. Whether it is one of the game's.
    pub fn key(&mut self, code: &str, is_down: bool) -> bool {
        if code == ACTION {
            self.space = is_down;
            return true;
        }
        let key = KEYS.iter().position(|(letter, arrow, _)| code == *letter || code == *arrow);
        if let Some(key) = key {
            self.keys[key] = is_down;
        }
        key.is_some()
    }

    /// A finger or a mouse button comes down on the scene, in CSS pixels from the top left of the page.
    pub fn down(&mut self, pointer: i32, place: Vec2) {
        match &self.stick {
            None => self.stick = Some(FloatingStick::new(pointer, place)),
            Some(_) => self.second = Some(pointer),
        }
    }

    /// It moves.
    pub fn moved(&mut self, pointer: i32, place: Vec2) {
        if let Some(stick) = self.stick.as_mut().filter(|stick| stick.finger() == pointer) {
            stick.move_to(place);
        }
    }

    /// It leaves.
    pub fn up(&mut self, pointer: i32) {
        self.stick.take_if(|stick| stick.finger() == pointer);
        self.second.take_if(|second| *second == pointer);
    }

    /// Lets go of everything: the page will not hear of what is released.
    pub fn release(&mut self) {
        *self = Self::default();
    }

    /// The stick that is drawn.
    pub fn stick(&self) -> Option<FloatingStick> {
        self.stick
    }

    /// What all that asks for. A stick that is pushed counts before the keys.
    pub fn controls(&self) -> Controls {
        let pushed = self.stick.and_then(|stick| outside_dead_zone(stick.position(), DEAD_ZONE));
        let held = KEYS.iter().zip(self.keys).filter(|(_, is_held)| *is_held);
        let keys: Vec2 = held.map(|((.., way), _)| *way).sum();
        Controls {
            direction: pushed.unwrap_or(keys).clamp_length_max(1.0),
            action: self.space || self.second.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(codes: &[&str]) -> Held {
        let mut held = Held::default();
        codes.iter().for_each(|code| assert!(held.key(code, true), "{code}"));
        held
    }

    #[test]
    fn letters_and_arrows_steer_and_diagonals_are_not_faster() {
        assert_eq!(held(&["KeyD"]).controls().direction, Vec2::X);
        assert_eq!(held(&["ArrowDown"]).controls().direction, Vec2::NEG_Y);
        let diagonal = held(&["KeyW", "ArrowRight"]).controls().direction;
        assert!((diagonal.length() - 1.0).abs() < 1e-6 && diagonal.x > 0.7 && diagonal.y > 0.7);
        assert_eq!(held(&["KeyA", "KeyD"]).controls().direction, Vec2::ZERO);
        assert!(!Held::default().key("KeyQ", true));
    }

    #[test]
    fn key_asks_until_it_is_released() {
        let mut held = held(&["KeyD", "Space"]);
        assert!(held.controls().action);
        held.key("KeyD", false);
        held.key("Space", false);
        assert_eq!(held.controls(), Controls::default());
    }

    #[test]
    fn dragging_steers_up_on_the_page_is_up_in_the_world_and_a_nudge_is_nothing() {
        let mut held = Held::default();
        held.down(7, Vec2::splat(100.0));
        held.moved(7, Vec2::new(103.0, 100.0));
        assert_eq!(held.controls().direction, Vec2::ZERO);
        held.moved(7, Vec2::new(100.0, 20.0));
        let direction = held.controls().direction;
        assert!((direction - Vec2::Y).length() < 1e-5, "{direction}");
        held.moved(8, Vec2::splat(500.0));
        assert_eq!(held.controls().direction, direction, "another pointer");
        held.up(7);
        assert!(held.controls().direction == Vec2::ZERO && held.stick().is_none());
    }

    #[test]
    fn second_pointer_is_the_action() {
        let mut held = Held::default();
        held.down(1, Vec2::ZERO);
        held.down(2, Vec2::ONE);
        assert!(held.controls().action);
        held.up(2);
        assert!(!held.controls().action && held.stick().is_some());
        held.down(2, Vec2::ONE);
        held.release();
        assert_eq!(held.controls(), Controls::default());
    }
}
