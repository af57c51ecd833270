//! Draws a scene in a handful of calls: sky, stars, blocks, rocks, wall, light below, ships, light above, names. It must not know
//! the page around the canvas, or where scenes come from.

use shared::{Vec2, game::terrain::Terrain};
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, WebGl2RenderingContext as Gl};

use super::{
    backdrop::Backdrop,
    blocks::Blocks,
    colour,
    effects::Effects,
    labels::LabelLayer,
    pickups,
    rocks::Rocks,
    ships::{self, Ships},
    sprites::{Layer, Shape, Sprite, Sprites},
    wall::Wall,
};
use crate::web::shell::{
    canvas::{self, View},
    dom::{self, Result},
    gl,
};
use crate::{
    engine::page::quality::Quality,
    game::{
        render_detail::RenderDetail,
        scene::{Scene, SceneEmber, SceneShot},
    },
};

/// With so many ships in view their glow begins to give way, and with so many more it is gone: together they would be
/// one white cloud.
const CROWD: f32 = 40.0;
const CROWD_MORE: f32 = 220.0;

/// The view while there are no rules yet.
const VIEW_WITHOUT_RULES: Vec2 = Vec2::new(640.0, 360.0);

/// What a picture costs the graphics card.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::web) struct Cost {
    /// Draw calls.
    pub(in crate::web) draw_calls: u32,
    /// How often ships and light together would cover the whole picture.
    pub(in crate::web) fill: f32,
}

/// Everything on the graphics card.
pub(in crate::web) struct Renderer {
    gl: Gl,
    canvas: HtmlCanvasElement,
    backdrop: Backdrop,
    rocks: Rocks,
    blocks: Blocks,
    wall: Wall,
    ships: Ships,
    sprites: Sprites,
    detail: RenderDetail,
    labels: LabelLayer,
    /// Size of the arena and half of what may be seen of it.
    arena: Option<(Vec2, Vec2)>,
}

impl Renderer {
    /// Takes the canvas.
    pub(in crate::web) fn new(canvas: HtmlCanvasElement) -> Result<Self> {
        let options = js_sys::Object::new();
        for (key, value) in [("alpha", false), ("antialias", false), ("depth", false), ("stencil", false)] {
            js_sys::Reflect::set(&options, &key.into(), &value.into())?;
        }
        js_sys::Reflect::set(&options, &"powerPreference".into(), &"high-performance".into())?;
        let gl = canvas
            .get_context_with_context_options("webgl2", &options)?
            .and_then(|context| context.dyn_into::<Gl>().ok())
            .ok_or(dom::NO_WEBGL2)?;
        gl.disable(Gl::DEPTH_TEST);
        gl.disable(Gl::DITHER);
        // Light (alpha 0) adds up, bodies (alpha 1) cover: colours are premultiplied.
        gl.blend_func(Gl::ONE, Gl::ONE_MINUS_SRC_ALPHA);
        gl.pixel_storei(Gl::UNPACK_ALIGNMENT, 1);
        Ok(Self {
            backdrop: Backdrop::new(&gl)?,
            rocks: Rocks::new(&gl)?,
            blocks: Blocks::new(&gl)?,
            wall: Wall::new(&gl)?,
            ships: Ships::new(&gl)?,
            sprites: Sprites::new(&gl)?,
            detail: RenderDetail::of(Quality::default()),
            labels: LabelLayer::new(&gl)?,
            arena: None,
            gl,
            canvas,
        })
    }

    /// Shows an arena from now on, or empty space.
    pub(in crate::web) fn enter(&mut self, terrain: Option<&Terrain>) {
        let rocks = terrain.map_or(&[][..], |terrain| &terrain.arena().rocks);
        self.rocks.lay(rocks);
        self.blocks.lay(terrain.map_or(&[][..], |terrain| &terrain.arena().blocks));
        self.arena = terrain.map(|terrain| (terrain.arena().size, terrain.arena().rules.view));
    }

    /// How much is drawn from now on.
    pub(in crate::web) fn set_quality(&mut self, quality: Quality) {
        self.detail = RenderDetail::of(quality);
    }

    /// What of the world is in the picture.
    pub(in crate::web) fn view(&self, camera: Vec2) -> Result<View> {
        let ratio = canvas::fit(&self.canvas, self.detail)?;
        let half = self.arena.map_or(VIEW_WITHOUT_RULES, |(_, half)| half);
        Ok(canvas::view(&self.canvas, ratio, camera, half))
    }

    /// Draws one moment.
    pub(in crate::web) fn draw(
        &mut self,
        scene: &Scene,
        effects: &Effects,
        view: &View,
        seconds: f32,
    ) -> Result<Cost> {
        gl::take_draws();
        let gl = self.gl.clone();
        let size = (self.canvas.width() as i32, self.canvas.height() as i32);
        gl.viewport(0, 0, size.0, size.1);
        self.backdrop.draw(&gl, view, size, seconds, self.detail)?;
        self.blocks.draw(&gl, view);
        self.rocks.draw(&gl, view);
        if let Some((size, _)) = self.arena {
            self.wall.draw(&gl, view, size, seconds);
        }
        let Sprites { below, above, .. } = &mut self.sprites;
        below.clear();
        above.clear();
        for ember in &scene.embers {
            draw_ember(ember, view, seconds, below);
        }
        for pickup in &scene.pickups {
            pickups::draw(pickup, view, seconds, below, above);
        }
        effects.trails.draw(view, below);
        let seen = scene.ships.iter().filter(|ship| view.sees(ship.position, ship.radius)).count() as f32;
        let glow = self.detail.glow * (1.0 - ((seen - CROWD) / CROWD_MORE).clamp(0.0, 1.0));
        for ship in &scene.ships {
            ships::light(ship, view, seconds, glow, below, above);
        }
        for shot in &scene.shots {
            draw_shot(shot, view, above);
        }
        effects.sparks.draw(view, above);
        self.sprites.draw_below(&gl, view);
        self.ships.draw(&gl, view, &scene.ships, glow, |id| effects.flash(id));
        self.sprites.draw_above(&gl, view);
        self.labels.draw(&gl, view, scene, seconds)?;
        let covered = self.sprites.below.area + self.ships.area + self.sprites.above.area;
        let fill = covered / (4.0 * view.half.x * view.half.y);
        Ok(Cost { draw_calls: gl::take_draws(), fill })
    }
}

fn draw_ember(ember: &SceneEmber, view: &View, seconds: f32, layer: &mut Layer) {
    let worth = (f32::from(ember.value.max(1)).sqrt() - 1.0).min(6.0);
    let radius = 12.0 + 3.6 * worth;
    if !view.sees(ember.position, radius) {
        return;
    }
    let wave = (seconds * (1.1 + ember.phase) + ember.phase * 61.0).sin();
    let glint = (wave * 0.5 + 0.5).powi(3);
    let tint =
        colour::mix(colour::EMBER, colour::EMBER_RICH, (worth / 4.0).min(1.0) * 0.6 + ember.phase * 0.25);
    layer.add(Sprite {
        place: ember.position,
        half: Vec2::splat(radius * (0.92 + 0.12 * wave)),
        turn: ember.phase * 6.0,
        shape: Shape::Ember,
        tint,
        strength: 0.72 + 0.28 * glint,
        white: 0.75 + 0.25 * glint,
    });
}

/// The own shots are long needles, those of others short beads.
fn draw_shot(shot: &SceneShot, view: &View, layer: &mut Layer) {
    if !view.sees(shot.position, 30.0) {
        return;
    }
    let (shape, tint, half) = if shot.own {
        (Shape::Streak, colour::OWN_SHOT, Vec2::new(27.0, 5.4))
    } else {
        (Shape::Bead, colour::SHOT, Vec2::new(15.0, 8.5))
    };
    layer.add(Sprite {
        place: shot.position - Vec2::from_angle(shot.direction_radians) * (half.x - 4.0),
        half,
        turn: shot.direction_radians,
        shape,
        tint,
        strength: 1.0,
        white: 0.85,
    });
}
