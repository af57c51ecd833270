//! The walls of the arena: a line of light, and a dim hatch beyond it. It must not know what they stop.

use shared::Vec2;
use web_sys::WebGl2RenderingContext as Gl;

use crate::web::shell::{
    canvas::View,
    dom::Result,
    gl::{Attribute, Batch, Program, put},
    glsl::shader,
};

/// How far inside the arena the wall's light reaches.
const REACH: f32 = 90.0;

/// The walls.
pub(in crate::web) struct Wall {
    program: Program,
    strip: Batch,
}

impl Wall {
    /// Walls of any arena: their size is told when they are drawn.
    pub(in crate::web) fn new(gl: &Gl) -> Result<Self> {
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

    /// Draws them if they can be seen: one call.
    pub(in crate::web) fn draw(&self, gl: &Gl, view: &View, size: Vec2, seconds: f32) {
        let (low, high) = (view.camera - view.half, view.camera + view.half);
        let inner = Vec2::splat(REACH);
        if low.cmpge(inner).all() && high.cmple(size - inner).all() {
            return;
        }
        let program = &self.program;
        program.activate(gl);
        gl.uniform4f(
            program.at("u_view"),
            view.camera.x,
            view.camera.y,
            1.0 / view.half.x,
            1.0 / view.half.y,
        );
        gl.uniform2f(program.at("u_size"), size.x, size.y);
        gl.uniform1f(program.at("u_pixels"), view.pixels_per_unit);
        gl.uniform1f(program.at("u_time"), seconds);
        self.strip.draw(gl, Gl::TRIANGLE_STRIP);
    }
}
