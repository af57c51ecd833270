//! What is written over the scene: names, bars of health, and from where the own ship was hit; all in one draw call.

mod atlas;

use shared::{Vec2, engine::roster::PlayerKind};
use web_sys::WebGl2RenderingContext as Gl;

use self::atlas::{ARC_RADIUS_EMS, Atlas, Mark, Piece};
use crate::{
    engine::page::{
        gpu_data::{Rgb, mix, put, put_colour},
        view::View,
    },
    game::{
        labels::{Labels, clearance},
        page::{
            hit_arcs::{HitArc, HitArcs},
            palette::{self, ship_tint},
        },
        render_detail::em_pixels,
        scene::{Scene, SceneShip},
    },
    web::shell::{
        dom::Result,
        gl::{Attribute, Batch, Program, shader},
    },
};

/// After a pause labels fade and move as if this many seconds had passed.
const PASSED_MAX: f32 = 0.3;
/// Health below this share is shown.
const HURT: f32 = 0.995;
/// Health below this share has another colour.
const LOW: f32 = 0.35;
const DANGER: Rgb = [1.0, 0.38, 0.34];
/// Under the bars.
const DARK: Rgb = [0.01, 0.02, 0.06];

pub(super) struct LabelLayer {
    program: Program,
    labels: Labels,
    hits: HitArcs,
    ink: Ink,
    /// When labels were last drawn, in seconds.
    drawn_at: f32,
}

/// What labels are written with.
struct Ink {
    batch: Batch,
    atlas: Atlas,
    /// Size of the letters, in device pixels.
    em: f32,
    /// Device pixels a CSS pixel.
    ratio: f32,
}

impl LabelLayer {
    pub(super) fn new(gl: &Gl) -> Result<Self> {
        let program = Program::new(
            gl,
            shader!("labels.vert.glsl"),
            shader!("labels.frag.glsl"),
            &["u_size", "u_atlas"],
        )?;
        let layout = [Attribute::Floats(4), Attribute::Floats(4), Attribute::Floats(1), Attribute::Colour];
        Ok(Self {
            program,
            labels: Labels::default(),
            hits: HitArcs::default(),
            ink: Ink { batch: Batch::new(gl, &layout, true)?, atlas: Atlas::new(gl)?, em: 0.0, ratio: 1.0 },
            drawn_at: 0.0,
        })
    }

    /// Writes over a frame: one call.
    pub(super) fn draw(&mut self, gl: &Gl, view: &View, scene: &Scene, seconds: f32) -> Result<()> {
        let passed = (seconds - self.drawn_at).clamp(0.0, PASSED_MAX);
        self.drawn_at = seconds;
        let size = view.half * 2.0 * view.pixels_per_unit;
        let Self { ink, labels, hits, .. } = self;
        ink.begin(gl, view, size)?;
        labels.update(scene, view.camera, view.half, ink.em / view.pixels_per_unit, passed);
        let hurt =
            |ship: &&SceneShip| !ship.own && ship.health < HURT && view.sees(ship.position, ship.radius);
        for ship in scene.ships.iter().filter(hurt) {
            ink.health(view, ship);
        }
        // The most important first: in a frame only a few new names are written into the atlas.
        for label in labels.shown() {
            ink.name(gl, view, scene, &scene.ships[label.ship], label.opacity)?;
        }
        hits.advance(scene, passed);
        for arc in hits.arcs() {
            ink.hit(view, arc);
        }

        self.program.activate(gl);
        gl.uniform2f(self.program.at("u_size"), size.x, size.y);
        gl.uniform1i(self.program.at("u_atlas"), 0);
        self.ink.atlas.bind(gl);
        self.ink.batch.upload(gl);
        self.ink.batch.draw_quads(gl);
        Ok(())
    }
}

impl Ink {
    fn begin(&mut self, gl: &Gl, view: &View, size: Vec2) -> Result<()> {
        self.batch.bytes.clear();
        self.ratio = view.device_ratio;
        self.em = em_pixels(size, view.device_ratio);
        self.atlas.begin(gl, self.em)
    }

    /// Adds a piece of the atlas around a place in device pixels.
    fn put(&mut self, middle: Vec2, half: Vec2, piece: Piece, turn: f32, tint: Rgb, strength: f32) {
        let bytes = &mut self.batch.bytes;
        let Piece { corner, size } = piece;
        put(bytes, [middle.x, middle.y, half.x, half.y, corner.x, corner.y, size.x, size.y, turn]);
        put_colour(bytes, tint, strength);
    }

    /// Adds a piece in its own size, with texels on pixels, so that it is crisp.
    fn put_crisp(&mut self, middle: Vec2, piece: Piece, tint: Rgb, strength: f32) {
        let half = piece.size / 2.0;
        self.put((middle - half).round() + half, half, piece, 0.0, tint, strength);
    }

    /// Where what is written above a ship begins: the middle of its lower edge.
    fn above(&self, view: &View, ship: &SceneShip) -> Vec2 {
        view.to_page(ship.position + Vec2::Y * clearance(ship)) * self.ratio
    }

    fn name(&mut self, gl: &Gl, view: &View, scene: &Scene, ship: &SceneShip, strength: f32) -> Result<()> {
        let Some(pilot) = scene.roster.get(ship.id) else { return Ok(()) };
        let drone = pilot.player.kind == PlayerKind::Bot;
        let Some(piece) = self.atlas.name(gl, pilot)? else { return Ok(()) };
        let (tint, strength) = match (ship.leader, drone) {
            _ if ship.team.is_some() => (mix(ship_tint(ship), [1.0; 3], 0.2), strength * 0.95),
            (true, _) => (palette::BEACON, strength),
            (_, true) => (mix(palette::DRONE, [1.0; 3], 0.1), strength * 0.7),
            _ => (mix(ship_tint(ship), [1.0; 3], 0.55), strength * 0.95),
        };
        // The slot's own margin below the letters holds the bar.
        let foot = self.above(view, ship) - Vec2::Y * (piece.size.y * 0.5 - self.em * 0.1);
        // What stands before the name, and the name, in the middle above the ship.
        let marks = [ship.leader.then_some(Mark::Crown), ship.team.map(Mark::Team)]
            .map(|mark| mark.map(|mark| self.atlas.mark(mark)));
        let pieces = marks.into_iter().flatten().chain([piece]);
        let wide: f32 = pieces.clone().map(|piece| piece.size.x).sum();
        let mut at = foot - Vec2::X * wide / 2.0;
        for piece in pieces {
            self.put_crisp(at + Vec2::X * piece.size.x / 2.0, piece, tint, strength);
            at.x += piece.size.x;
        }
        Ok(())
    }

    fn health(&mut self, view: &View, ship: &SceneShip) {
        let solid = self.atlas.mark(Mark::Solid);
        let ratio = self.ratio;
        let wide = (ship.radius * view.pixels_per_unit * 1.05).max(13.0 * ratio);
        // Whole pixels, so that its edges are sharp.
        let half = Vec2::new(wide.round(), (3.0 * ratio).round() / 2.0);
        let middle = self.above(view, ship).round() + Vec2::Y * half.y;
        self.put(middle, half + Vec2::splat(ratio), solid, 0.0, DARK, 0.75);
        let share = ship.health.clamp(0.0, 1.0);
        let tint = if share < LOW { DANGER } else { mix(ship_tint(ship), [1.0; 3], 0.3) };
        let left = middle - Vec2::X * half.x * (1.0 - share);
        self.put(left, Vec2::new(half.x * share, half.y), solid, 0.0, tint, 1.0);
    }

    /// From where the own ship was hit.
    fn hit(&mut self, view: &View, hit: HitArc) {
        let arc = self.atlas.mark(Mark::Arc);
        let radius = ARC_RADIUS_EMS * self.em - arc.size.y / 2.0;
        // The page's y goes down.
        let way = Vec2::from_angle(-hit.from_radians);
        let centre = view.to_page(hit.ship) * self.ratio + way * radius;
        let turn = hit.from_radians - core::f32::consts::FRAC_PI_2;
        self.put(centre, arc.size / 2.0, arc, turn, DANGER, hit.strength);
    }
}
