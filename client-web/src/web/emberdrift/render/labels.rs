//! What is written over the picture: names, bars of health, and from where the own ship was hit; everything in one
//! draw call. Whose names are shown it does not decide.

mod atlas;
mod hits;

use shared::{Vec2, game::pilot::PilotKind};
use web_sys::WebGl2RenderingContext as Gl;

use self::{
    atlas::{Atlas, Mark, Piece},
    hits::Hits,
};
use super::{
    colour::{self, Rgb},
    ships,
};
use crate::game::{
    labels::{Labels, clearance},
    scene::{Scene, SceneShip},
};
use crate::web::shell::{
    canvas::View,
    dom::Result,
    gl::{Attribute, Batch, Program, put, put_colour},
    glsl::shader,
};

/// Size of the letters against the HUD's.
const LETTERS: f32 = 0.88;
/// Smaller than this, in device pixels, nothing can be read.
const EM_MIN: f32 = 8.0;
/// After a pause nothing leaps farther than within so many seconds.
const PASSED_MAX: f32 = 0.3;
/// Less health than this is shown.
const HURT: f32 = 0.995;
/// Less health than this is told by another colour.
const LOW: f32 = 0.35;
const DANGER: Rgb = [1.0, 0.38, 0.34];
/// Under the bars.
const DARK: Rgb = [0.01, 0.02, 0.06];

/// Everything written.
pub(in crate::web) struct LabelLayer {
    program: Program,
    labels: Labels,
    hits: Hits,
    ink: Ink,
    /// When it was last drawn, in seconds.
    drawn_at: f32,
}

/// What one picture is written with.
struct Ink {
    batch: Batch,
    atlas: Atlas,
    /// Size of the letters, in device pixels.
    em: f32,
    /// Device pixels a CSS pixel.
    ratio: f32,
}

impl LabelLayer {
    /// Nothing written.
    pub(in crate::web) fn new(gl: &Gl) -> Result<Self> {
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
            hits: Hits::default(),
            ink: Ink { batch: Batch::new(gl, &layout, true)?, atlas: Atlas::new(gl)?, em: 0.0, ratio: 1.0 },
            drawn_at: 0.0,
        })
    }

    /// Writes over a picture: one call.
    pub(in crate::web) fn draw(&mut self, gl: &Gl, view: &View, scene: &Scene, seconds: f32) -> Result<()> {
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
        // The most important first: theirs are written first.
        for label in labels.shown() {
            ink.name(gl, view, scene, &scene.ships[label.ship], label.opacity)?;
        }
        hits.draw(view, scene, passed, ink);

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
        let page = size / view.device_ratio;
        // The page's own rule: see `:root` in style.css.
        let rem = (0.0055 * (page.x + page.y) + 3.0).clamp(13.0, 26.0);
        // Halves, so that a window that is being resized does not empty the atlas with every pixel.
        self.em = ((rem * LETTERS * view.device_ratio * 2.0).round() / 2.0).max(EM_MIN);
        self.atlas.begin(gl, self.em)
    }

    /// A piece of the atlas, around a place in device pixels.
    fn put(&mut self, middle: Vec2, half: Vec2, piece: Piece, turn: f32, tint: Rgb, strength: f32) {
        let bytes = &mut self.batch.bytes;
        let Piece { corner, size } = piece;
        put(bytes, [middle.x, middle.y, half.x, half.y, corner.x, corner.y, size.x, size.y, turn]);
        put_colour(bytes, tint, strength);
    }

    /// A piece as it is, around a place: texels on pixels, so that it is crisp.
    fn put_crisp(&mut self, middle: Vec2, piece: Piece, tint: Rgb, strength: f32) {
        let half = piece.size / 2.0;
        self.put((middle - half).round() + half, half, piece, 0.0, tint, strength);
    }

    /// Where the lower edge of what is written above a ship is, in the middle.
    fn above(&self, view: &View, ship: &SceneShip) -> Vec2 {
        view.to_page(ship.position + Vec2::Y * clearance(ship)) * self.ratio
    }

    fn name(&mut self, gl: &Gl, view: &View, scene: &Scene, ship: &SceneShip, strength: f32) -> Result<()> {
        let Some(pilot) = scene.roster.get(ship.id) else { return Ok(()) };
        let drone = pilot.kind == PilotKind::Drone;
        let Some(piece) = self.atlas.name(gl, pilot)? else { return Ok(()) };
        let (tint, strength) = match (ship.leader, drone) {
            (true, _) => (colour::BEACON, strength),
            (_, true) => (colour::mix(colour::DRONE, [1.0; 3], 0.1), strength * 0.7),
            _ => (colour::mix(ships::tint(ship), [1.0; 3], 0.55), strength * 0.95),
        };
        // The slot's own margin below the letters holds the bar.
        let foot = self.above(view, ship) - Vec2::Y * (piece.size.y * 0.5 - self.em * 0.1);
        if ship.leader {
            let crown = self.atlas.mark(Mark::Crown);
            let across = (piece.size.x + crown.size.x) / 2.0;
            self.put_crisp(foot - Vec2::X * (across - crown.size.x / 2.0), crown, tint, strength);
            self.put_crisp(foot + Vec2::X * crown.size.x / 2.0, piece, tint, strength);
        } else {
            self.put_crisp(foot, piece, tint, strength);
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
        let tint = if share < LOW { DANGER } else { colour::mix(ships::tint(ship), [1.0; 3], 0.3) };
        let left = middle - Vec2::X * half.x * (1.0 - share);
        self.put(left, Vec2::new(half.x * share, half.y), solid, 0.0, tint, 1.0);
    }
}
