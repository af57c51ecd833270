//! Two thumbs on a touch screen: the left half of the page is a stick that flies, and the right half is one that aims and fires. A
//! button boosts, and so does a double tap and hold on the left: the right thumb cannot aim and press the button at once.
//!
//! Invariant: it depends on the places of fingers and on the size of the page, and on nothing else that the page shows.

use shared::{Vec2, engine::input::Angle};

use super::Intent;
use crate::engine::page::stick::{DoubleTap, FloatingStick, outside_dead_zone};

/// Dead zone of the left stick.
const DEAD_ZONE: f32 = 0.2;
/// Dead zone of the right stick. Larger, because to push it is to fire.
const AIM_DEAD_ZONE: f32 = 0.34;
/// A finger that leaves sooner, and did not push, has tapped; in milliseconds.
const TAP_MS: f64 = 260.0;
/// How long a tap fires from when the intent is first asked for, in milliseconds. As long as the slowest tick, so that a
/// tick sees it, and shorter than a reload.
const TAP_FIRE_MS: f64 = 110.0;

/// The right stick.
#[derive(Clone, Copy, Debug)]
struct AimStick {
    stick: FloatingStick,
    down_ms: f64,
    was_pushed: bool,
}

/// The fingers on the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Touch {
    left: Option<FloatingStick>,
    left_taps: DoubleTap,
    /// The finger on the left has tapped twice and stays down.
    left_boosts: bool,
    right: Option<AimStick>,
    /// The finger on the button.
    boost: Option<i32>,
    /// Where the last tap was, and until when it fires, once the intent was asked for.
    tap: Option<(Vec2, Option<f64>)>,
}

impl Touch {
    /// A finger comes down on the page, which is `page_width` wide; in CSS pixels. A second one in the same half is
    /// ignored.
    pub fn down(&mut self, finger: i32, position: Vec2, page_width: f32, now_ms: f64) {
        let stick = FloatingStick::new(finger, position);
        if position.x < page_width / 2.0 {
            if self.left.is_none() {
                self.left = Some(stick);
                self.left_boosts = self.left_taps.down(now_ms);
            }
        } else {
            self.right.get_or_insert(AimStick { stick, down_ms: now_ms, was_pushed: false });
        }
    }

    /// A finger comes down on the boost button.
    pub fn down_on_boost(&mut self, finger: i32) {
        self.boost.get_or_insert(finger);
    }

    /// A finger moves.
    pub fn moved(&mut self, finger: i32, position: Vec2) {
        if let Some(stick) = self.left.as_mut().filter(|stick| stick.finger() == finger) {
            stick.move_to(position);
        }
        if let Some(right) = self.right.as_mut().filter(|right| right.stick.finger() == finger) {
            right.stick.move_to(position);
            right.was_pushed |= outside_dead_zone(right.stick.position(), AIM_DEAD_ZONE).is_some();
        }
    }

    /// A finger leaves.
    pub fn up(&mut self, finger: i32, now_ms: f64) {
        if let Some(right) = self.right.filter(|right| right.stick.finger() == finger)
            && !right.was_pushed
            && now_ms - right.down_ms < TAP_MS
        {
            self.tap = Some((right.stick.at, None));
        }
        if self.left.is_some_and(|stick| stick.finger() == finger) {
            self.left_taps.up(now_ms);
        }
        self.cancel(finger);
    }

    /// The system takes a finger away, so it has not tapped.
    pub fn cancel(&mut self, finger: i32) {
        if self.left.take_if(|stick| stick.finger() == finger).is_some() {
            self.left_boosts = false;
        }
        self.right.take_if(|right| right.stick.finger() == finger);
        self.boost.take_if(|boost| *boost == finger);
    }

    /// What the player wants, while the own ship is at this position on the page: a tap fires from there to where it was.
    pub fn intent(&mut self, ship: Vec2, now_ms: f64) -> Intent {
        let thrust = self.left.and_then(|stick| outside_dead_zone(stick.position(), DEAD_ZONE));
        let aim = self.right.and_then(|right| outside_dead_zone(right.stick.position(), AIM_DEAD_ZONE));
        self.tap.take_if(|(_, until_ms)| now_ms >= *until_ms.get_or_insert(now_ms + TAP_FIRE_MS));
        let tap = self.tap.map(|(position, _)| position - ship);
        let aim = aim.or(tap.map(|away| Vec2::new(away.x, -away.y)));
        Intent {
            thrust: thrust.unwrap_or_default(),
            aim: aim.map(Angle::of),
            fire: aim.is_some(),
            boost: self.is_boosting(),
        }
    }

    /// The sticks under fingers: the left and the right one.
    pub fn sticks(&self) -> [Option<FloatingStick>; 2] {
        [self.left, self.right.map(|right| right.stick)]
    }

    /// Whether a finger is on the boost button, or boosts from the left stick.
    pub fn is_boosting(&self) -> bool {
        self.boost.is_some() || self.left_boosts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: f32 = 800.0;
    const SHIP: Vec2 = Vec2::new(400.0, 200.0);
    const LEFT: Vec2 = Vec2::new(120.0, 300.0);
    const RIGHT: Vec2 = Vec2::new(680.0, 300.0);
    const NORTH: Angle = Angle(1 << 14);

    /// With finger 1 on the left and finger 2 on the right.
    fn with_both() -> Touch {
        let mut touch = Touch::default();
        touch.down(1, LEFT, WIDTH, 0.0);
        touch.down(2, RIGHT, WIDTH, 0.0);
        touch
    }

    #[test]
    fn left_thumb_flies_and_right_thumb_aims_and_fires() {
        let mut touch = with_both();
        assert!(touch.intent(SHIP, 1.0).is_idle());
        touch.moved(1, LEFT + Vec2::new(40.0, 0.0));
        touch.moved(2, RIGHT - Vec2::new(0.0, 40.0));
        let intent = touch.intent(SHIP, 2.0);
        assert!(intent.thrust.x > 0.5 && intent.thrust.y.abs() < 1e-5);
        assert_eq!((intent.aim, intent.fire, intent.boost), (Some(NORTH), true, false));
        touch.up(2, 900.0);
        let intent = touch.intent(SHIP, 901.0);
        assert_eq!((intent.aim, intent.fire), (None, false));
        assert!(intent.thrust.x > 0.5, "the other thumb is still down");
    }

    #[test]
    fn double_tap_and_hold_on_the_left_flies_and_boosts_while_the_right_aims() {
        let mut touch = with_both();
        touch.moved(2, RIGHT - Vec2::new(0.0, 40.0));
        touch.up(1, 90.0);
        touch.down(3, LEFT, WIDTH, 200.0);
        touch.moved(3, LEFT + Vec2::new(40.0, 0.0));
        let intent = touch.intent(SHIP, 210.0);
        assert!(intent.boost && intent.fire && intent.thrust.x > 0.5);
        touch.up(2, 400.0);
        assert!(touch.intent(SHIP, 410.0).boost, "the other thumb says nothing about it");
        touch.up(3, 900.0);
        assert!(!touch.intent(SHIP, 910.0).boost);
        touch.down(4, LEFT, WIDTH, 1000.0);
        assert!(!touch.intent(SHIP, 1010.0).boost, "a hold is no tap");
    }

    #[test]
    fn tap_fires_once_from_the_ship_to_where_it_was() {
        let mut touch = with_both();
        touch.up(2, 100.0);
        // However late the intent is asked for.
        let intent = touch.intent(SHIP, 900.0);
        let away = RIGHT - SHIP;
        assert_eq!((intent.aim, intent.fire), (Some(Angle::of(Vec2::new(away.x, -away.y))), true));
        assert!(!touch.intent(SHIP, 900.0 + TAP_FIRE_MS).fire);
    }

    #[test]
    fn finger_that_stays_pushes_or_is_taken_away_has_not_tapped() {
        let mut touch = with_both();
        touch.up(2, 1000.0);
        assert!(!touch.intent(SHIP, 1001.0).fire, "it stayed");
        touch.down(2, RIGHT, WIDTH, 2000.0);
        touch.moved(2, RIGHT + Vec2::new(50.0, 0.0));
        touch.moved(2, RIGHT);
        touch.up(2, 2100.0);
        assert!(!touch.intent(SHIP, 2101.0).fire, "it pushed");
        touch.down(2, RIGHT, WIDTH, 3000.0);
        touch.cancel(2);
        assert!(!touch.intent(SHIP, 3001.0).fire, "it was taken away");
    }

    #[test]
    fn second_finger_in_the_same_half_is_ignored() {
        let mut touch = with_both();
        touch.moved(1, LEFT + Vec2::new(40.0, 0.0));
        let before = touch.intent(SHIP, 1.0);
        touch.down(3, LEFT + Vec2::new(0.0, 90.0), WIDTH, 1.0);
        touch.moved(3, LEFT);
        touch.up(3, 50.0);
        assert_eq!(touch.intent(SHIP, 51.0), before);
    }

    #[test]
    fn button_boosts_while_its_finger_stays() {
        let mut touch = with_both();
        touch.down_on_boost(7);
        touch.up(2, 400.0);
        assert!(touch.intent(SHIP, 401.0).boost && touch.is_boosting());
        touch.up(7, 500.0);
        assert!(!touch.intent(SHIP, 501.0).boost);
    }
}
