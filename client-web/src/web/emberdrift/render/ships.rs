//! Ships: which hull, colour and pattern, and the light around them: flames, shields, marks.

use shared::{
    Vec2,
    engine::ids::PlayerId,
    game::rules::{Character, TIERS},
};
use web_sys::WebGl2RenderingContext as Gl;

use super::light::power_ups;
use crate::{
    engine::page::{
        gpu_data::{Sprite, mix, put, put_colour},
        view::View,
    },
    game::{
        page::{
            palette::{self, ship_tint},
            shapes::Shape,
        },
        scene::SceneShip,
    },
    web::shell::{
        dom::Result,
        gl::{Attribute, Batch, Program, shader},
        sprites::Layer,
    },
};

/// The number of the first of the drones' hulls in the shader, behind those of players: one for each character.
const DRONE_HULLS: f32 = TIERS as f32;
/// The quad around a ship reaches this many radii without and with its glow: the shader's `HULL` and `REACH`.
const REACH: [f32; 2] = [1.34, 1.9];

/// Hulls of one frame and the program that draws them.
pub(super) struct Ships {
    program: Program,
    batch: Batch,
    /// What their quads cover together, in square units.
    pub(super) area: f32,
}

impl Ships {
    pub(super) fn new(gl: &Gl) -> Result<Self> {
        let program = Program::new(
            gl,
            shader!("ships.vert.glsl"),
            shader!("ships.frag.glsl"),
            &["u_view", "u_pixels", "u_glow"],
        )?;
        let layout = [Attribute::Floats(4), Attribute::Floats(4), Attribute::Colour];
        Ok(Self { program, batch: Batch::new(gl, &layout, true)?, area: 0.0 })
    }

    /// Draws the hulls, the own one last and so on top: one call. `flash` says how white a ship is, 0 to 1; the glow of
    /// other ships has the strength `glow`.
    pub(super) fn draw(
        &mut self,
        gl: &Gl,
        view: &View,
        ships: &[SceneShip],
        glow: f32,
        flash: impl Fn(PlayerId) -> f32,
    ) {
        self.batch.bytes.clear();
        self.area = 0.0;
        let (own, others): (Vec<&SceneShip>, Vec<&SceneShip>) = ships
            .iter()
            .filter(|ship| view.sees(ship.position, ship.radius * REACH[1]))
            .partition(|ship| ship.own);
        for ship in others.into_iter().chain(own) {
            let hull = if ship.drone {
                DRONE_HULLS + f32::from(Character::of(ship.id) as u8)
            } else {
                ship.status.tier() as f32
            };
            let pattern = if ship.drone { 0.0 } else { palette::pattern(ship.colour) };
            let bytes = &mut self.batch.bytes;
            let place = ship.position;
            let reach = if ship.own { REACH[1] } else { REACH[0] + (REACH[1] - REACH[0]) * glow };
            self.area += (2.0 * reach * ship.radius).powi(2);
            put(bytes, [place.x, place.y, ship.aim_radians, ship.radius]);
            put(bytes, [hull, pattern, flash(ship.id), f32::from(u8::from(ship.own))]);
            // The health of others is a bar above them.
            put_colour(bytes, ship_tint(ship), if ship.own { ship.health } else { 1.0 });
        }
        self.program.activate(gl);
        self.program.set_view(gl, view);
        gl.uniform1f(self.program.at("u_pixels"), view.pixels_per_unit);
        gl.uniform1f(self.program.at("u_glow"), glow);
        self.batch.upload(gl);
        self.batch.draw_quads(gl);
    }
}

/// The light of a ship: engine below it, shield and marks above it; soft, wide light has the strength `glow`.
pub(super) fn light(
    ship: &SceneShip,
    view: &View,
    seconds: f32,
    glow: f32,
    below: &mut Layer,
    above: &mut Layer,
) {
    if !view.sees(ship.position, ship.radius * 4.0) {
        return;
    }
    let glow = if ship.own { 1.0 } else { glow };
    flame(ship, seconds, glow, below);
    let radius = ship.radius;
    if ship.own {
        below.add(Sprite::round(ship.position, radius * 2.3, Shape::ThinRing, ship_tint(ship), 0.34));
    }
    if ship.leader {
        let breath = 0.5 + 0.5 * (seconds * 2.2).sin();
        below.add(Sprite::round(
            ship.position,
            radius * 3.4,
            Shape::Glow,
            palette::BEACON,
            0.22 + 0.10 * breath,
        ));
        above.add(Sprite::round(
            ship.position,
            radius * (1.75 + 0.06 * breath),
            Shape::ThinRing,
            palette::BEACON,
            0.75,
        ));
    }
    if ship.nemesis {
        // Broad and around the leader's thin ring; a magnet has arcs.
        let beat = 0.5 + 0.5 * (seconds * 5.0).sin();
        above.add(Sprite::round(
            ship.position,
            radius * (2.1 + 0.08 * beat),
            Shape::Ring,
            palette::NEMESIS,
            0.55 + 0.25 * beat,
        ));
    }
    if ship.status.shielded() {
        let tint = mix(ship_tint(ship), palette::SHIELD, 0.7);
        let strength = 0.85 + 0.15 * (seconds * 7.0).sin();
        above.add(Sprite::round(ship.position, radius * 1.65, Shape::Bubble, tint, strength));
    }
    power_ups(ship, seconds, glow, below, above);
}

/// The engine's flame: longer and brighter the faster the ship is.
fn flame(ship: &SceneShip, seconds: f32, glow: f32, below: &mut Layer) {
    let speed = ship.velocity.length();
    let power = (speed / 300.0).clamp(0.0, 1.0);
    let tail = Vec2::from_angle(ship.aim_radians) * -0.55 * ship.radius;
    let root = ship.position + tail;
    let tint = ship_tint(ship);
    // Each ship flickers to its own beat.
    let beat = seconds * 31.0 + f32::from(ship.id.0) * 1.7;
    let flicker = 0.88 + 0.12 * beat.sin() * (beat * 0.37).cos();
    let (length, width, tint, strength) = if ship.status.boosting() {
        (3.6, 0.85, palette::EMBER, 1.0)
    } else {
        (0.5 + 1.5 * power, 0.5, mix(tint, [1.0, 1.0, 1.0], 0.25), 0.35 + 0.45 * power)
    };
    let half = Vec2::new(length * flicker, width) * ship.radius * 0.5;
    // Blown between the opposite of the nose and the way the ship came.
    let way = Vec2::from_angle(ship.aim_radians) + ship.velocity / 260.0;
    let way = way.try_normalize().unwrap_or(Vec2::X);
    below.add(Sprite {
        place: root - way * half.x,
        half,
        turn: way.to_angle(),
        shape: Shape::Flame.into(),
        tint,
        strength,
        white: 1.0,
    });
    if glow > 0.1 {
        let reach = if ship.status.boosting() { 1.4 + 1.2 * glow } else { 1.0 + 0.7 * power };
        below.add(Sprite::round(root, ship.radius * reach, Shape::Glow, tint, strength * 0.42 * glow));
    }
}
