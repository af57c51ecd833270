//! Pickups: their signs and colours, how they lie there, and what a ship that took one shows of it. It must not know
//! what they do.

use core::f32::consts::{PI, TAU};

use shared::{Vec2, game::rules::Pickup};

use super::{
    colour::{self, Rgb},
    sprites::{Layer, Shape, Sprite},
};
use crate::game::scene::{ScenePickup, SceneShip};
use crate::web::shell::canvas::View;

/// Half of a sign, in units.
const SIGN: f32 = 22.0;
/// How far the wave goes that is sent out from a pickup.
const WAVE: f32 = 105.0;

/// The colour of a pickup and of all that comes of it.
pub(in crate::web) fn tint(kind: Pickup) -> Rgb {
    match kind {
        Pickup::Shield => colour::SHIELD,
        Pickup::Rapid => colour::RAPID,
        Pickup::Magnet => colour::MAGNET,
    }
}

/// The sign of a pickup: known without its colour.
pub(in crate::web) fn sign(kind: Pickup) -> Shape {
    match kind {
        Pickup::Shield => Shape::Hexagon,
        Pickup::Rapid => Shape::Chevrons,
        Pickup::Magnet => Shape::Horseshoe,
    }
}

/// A pickup that waits to be taken: a sign that breathes, arcs that turn around it, and a wave now and then, for those
/// who are far away.
pub(in crate::web) fn draw(
    pickup: &ScenePickup,
    view: &View,
    seconds: f32,
    below: &mut Layer,
    above: &mut Layer,
) {
    let place = pickup.position;
    if !view.sees(place, WAVE) {
        return;
    }
    let tint = tint(pickup.kind);
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
        ..Sprite::round(place, SIGN * (1.0 + 0.07 * breath), sign(pickup.kind), tint, 1.0)
    });
}

/// What a ship shows of the pickups it took, but for the shield: a hot muzzle, a field that draws in. Where there is
/// little `glow`, 0 to 1, there is no room for the waves of the field.
pub(in crate::web) fn worn(ship: &SceneShip, seconds: f32, glow: f32, below: &mut Layer, above: &mut Layer) {
    let radius = ship.radius;
    if ship.rapid {
        let beat = 0.5 + 0.5 * (seconds * 34.0).sin();
        let nose = Vec2::from_angle(ship.aim_radians);
        let muzzle = ship.position + nose * radius * 1.15;
        above.add(Sprite::round(muzzle, radius * (0.62 + 0.14 * beat), Shape::Ember, colour::RAPID, 0.95));
        let half = Vec2::new(radius * 0.9, radius * 0.22);
        above.add(Sprite {
            half,
            turn: ship.aim_radians,
            ..Sprite::round(ship.position + nose * radius * 0.6, 1.0, Shape::Streak, colour::RAPID, 0.8)
        });
    }
    if ship.magnet {
        let waves = if glow > 0.5 { 2 } else { 0 };
        for wave in 0..waves {
            let share = (seconds * 0.8 + wave as f32 * 0.5).fract();
            let reach = radius * (1.5 + 3.4 * (1.0 - share));
            let strength = 0.30 * (share * PI).sin();
            below.add(Sprite::round(ship.position, reach, Shape::ThinRing, colour::MAGNET, strength));
        }
        let turn = seconds * -2.6;
        let arcs = Sprite::round(ship.position, radius * 1.9, Shape::Orbit, colour::MAGNET, 0.8);
        above.add(Sprite { turn, ..arcs });
    }
}
