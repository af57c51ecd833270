//! The walls around the arena, and the blocks of wall inside it.

use shared::{Vec2, game::arena::Block};
use web_sys::WebGl2RenderingContext as Gl;

use crate::{
    engine::page::{vertices::put, view::View, visible_set::VisibleSet},
    game::page::slabs::{Slab, slabs},
    web::shell::{
        dom::Result,
        gl::{Attribute, Batch, Program, shader},
    },
};

/// How far inside the arena the light of the walls around it reaches.
const REACH: f32 = 90.0;

/// The walls around an arena: a line of light, and a dim hatch beyond it.
pub(super) struct Wall {
    program: Program,
    strip: Batch,
}

impl Wall {
    pub(super) fn new(gl: &Gl) -> Result<Self> {
        let program = Program::new(
            gl,
            shader!("wall.vert.glsl"),
            shader!("wall.frag.glsl"),
            &["u_view", "u_size", "u_pixels", "u_time"],
        )?;
        // The shader makes the corners from their numbers: four pairs, and the first pair again.
        let mut strip = Batch::new(gl, &[Attribute::Floats(1)], false)?;
        put(&mut strip.bytes, [0.0; 10]);
        strip.upload(gl);
        Ok(Self { program, strip })
    }

    /// Draws those of an arena of this size, if they are in view: one call.
    pub(super) fn draw(&self, gl: &Gl, view: &View, size: Vec2, seconds: f32) {
        let (low, high) = (view.camera - view.half, view.camera + view.half);
        let inner = Vec2::splat(REACH);
        if low.cmpge(inner).all() && high.cmple(size - inner).all() {
            return;
        }
        let program = &self.program;
        program.activate(gl);
        program.set_view(gl, view);
        gl.uniform2f(program.at("u_size"), size.x, size.y);
        gl.uniform1f(program.at("u_pixels"), view.pixels_per_unit);
        gl.uniform1f(program.at("u_time"), seconds);
        self.strip.draw(gl, Gl::TRIANGLE_STRIP);
    }
}

/// The blocks of an arena.
pub(super) struct Blocks {
    program: Program,
    batch: Batch,
    slabs: Vec<Slab>,
    visible: VisibleSet,
}

impl Blocks {
    pub(super) fn new(gl: &Gl) -> Result<Self> {
        let program = Program::new(
            gl,
            shader!("blocks.vert.glsl"),
            shader!("blocks.frag.glsl"),
            &["u_view", "u_pixels"],
        )?;
        let layout = [Attribute::Floats(4), Attribute::Floats(4), Attribute::Floats(2)];
        let batch = Batch::new(gl, &layout, true)?;
        Ok(Self { program, batch, slabs: Vec::new(), visible: VisibleSet::default() })
    }

    /// Replaces all blocks.
    pub(super) fn set(&mut self, blocks: &[Block]) {
        self.slabs = slabs(blocks);
        self.visible.clear();
    }

    /// Draws those in view: one call.
    pub(super) fn draw(&mut self, gl: &Gl, view: &View) {
        if self.visible.update(&self.slabs, |slab| slab.is_in(view)) {
            self.batch.bytes.clear();
            // Light and shadow of all, then all bodies: no shadow is to fall on a neighbour.
            for is_body in [false, true] {
                for slab in self.visible.indices() {
                    self.slabs[*slab].put(&mut self.batch.bytes, is_body);
                }
            }
            self.batch.upload(gl);
        }
        self.program.activate(gl);
        self.program.set_view(gl, view);
        gl.uniform1f(self.program.at("u_pixels"), view.pixels_per_unit);
        self.batch.draw_quads(gl);
    }
}
