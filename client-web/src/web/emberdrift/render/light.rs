//! Small things that shine: embers, shots, pickups, and what pickups give a ship.

use core::f32::consts::{PI, TAU};

use shared::Vec2;

use crate::{
    engine::page::{
        gpu_data::{Sprite, mix},
        view::View,
    },
    game::{
        page::{
            palette,
            shapes::{Shape, pickup_sign},
            teams,
        },
        scene::{SceneEmber, ScenePickup, SceneShip, SceneShot},
    },
    web::shell::sprites::Layer,
};

/// Half of a pickup's sign, in units.
const SIGN: f32 = 22.0;
/// How far the wave goes that a pickup sends out, in units.
const WAVE: f32 = 105.0;

/// An ember: the larger and whiter, the more it is worth.
pub(super) fn ember(ember: &SceneEmber, view: &View, seconds: f32, layer: &mut Layer) {
    let worth = (f32::from(ember.value.max(1)).sqrt() - 1.0).min(6.0);
    let radius = 12.0 + 3.6 * worth;
    if !view.sees(ember.position, radius) {
        return;
    }
    let wave = (seconds * (1.1 + ember.phase) + ember.phase * 61.0).sin();
    let glint = (wave * 0.5 + 0.5).powi(3);
    let tint = mix(palette::EMBER, palette::EMBER_RICH, (worth / 4.0).min(1.0) * 0.6 + ember.phase * 0.25);
    layer.add(Sprite {
        place: ember.position,
        half: Vec2::splat(radius * (0.92 + 0.12 * wave)),
        turn: ember.phase * 6.0,
        shape: Shape::Ember.into(),
        tint,
        strength: 0.72 + 0.28 * glint,
        white: 0.75 + 0.25 * glint,
    });
}

/// A shot: the own ones are long needles, those of others short beads.
pub(super) fn shot(shot: &SceneShot, view: &View, layer: &mut Layer) {
    if !view.sees(shot.position, 30.0) {
        return;
    }
    let (shape, tint, half) = if shot.own {
        (Shape::Streak, palette::OWN_SHOT, Vec2::new(27.0, 5.4))
    } else {
        (Shape::Bead, shot.team.map_or(palette::SHOT, teams::colour), Vec2::new(15.0, 8.5))
    };
    layer.add(Sprite {
        place: shot.position - Vec2::from_angle(shot.direction_radians) * (half.x - 4.0),
        half,
        turn: shot.direction_radians,
        shape: shape.into(),
        tint,
        strength: 1.0,
        white: 0.85,
    });
}

/// A pickup at rest: a sign that breathes, arcs that turn around it, and a wave now and then that is seen from afar.
pub(super) fn pickup(pickup: &ScenePickup, view: &View, seconds: f32, below: &mut Layer, above: &mut Layer) {
    let place = pickup.position;
    if !view.sees(place, WAVE) {
        return;
    }
    let tint = palette::pickup_tint(pickup.kind);
    let breath = (seconds * 2.4 + pickup.phase * TAU).sin();
    below.add(Sprite::round(place, 84.0, Shape::Glow, tint, 0.40 + 0.08 * breath));
    let wave = (seconds * 0.55 + pickup.phase).fract();
    let reach = 26.0 + (WAVE - 26.0) * wave.sqrt();
    below.add(Sprite::round(place, reach, Shape::ThinRing, tint, 0.55 * (1.0 - wave) * (1.0 - wave)));
    let turn = seconds * 0.9 + pickup.phase * TAU;
    above.add(Sprite { turn, ..Sprite::round(place, 36.0 + breath, Shape::Orbit, tint, 0.9) });
    above.add(Sprite {
        // Upright, or its sign could not be read.
        turn: 0.16 * (seconds * 1.3 + pickup.phase * TAU).sin(),
        white: 0.6,
        ..Sprite::round(place, SIGN * (1.0 + 0.07 * breath), pickup_sign(pickup.kind), tint, 1.0)
    });
}

/// Power-ups that a ship has, but for the shield: a hot muzzle, a field that draws in. With little `glow`, 0 to 1, the
/// field has no waves.
pub(super) fn power_ups(ship: &SceneShip, seconds: f32, glow: f32, below: &mut Layer, above: &mut Layer) {
    let radius = ship.radius;
    if ship.status.rapid() {
        let beat = 0.5 + 0.5 * (seconds * 34.0).sin();
        let nose = Vec2::from_angle(ship.aim_radians);
        let muzzle = ship.position + nose * radius * 1.15;
        above.add(Sprite::round(muzzle, radius * (0.62 + 0.14 * beat), Shape::Ember, palette::RAPID, 0.95));
        let half = Vec2::new(radius * 0.9, radius * 0.22);
        above.add(Sprite {
            half,
            turn: ship.aim_radians,
            ..Sprite::round(ship.position + nose * radius * 0.6, 1.0, Shape::Streak, palette::RAPID, 0.8)
        });
    }
    if ship.status.magnet() {
        let waves = if glow > 0.5 { 2 } else { 0 };
        for wave in 0..waves {
            let share = (seconds * 0.8 + wave as f32 * 0.5).fract();
            let reach = radius * (1.5 + 3.4 * (1.0 - share));
            let strength = 0.30 * (share * PI).sin();
            below.add(Sprite::round(ship.position, reach, Shape::ThinRing, palette::MAGNET, strength));
        }
        let turn = seconds * -2.6;
        let arcs = Sprite::round(ship.position, radius * 1.9, Shape::Orbit, palette::MAGNET, 0.8);
        above.add(Sprite { turn, ..arcs });
    }
}
