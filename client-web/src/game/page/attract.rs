//! The scene behind the start card before a server has sent any: ships and embers that belong to no game.

use core::f32::consts::TAU;

use libm::{cosf, sinf};
use shared::{Vec2, engine::ids::PlayerId, game::protocol::Status};

use crate::{
    engine::page::noise::Random,
    game::scene::{Scene, SceneEmber, SceneShip},
};

const EMBERS: usize = 90;

/// Refills `scene` for the moment `seconds` after the page opened.
pub fn fill(scene: &mut Scene, seconds: f32) {
    scene.events.clear();
    scene.shots.clear();
    scene.pickups.clear();
    scene.camera = Vec2::new(seconds * 14.0, seconds * 5.0);
    let mut random = Random::new(29);
    scene.embers.clear();
    for _ in 0..EMBERS {
        let (phase, orbit) = (random.unit(), random.angle());
        let home = Vec2::new(random.between(-700.0, 700.0), random.between(-420.0, 420.0));
        let way = Vec2::from_angle(orbit + seconds * (0.1 + 0.2 * phase));
        let value = if phase > 0.86 { 14 } else { 1 + (phase * 5.0) as u8 };
        scene.embers.push(SceneEmber { position: scene.camera + home + way * 26.0, value, phase });
    }
    scene.ships.clear();
    let lanes =
        [(0_u8, 470.0, 265.0, 0.30, false), (1, 560.0, 215.0, -0.22, false), (3, 520.0, 300.0, 0.17, true)];
    for (i, (tier, across, up, pace, boosting)) in (0_u16..).zip(lanes) {
        let at = |time: f32| {
            let turn = time * pace + f32::from(i) * TAU * 0.37;
            Vec2::new(cosf(turn) * across, sinf(turn * 1.3) * up) + Vec2::new(time * 14.0, time * 5.0)
        };
        let velocity = (at(seconds + 0.05) - at(seconds - 0.05)) * 10.0;
        scene.ships.push(SceneShip {
            id: PlayerId(i + 1),
            position: at(seconds),
            velocity,
            aim_radians: velocity.to_angle(),
            radius: 17.0 + 4.0 * f32::from(tier),
            health: 1.0,
            status: Status::new(tier.into(), boosting, false),
            own: i == 0,
            drone: false,
            leader: false,
            nemesis: false,
            colour: i as u8,
            team: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f32) -> Scene {
        let mut scene = Scene::default();
        fill(&mut scene, seconds);
        scene
    }

    #[test]
    fn a_scene_that_is_filled_twice_has_no_more_in_it() {
        let mut scene = at(1.0);
        fill(&mut scene, 2.0);
        assert_eq!((scene.ships.len(), scene.embers.len()), (3, EMBERS));
        assert_eq!(scene.ships, at(2.0).ships, "what was there before leaves no trace");
    }

    #[test]
    fn ships_move_at_the_velocity_that_they_show_and_look_where_they_fly() {
        for seconds in [0.0, 13.7, 200.0] {
            let (now, next) = (at(seconds), at(seconds + 0.01));
            for (ship, later) in now.ships.iter().zip(&next.ships) {
                let moved = (later.position - ship.position) / 0.01;
                assert!((moved - ship.velocity).length() < 8.0, "{moved} and {}", ship.velocity);
                assert!((Vec2::from_angle(ship.aim_radians) - ship.velocity.normalize()).length() < 1e-3);
            }
        }
    }

    #[test]
    fn everything_stays_around_the_camera() {
        for seconds in [0.0, 77.0, 3600.0] {
            let scene = at(seconds);
            let places = scene
                .ships
                .iter()
                .map(|ship| ship.position)
                .chain(scene.embers.iter().map(|ember| ember.position));
            for place in places {
                let apart = (place - scene.camera).abs();
                assert!(apart.x < 740.0 && apart.y < 460.0, "{apart} after {seconds} s");
            }
        }
    }
}
