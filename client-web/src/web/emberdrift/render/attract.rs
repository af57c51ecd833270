//! What drifts behind the start card: a few ships and embers that belong to no game. It must not know a server.

use core::f32::consts::TAU;

use shared::{Vec2, engine::ids::PlayerId};

use super::noise::Random;
use crate::game::scene::{Scene, SceneEmber, SceneShip};

const EMBERS: usize = 90;

/// Refills `scene` with the idle picture, `seconds` after the page opened.
pub(in crate::web) fn fill(scene: &mut Scene, seconds: f32) {
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
            Vec2::new(turn.cos() * across, (turn * 1.3).sin() * up) + Vec2::new(time * 14.0, time * 5.0)
        };
        let velocity = (at(seconds + 0.05) - at(seconds - 0.05)) * 10.0;
        scene.ships.push(SceneShip {
            id: PlayerId(i + 1),
            position: at(seconds),
            velocity,
            aim_radians: velocity.to_angle(),
            radius: 17.0 + 4.0 * f32::from(tier),
            tier,
            health: 1.0,
            boosting,
            shielded: false,
            own: i == 0,
            drone: false,
            leader: false,
            colour: i as u8,
            rapid: false,
            magnet: false,
        });
    }
}
