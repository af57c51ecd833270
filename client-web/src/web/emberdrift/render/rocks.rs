//! Rocks: those in view, in one draw call.

use shared::game::arena::Rock;
use web_sys::WebGl2RenderingContext as Gl;

use crate::{
    engine::page::{view::View, visible_set::VisibleSet},
    game::page::rock_mesh::mesh,
    web::shell::{
        dom::Result,
        gl::{Attribute, Batch, Program, shader},
    },
};

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
