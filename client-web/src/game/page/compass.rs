//! The mark that points to the leader while it is out of sight.

use shared::{Vec2, game::arena::Arena};

use crate::game::scene::{Life, Minimap};

/// How far from the middle of the page the mark is, as a share of its width and height.
const REACH: Vec2 = Vec2::new(0.30, 0.31);

/// What it takes to find the way in an arena.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compass {
    size: Vec2,
    view_half: Vec2,
}

/// The mark on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompassMark {
    /// From the left of the page, in percent of its width.
    pub left: f32,
    /// From the top of the page, in percent of its height.
    pub top: f32,
    /// Clockwise from pointing right.
    pub turn_radians: f32,
}

impl Compass {
    /// For this arena.
    pub fn of(arena: &Arena) -> Self {
        Self { size: arena.size, view_half: arena.rules.view }
    }

    /// The mark, if there is a ship, a leader, and the leader is out of sight.
    pub fn mark(&self, map: &Minimap, life: &Life) -> Option<CompassMark> {
        let (Some(own), Some(leader), Life::Alive) = (map.own, map.beacon, life) else { return None };
        let way = (leader - own) * self.size;
        if way.abs().cmple(self.view_half).all() {
            return None;
        }
        let way = way.normalize();
        let [left, top] = [0.5 + way.x * REACH.x, 0.5 - way.y * REACH.y].map(|share| share * 100.0);
        Some(CompassMark { left, top, turn_radians: -way.to_angle() })
    }
}

#[cfg(test)]
mod tests {
    use core::f32::consts::FRAC_PI_2;

    use super::*;

    const COMPASS: Compass = Compass { size: Vec2::splat(4000.0), view_half: Vec2::new(640.0, 360.0) };

    fn mark(way: Vec2, life: &Life) -> Option<CompassMark> {
        let own = Vec2::splat(0.5);
        COMPASS.mark(&Minimap { own: Some(own), beacon: Some(own + way), ..Minimap::default() }, life)
    }

    #[test]
    fn it_points_to_the_leader_and_stands_on_that_side() {
        let right = mark(Vec2::new(0.4, 0.0), &Life::Alive).expect("the leader is far");
        assert_eq!((right.left, right.top, right.turn_radians), (80.0, 50.0, 0.0));
        let up = mark(Vec2::new(0.0, 0.4), &Life::Alive).expect("the leader is far");
        assert!(up.top < 20.0 && (up.left - 50.0).abs() < 1e-3, "{up:?}");
        assert!((up.turn_radians + FRAC_PI_2).abs() < 1e-5, "a page turns clockwise");
    }

    #[test]
    fn a_leader_in_sight_needs_no_mark() {
        assert_eq!(mark(Vec2::new(0.15, 0.08), &Life::Alive), None);
        assert!(mark(Vec2::new(0.0, 0.1), &Life::Alive).is_some(), "above the upper edge");
        assert_eq!(mark(Vec2::ZERO, &Life::Alive), None, "the leader itself");
    }

    #[test]
    fn without_a_ship_or_a_leader_there_is_no_mark() {
        assert_eq!(mark(Vec2::X, &Life::Waiting), None);
        let map = Minimap { own: Some(Vec2::ZERO), ..Minimap::default() };
        assert_eq!(COMPASS.mark(&map, &Life::Alive), None);
    }
}
