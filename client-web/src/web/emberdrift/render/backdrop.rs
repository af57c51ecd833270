//! Deep space behind everything: clouds, or two faint lights where clouds cost too much, and stars in layers.

use web_sys::WebGl2RenderingContext as Gl;

use super::sky::Sky;
use crate::{
    engine::page::{
        gpu_data::{put, put_colour},
        noise::Random,
        view::View,
    },
    game::{page::palette, render_detail::RenderDetail},
    web::shell::{
        dom::Result,
        gl::{Attribute, Batch, Program, shader},
    },
};

const STARS: usize = 620;

/// Clouds and stars.
pub(super) struct Backdrop {
    sky: Sky,
    /// In place of the clouds.
    glow: Program,
    triangle: Batch,
    stars: Program,
    star_batch: Batch,
}

impl Backdrop {
    pub(super) fn new(gl: &Gl) -> Result<Self> {
        let stars = Program::new(
            gl,
            shader!("stars.vert.glsl"),
            shader!("stars.frag.glsl"),
            &["u_camera", "u_half", "u_pixels", "u_time"],
        )?;
        let glow = Program::new(gl, shader!("glow.vert.glsl"), shader!("glow.frag.glsl"), &["u_deep"])?;
        let mut star_batch = Batch::new(gl, &[Attribute::Floats(4), Attribute::Colour], false)?;
        scatter_stars(&mut star_batch.bytes);
        star_batch.upload(gl);
        Ok(Self { sky: Sky::new(gl)?, glow, triangle: Batch::triangle(gl)?, stars, star_batch })
    }

    /// Covers a canvas of this many pixels.
    pub(super) fn draw(
        &mut self,
        gl: &Gl,
        view: &View,
        size: (i32, i32),
        seconds: f32,
        detail: RenderDetail,
    ) -> Result<()> {
        if detail.clouds {
            self.sky.draw(gl, view, size)?;
        } else {
            gl.disable(Gl::BLEND);
            self.glow.activate(gl);
            let [r, g, b] = palette::DEEP;
            gl.uniform3f(self.glow.at("u_deep"), r, g, b);
            self.triangle.draw(gl, Gl::TRIANGLES);
            gl.enable(Gl::BLEND);
        }
        self.stars.activate(gl);
        gl.uniform2f(self.stars.at("u_camera"), view.camera.x, view.camera.y);
        gl.uniform2f(self.stars.at("u_half"), view.half.x, view.half.y);
        gl.uniform1f(self.stars.at("u_pixels"), view.pixels_per_unit.max(view.device_ratio));
        gl.uniform1f(self.stars.at("u_time"), seconds);
        // They are in no order, so the first ones are everywhere.
        self.star_batch.draw_some(gl, Gl::POINTS, detail.stars);
        Ok(())
    }
}

/// Mostly faint and far ones; a few are bright.
fn scatter_stars(bytes: &mut Vec<u8>) {
    const TINTS: [[f32; 3]; 4] = [[0.72, 0.82, 1.0], [1.0, 1.0, 1.0], [1.0, 0.88, 0.72], [0.6, 0.75, 1.0]];
    let mut random = Random::new(3);
    for _ in 0..STARS {
        let depth = random.unit();
        let bright = random.unit();
        let bright = 0.16 + 0.84 * bright * bright * bright * bright;
        put(bytes, [random.unit(), random.unit(), depth, random.unit()]);
        let tint = TINTS[(random.unit() * TINTS.len() as f32) as usize % TINTS.len()];
        put_colour(bytes, tint, bright);
    }
}
