//! What stands in an arena: the walls around it, the blocks of wall inside it, and its rocks.

use shared::{
    Vec2,
    game::arena::{Block, Rock},
};
use web_sys::WebGl2RenderingContext as Gl;

use crate::{
    engine::page::{
        gpu_data::{VisibleSet, put},
        view::View,
    },
    game::page::{
        rock_mesh::mesh,
        slabs::{Slab, slabs},
    },
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

/// How far a rock's halo reaches, in radii.
const HALO: f32 = 1.3;

/// The rocks of an arena.
pub(super) struct Rocks {
    program: Program,
    batch: Batch,
    meshes: Vec<(Rock, Vec<u8>)>,
    visible: VisibleSet,
}

impl Rocks {
    pub(super) fn new(gl: &Gl) -> Result<Self> {
        Ok(Self {
            program: Program::new(gl, shader!("rocks.vert.glsl"), shader!("rocks.frag.glsl"), &["u_view"])?,
            batch: Batch::new(gl, &[Attribute::Floats(2), Attribute::Floats(3)], false)?,
            meshes: Vec::new(),
            visible: VisibleSet::default(),
        })
    }

    /// Replaces all rocks.
    pub(super) fn set(&mut self, rocks: &[Rock]) {
        self.meshes = (0_u32..).zip(rocks).map(|(seed, rock)| (*rock, mesh(*rock, seed))).collect();
        self.visible.clear();
    }

    pub(super) fn draw(&mut self, gl: &Gl, view: &View) {
        let is_visible = |(rock, _): &(Rock, Vec<u8>)| view.sees(rock.centre, rock.radius * HALO);
        if self.visible.update(&self.meshes, is_visible) {
            self.batch.bytes.clear();
            for rock in self.visible.indices() {
                self.batch.bytes.extend_from_slice(&self.meshes[*rock].1);
            }
            self.batch.upload(gl);
        }
        self.program.activate(gl);
        self.program.set_view(gl, view);
        self.batch.draw(gl, Gl::TRIANGLES);
    }
}
