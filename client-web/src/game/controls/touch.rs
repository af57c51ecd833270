//! Two thumbs on glass: the left half of the page is a stick that flies, the right half one that aims and fires, and a
//! button boosts. It must not know what else is on the page.

use shared::{Vec2, engine::angle::Angle};

use super::{
    Intent,
    stick::{Floating, pushed},
};

/// Nearer to its middle the left stick rests.
const DEAD: f32 = 0.2;
/// Nearer to its middle the right stick neither aims nor fires: a thumb that comes down is not yet a shot.
const AIM_DEAD: f32 = 0.34;
/// A finger that leaves sooner, and never pushed, has tapped; in milliseconds.
const TAP_MS: f64 = 260.0;
/// How long a tap holds the trigger from when it is first asked for, in milliseconds: as long as the slowest tick, so
/// that one of them sees it, and shorter than it takes to reload.
const TAP_FIRES_MS: f64 = 110.0;

/// A finger that aims.
#[derive(Clone, Copy, Debug)]
struct Aiming {
    stick: Floating,
    down_ms: f64,
    has_pushed: bool,
}

/// The fingers on the glass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Touch {
    flying: Option<Floating>,
    aiming: Option<Aiming>,
    boosting: Option<i32>,
    /// Where somebody tapped, and until when that fires, once somebody asked.
    tapped: Option<(Vec2, Option<f64>)>,
}

impl Touch {
    /// A finger comes down at a place on the page, which is `page_width` wide; both in CSS pixels. A second one in the
    /// same half does nothing.
    pub fn down(&mut self, finger: i32, place: Vec2, page_width: f32, now_ms: f64) {
        let stick = Floating::new(finger, place);
        if place.x < page_width / 2.0 {
            self.flying.get_or_insert(stick);
        } else {
            self.aiming.get_or_insert(Aiming { stick, down_ms: now_ms, has_pushed: false });
        }
    }

    /// A finger comes down on the button.
    pub fn down_on_boost(&mut self, finger: i32) {
        self.boosting.get_or_insert(finger);
    }

    /// A finger moves.
    pub fn moved(&mut self, finger: i32, place: Vec2) {
        if let Some(stick) = self.flying.as_mut().filter(|stick| stick.finger == finger) {
            stick.moved(place);
        }
        if let Some(aiming) = self.aiming.as_mut().filter(|aiming| aiming.stick.finger == finger) {
            aiming.stick.moved(place);
            aiming.has_pushed |= pushed(aiming.stick.stick(), AIM_DEAD).is_some();
        }
    }

    /// A finger leaves.
    pub fn up(&mut self, finger: i32, now_ms: f64) {
        if let Some(aiming) = self.aiming.filter(|aiming| aiming.stick.finger == finger)
            && !aiming.has_pushed
            && now_ms - aiming.down_ms < TAP_MS
        {
            self.tapped = Some((aiming.stick.at, None));
        }
        self.cancel(finger);
    }

    /// The system takes a finger away: nothing was meant by it.
    pub fn cancel(&mut self, finger: i32) {
        self.flying.take_if(|stick| stick.finger == finger);
        self.aiming.take_if(|aiming| aiming.stick.finger == finger);
        self.boosting.take_if(|boosting| *boosting == finger);
    }

    /// What they want, while the own ship is at this place on the page: a tap fires from there to where it was.
    pub fn wish(&mut self, ship: Vec2, now_ms: f64) -> Intent {
        let way = self.flying.and_then(|stick| pushed(stick.stick(), DEAD)).unwrap_or_default();
        let aim = self.aiming.and_then(|aiming| pushed(aiming.stick.stick(), AIM_DEAD));
        self.tapped.take_if(|(_, until_ms)| now_ms >= *until_ms.get_or_insert(now_ms + TAP_FIRES_MS));
        let tap = self.tapped.map(|(place, _)| place - ship);
        let aim = aim.or(tap.map(|way| Vec2::new(way.x, -way.y)));
        Intent { way, aim: aim.map(Angle::of), fire: aim.is_some(), boost: self.boosting.is_some() }
    }

    /// The sticks that fingers are on: the left and the right one.
    pub fn sticks(&self) -> [Option<Floating>; 2] {
        [self.flying, self.aiming.map(|aiming| aiming.stick)]
    }

    /// Whether a finger is on the button.
    pub fn is_boosting(&self) -> bool {
        self.boosting.is_some()
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

    fn with_both() -> Touch {
        let mut touch = Touch::default();
        touch.down(1, LEFT, WIDTH, 0.0);
        touch.down(2, RIGHT, WIDTH, 0.0);
        touch
    }

    #[test]
    fn the_left_thumb_flies_and_the_right_one_aims_and_fires() {
        let mut touch = with_both();
        assert_eq!(touch.wish(SHIP, 1.0), Intent::default());
        touch.moved(1, LEFT + Vec2::new(40.0, 0.0));
        touch.moved(2, RIGHT - Vec2::new(0.0, 40.0));
        let wish = touch.wish(SHIP, 2.0);
        assert!(wish.way.x > 0.5 && wish.way.y.abs() < 1e-5);
        assert_eq!((wish.aim, wish.fire, wish.boost), (Some(NORTH), true, false));
        touch.up(2, 900.0);
        assert_eq!((touch.wish(SHIP, 901.0).aim, touch.wish(SHIP, 901.0).fire), (None, false));
        assert!(touch.wish(SHIP, 901.0).way.x > 0.5, "the other thumb is still down");
    }

    #[test]
    fn a_tap_fires_once_from_the_ship_to_where_it_was() {
        let mut touch = with_both();
        touch.up(2, 100.0);
        // However late it is asked for.
        let wish = touch.wish(SHIP, 900.0);
        let way = RIGHT - SHIP;
        assert_eq!((wish.aim, wish.fire), (Some(Angle::of(Vec2::new(way.x, -way.y))), true));
        assert!(!touch.wish(SHIP, 900.0 + TAP_FIRES_MS).fire);
    }

    #[test]
    fn what_was_held_pushed_or_taken_away_is_no_tap() {
        let mut touch = with_both();
        touch.up(2, 1000.0);
        assert!(!touch.wish(SHIP, 1001.0).fire, "held");
        touch.down(2, RIGHT, WIDTH, 2000.0);
        touch.moved(2, RIGHT + Vec2::new(50.0, 0.0));
        touch.moved(2, RIGHT);
        touch.up(2, 2100.0);
        assert!(!touch.wish(SHIP, 2101.0).fire, "pushed");
        touch.down(2, RIGHT, WIDTH, 3000.0);
        touch.cancel(2);
        assert!(!touch.wish(SHIP, 3001.0).fire, "taken away");
    }

    #[test]
    fn a_second_finger_in_the_same_half_does_nothing_and_ends_nothing() {
        let mut touch = with_both();
        touch.moved(1, LEFT + Vec2::new(40.0, 0.0));
        let before = touch.wish(SHIP, 1.0);
        touch.down(3, LEFT + Vec2::new(0.0, 90.0), WIDTH, 1.0);
        touch.moved(3, LEFT);
        touch.up(3, 50.0);
        assert_eq!(touch.wish(SHIP, 51.0), before);
    }

    #[test]
    fn the_button_boosts_for_as_long_as_its_finger_stays() {
        let mut touch = with_both();
        touch.down_on_boost(7);
        touch.up(2, 400.0);
        assert!(touch.wish(SHIP, 401.0).boost && touch.is_boosting());
        touch.up(7, 500.0);
        assert!(!touch.wish(SHIP, 501.0).boost);
    }
}
