//! Pieces of wall as slabs: their looks come from the shader, their numbers and what stands beside them. Those in view
//! are uploaded when the set of them changes. It must not know that they are obstacles.

use shared::{Vec2, game::arena::Block};
use web_sys::WebGl2RenderingContext as Gl;

use super::noise::Random;
use crate::web::shell::{
    canvas::View,
    dom::Result,
    gl::{Attribute, Batch, Program, put},
    glsl::shader,
};

/// How far light and shadow reach around a block: as far as the shader draws them.
const REACH: f32 = 40.0;

/// Blocks of one arena.
pub(in crate::web) struct Blocks {
    program: Program,
    batch: Batch,
    slabs: Vec<Slab>,
    shown: Vec<usize>,
    in_view: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Slab {
    block: Block,
    /// 1 where another block goes on: left, right, below, above.
    joined: [f32; 4],
    seed: f32,
}

impl Blocks {
    /// No blocks yet.
    pub(in crate::web) fn new(gl: &Gl) -> Result<Self> {
        let program = Program::new(
            gl,
            shader!("blocks.vert.glsl"),
            shader!("blocks.frag.glsl"),
            &["u_view", "u_pixels"],
        )?;
        let layout = [Attribute::Floats(4), Attribute::Floats(4), Attribute::Floats(2)];
        Ok(Self {
            program,
            batch: Batch::new(gl, &layout, true)?,
            slabs: Vec::new(),
            shown: Vec::new(),
            in_view: Vec::new(),
        })
    }

    /// Shows the blocks of an arena.
    pub(in crate::web) fn lay(&mut self, blocks: &[Block]) {
        let slab = |(number, block): (u32, &Block)| Slab {
            block: *block,
            joined: joined(*block, blocks),
            seed: Random::new(number.wrapping_add(7)).unit() * 100.0,
        };
        // The thick ones are towers and stand above the walls that meet in them.
        let thickness = |slab: &Slab| slab.block.half.min_element();
        self.slabs.clear();
        for slab in (0..).zip(blocks).map(slab) {
            let place = self.slabs.partition_point(|other| thickness(other) <= thickness(&slab));
            self.slabs.insert(place, slab);
        }
        self.shown.clear();
        self.batch.bytes.clear();
    }

    /// Draws those in view: one call.
    pub(in crate::web) fn draw(&mut self, gl: &Gl, view: &View) {
        self.in_view.clear();
        let seen = |slab: &Slab| {
            let apart = (slab.block.centre - view.camera).abs() - slab.block.half - view.half;
            apart.max_element() < REACH
        };
        let in_view = self.slabs.iter().enumerate().filter(|(_, slab)| seen(slab)).map(|(i, _)| i);
        self.in_view.extend(in_view);
        if self.in_view != self.shown {
            self.batch.bytes.clear();
            // Light and shadow of all, then all bodies: none is to fall on a neighbour.
            for is_body in [0.0, 1.0] {
                for slab in &self.in_view {
                    let Slab { block: Block { centre, half }, joined, seed } = self.slabs[*slab];
                    put(&mut self.batch.bytes, [centre.x, centre.y, half.x, half.y]);
                    put(&mut self.batch.bytes, joined);
                    put(&mut self.batch.bytes, [seed, is_body]);
                }
            }
            self.batch.upload(gl);
            core::mem::swap(&mut self.shown, &mut self.in_view);
        }
        self.program.activate(gl);
        let (camera, half) = (view.camera, view.half);
        gl.uniform4f(self.program.at("u_view"), camera.x, camera.y, 1.0 / half.x, 1.0 / half.y);
        gl.uniform1f(self.program.at("u_pixels"), view.pixels_per_unit);
        self.batch.draw_quads(gl);
    }
}

/// On which sides another block covers the whole side.
fn joined(block: Block, blocks: &[Block]) -> [f32; 4] {
    let covers = |place: Vec2| {
        blocks.iter().any(|other| *other != block && (place - other.centre).abs().cmple(other.half).all())
    };
    [Vec2::NEG_X, Vec2::X, Vec2::NEG_Y, Vec2::Y].map(|side| {
        let middle = block.centre + side * (block.half + Vec2::ONE);
        let along = side.perp() * (block.half - Vec2::ONE);
        if covers(middle - along) && covers(middle + along) { 1.0 } else { 0.0 }
    })
}
