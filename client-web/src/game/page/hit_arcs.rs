//! From where the own ship was hit: arcs around it that fade.

use shared::Vec2;

use crate::game::scene::{Scene, SceneEvent};

/// How long an arc is shown.
const SHOWN_SECONDS: f32 = 0.9;
/// Arcs at once; of more the oldest are dropped.
const ARCS_MAX: usize = 8;

/// An arc as it is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HitArc {
    /// The own ship.
    pub ship: Vec2,
    /// The direction of the hit as seen from the ship, counter-clockwise from +x.
    pub from_radians: f32,
    /// 0 to 1.
    pub strength: f32,
}

/// The arcs around the own ship.
#[derive(Debug, Default)]
pub struct HitArcs {
    ship: Vec2,
    /// Direction in radians, and age in seconds.
    hits: Vec<(f32, f32)>,
}

impl HitArcs {
    /// Takes in the scene of this frame, `seconds` after the last.
    pub fn advance(&mut self, scene: &Scene, seconds: f32) {
        let Some(own) = scene.ships.iter().find(|ship| ship.own) else {
            self.hits.clear();
            return;
        };
        self.ship = own.position;
        self.hits.iter_mut().for_each(|(_, age)| *age += seconds);
        self.hits.retain(|(_, age)| *age < SHOWN_SECONDS);
        for event in &scene.events {
            if let SceneEvent::ShipHit { position, own: true, .. } = event
                && *position != self.ship
            {
                self.hits.push(((*position - self.ship).to_angle(), 0.0));
            }
        }
        let surplus = self.hits.len().saturating_sub(ARCS_MAX);
        self.hits.drain(..surplus);
    }

    /// The arcs of this frame, oldest first.
    pub fn arcs(&self) -> impl Iterator<Item = HitArc> + '_ {
        self.hits.iter().map(|(from_radians, age)| {
            let left = 1.0 - age / SHOWN_SECONDS;
            HitArc { ship: self.ship, from_radians: *from_radians, strength: left * left }
        })
    }
}

#[cfg(test)]
mod tests {
    use shared::engine::ids::PlayerId;

    use super::*;
    use crate::game::{page::attract, scene::SceneShip};

    const SHIP: Vec2 = Vec2::new(100.0, 50.0);

    fn scene(hits: &[Vec2], own: bool) -> Scene {
        let mut scene = Scene::default();
        attract::fill(&mut scene, 0.0);
        let ship = SceneShip { position: SHIP, own: true, ..scene.ships[0] };
        scene.ships = vec![ship];
        let hit =
            |way: &Vec2| SceneEvent::ShipHit { position: SHIP + *way, ship: PlayerId(1), own, by_own: !own };
        scene.events = hits.iter().map(hit).collect();
        scene
    }

    fn after(hits: &[Vec2]) -> HitArcs {
        let mut arcs = HitArcs::default();
        arcs.advance(&scene(hits, true), 0.0);
        arcs
    }

    #[test]
    fn an_arc_points_to_where_the_shot_came_from() {
        let arcs: Vec<HitArc> = after(&[Vec2::new(0.0, 17.0)]).arcs().collect();
        let [arc] = arcs[..] else { panic!("{arcs:?}") };
        assert!((arc.from_radians - core::f32::consts::FRAC_PI_2).abs() < 1e-5);
        assert_eq!((arc.ship, arc.strength), (SHIP, 1.0));
    }

    #[test]
    fn hits_of_others_have_no_arc() {
        let mut arcs = HitArcs::default();
        arcs.advance(&scene(&[Vec2::X], false), 0.0);
        assert_eq!(arcs.arcs().count(), 0);
    }

    #[test]
    fn an_arc_fades_and_ends() {
        let mut arcs = after(&[Vec2::X * 17.0]);
        arcs.advance(&scene(&[], true), SHOWN_SECONDS / 2.0);
        assert_eq!(arcs.arcs().next().map(|arc| arc.strength), Some(0.25));
        arcs.advance(&scene(&[], true), SHOWN_SECONDS);
        assert_eq!(arcs.arcs().count(), 0);
    }

    #[test]
    fn of_many_arcs_the_oldest_are_dropped() {
        let mut arcs = after(&[Vec2::X]);
        arcs.advance(&scene(&[Vec2::Y; ARCS_MAX], true), 0.1);
        assert_eq!(arcs.arcs().count(), ARCS_MAX);
        assert!(arcs.arcs().all(|arc| arc.from_radians > 1.0), "the first one is gone");
    }

    #[test]
    fn without_a_ship_there_are_no_arcs() {
        let mut arcs = after(&[Vec2::X]);
        arcs.advance(&Scene::default(), 0.0);
        assert_eq!(arcs.arcs().count(), 0);
    }
}
