//! The marks that point to the leader, and to friends, while they are out of sight.

use shared::{Vec2, game::arena::Arena};

use crate::game::scene::{Life, Minimap};

/// How far from the middle of the page the mark is, as a share of its width and height.
const REACH: Vec2 = Vec2::new(0.30, 0.31);

/// Most friends that marks point to.
pub const FRIENDS_MAX: usize = 3;

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

    /// The mark of the leader, if it is out of sight.
    pub fn leader(&self, map: &Minimap, life: &Life) -> Option<CompassMark> {
        self.mark(map.own?, map.beacon?, life)
    }

    /// The marks of the friends that are out of sight, the nearest first; at most [`FRIENDS_MAX`].
    pub fn friends(&self, map: &Minimap, life: &Life) -> [Option<CompassMark>; FRIENDS_MAX] {
        let mut marks = [None; FRIENDS_MAX];
        let Some(own) = map.own else { return marks };
        let mut friends = map.friends.clone();
        let distance = |friend: &Vec2| ((*friend - own) * self.size).length_squared();
        friends.sort_by(|one, other| distance(one).total_cmp(&distance(other)));
        let away = friends.into_iter().filter_map(|friend| self.mark(own, friend, life));
        marks.iter_mut().zip(away).for_each(|(mark, friend)| *mark = Some(friend));
        marks
    }

    /// The mark that points from the own ship to a place out of sight; both as shares of the arena's size.
    fn mark(&self, own: Vec2, to: Vec2, life: &Life) -> Option<CompassMark> {
        let way = (to - own) * self.size;
        if *life != Life::Alive || way.abs().cmple(self.view_half).all() {
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
        COMPASS.leader(&Minimap { own: Some(own), beacon: Some(own + way), ..Minimap::default() }, life)
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
        assert_eq!(COMPASS.leader(&map, &Life::Alive), None);
    }

    #[test]
    fn marks_point_to_the_nearest_friends_out_of_sight() {
        let own = Vec2::splat(0.5);
        let ways = [(0.4, 0.0), (0.01, 0.0), (0.0, 0.2), (-0.3, 0.0), (0.0, -0.45)];
        let friends = ways.map(|(x, y)| own + Vec2::new(x, y)).to_vec();
        let map = Minimap { own: Some(own), friends, ..Minimap::default() };
        let marks = COMPASS.friends(&map, &Life::Alive);
        let sides = marks.map(|mark| mark.map(|mark| (mark.left.round(), mark.top.round())));
        assert_eq!(sides, [Some((50.0, 19.0)), Some((20.0, 50.0)), Some((80.0, 50.0))]);
        assert_eq!(COMPASS.friends(&map, &Life::Waiting), [None; FRIENDS_MAX]);
    }
}
