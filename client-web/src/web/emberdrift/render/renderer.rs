//! Draws a scene in a handful of calls: sky, stars, blocks, rocks, wall, light below, ships, light above, names.

use shared::{Vec2, game::terrain::Terrain};
use web_sys::{HtmlCanvasElement, WebGl2RenderingContext as Gl};

use super::{
    backdrop::Backdrop,
    labels::LabelLayer,
    light,
    ships::{self, Ships},
    terrain::{Blocks, Rocks, Wall},
};
use crate::{
    engine::page::{quality::Quality, view::View},
    game::{
        page::{effects::Effects, shapes::Shape},
        render_detail::RenderDetail,
        scene::Scene,
    },
    web::shell::{
        dom::{Result, fit_canvas},
        gl::{self, Program, shader},
        sprites::Sprites,
    },
};

/// With this many ships in view their glow begins to fade, and with [`CROWD_MORE`] more it is gone: together they would
/// be one white cloud.
const CROWD: f32 = 40.0;
const CROWD_MORE: f32 = 220.0;

/// The view before there is an arena.
const VIEW_WITHOUT_ARENA: Vec2 = Vec2::new(640.0, 360.0);

/// What the last frame cost the graphics card.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RenderCost {
    pub(crate) draw_calls: u32,
    /// How often ships and light together would cover the whole canvas.
    pub(crate) fill: f32,
}

/// Everything on the graphics card.
pub(super) struct Renderer {
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
    pub(super) fn new(canvas: HtmlCanvasElement) -> Result<Self> {
        let gl = gl::context(&canvas)?;
        let painter =
            Program::new(&gl, shader!("shapes.vert.glsl"), shader!("shapes.frag.glsl"), &["u_shape"])?;
        Ok(Self {
            backdrop: Backdrop::new(&gl)?,
            rocks: Rocks::new(&gl)?,
            blocks: Blocks::new(&gl)?,
            wall: Wall::new(&gl)?,
            ships: Ships::new(&gl)?,
            sprites: Sprites::new(&gl, &painter, Shape::COUNT)?,
            detail: RenderDetail::of(Quality::default()),
            labels: LabelLayer::new(&gl)?,
            arena: None,
            gl,
            canvas,
        })
    }

    /// Shows an arena from now on, or empty space.
    pub(super) fn enter(&mut self, terrain: Option<&Terrain>) {
        self.rocks.set(terrain.map_or(&[][..], |terrain| &terrain.arena().rocks));
        self.blocks.set(terrain.map_or(&[][..], |terrain| &terrain.arena().blocks));
        self.arena = terrain.map(|terrain| (terrain.arena().size, terrain.arena().rules.view));
    }

    pub(super) fn set_quality(&mut self, quality: Quality) {
        self.detail = RenderDetail::of(quality);
    }

    /// Fits the canvas to the page; what it then shows of the world.
    pub(super) fn view(&self, camera: Vec2) -> Result<View> {
        let surface = fit_canvas(&self.canvas, self.detail.device_ratio_max, self.detail.sharpness)?;
        let half = self.arena.map_or(VIEW_WITHOUT_ARENA, |(_, half)| half);
        Ok(View::new(surface, camera, half))
    }

    /// Draws one moment; what twinkles goes by `seconds`.
    pub(super) fn draw(
        &mut self,
        scene: &Scene,
        effects: &Effects,
        view: &View,
        seconds: f32,
    ) -> Result<RenderCost> {
        gl::take_draw_calls();
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
            light::ember(ember, view, seconds, below);
        }
        for pickup in &scene.pickups {
            light::pickup(pickup, view, seconds, below, above);
        }
        effects.trails().draw(view, |sprite| below.add(sprite));
        let seen = scene.ships.iter().filter(|ship| view.sees(ship.position, ship.radius)).count() as f32;
        let glow = self.detail.glow * (1.0 - ((seen - CROWD) / CROWD_MORE).clamp(0.0, 1.0));
        for ship in &scene.ships {
            ships::light(ship, view, seconds, glow, below, above);
        }
        for shot in &scene.shots {
            light::shot(shot, view, above);
        }
        effects.sparks().draw(view, |sprite| above.add(sprite));
        self.sprites.draw_below(&gl, view);
        self.ships.draw(&gl, view, &scene.ships, glow, |id| effects.flash(id));
        self.sprites.draw_above(&gl, view);
        self.labels.draw(&gl, view, scene, seconds)?;
        let covered = self.sprites.below.area + self.ships.area + self.sprites.above.area;
        let fill = covered / (4.0 * view.half.x * view.half.y);
        Ok(RenderCost { draw_calls: gl::take_draw_calls(), fill })
    }
}
