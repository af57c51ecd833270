//! The clouds of deep space. They hardly move, so they are painted now and then, with some margin, and copied into every
//! frame: that spares slow machines most of the work.

use shared::Vec2;
use web_sys::{WebGl2RenderingContext as Gl, WebGlFramebuffer, WebGlTexture};

use crate::{
    engine::page::{noise::clouds, view::View},
    web::shell::{
        dom::Result,
        gl::{Batch, Program, shader},
    },
};

const CLOUD_PIXELS: usize = 256;
/// World units over which the clouds repeat: the shader's scale.
const REPEAT: f32 = 5200.0;
/// The clouds move by this share of the camera's way.
const SHARE: f32 = 0.05;
/// How far the copied part may move over the painting before another is painted, in pixels.
const MARGIN: i32 = 96;

/// The clouds and the painting of them.
pub(super) struct Sky {
    program: Program,
    copy: Program,
    triangle: Batch,
    clouds: WebGlTexture,
    target: WebGlFramebuffer,
    painting: WebGlTexture,
    /// The camera, and the size of the canvas and of a world unit, in pixels, when it was painted.
    painted: Option<(Vec2, (i32, i32), f32)>,
}

impl Sky {
    /// Nothing is painted yet.
    pub(super) fn new(gl: &Gl) -> Result<Self> {
        let program = Program::new(
            gl,
            shader!("sky.vert.glsl"),
            shader!("sky.frag.glsl"),
            &["u_half", "u_drift", "u_clouds"],
        )?;
        let copy = Program::new(
            gl,
            shader!("copy.vert.glsl"),
            shader!("copy.frag.glsl"),
            &["u_painting", "u_corner", "u_middle"],
        )?;
        let target = gl.create_framebuffer().ok_or("no WebGL framebuffer")?;
        let painting = gl.create_texture().ok_or("no WebGL texture")?;
        Ok(Self {
            program,
            copy,
            triangle: Batch::triangle(gl)?,
            clouds: paint_clouds(gl)?,
            target,
            painting,
            painted: None,
        })
    }

    /// Covers a canvas of this many pixels: mostly with a copy.
    pub(super) fn draw(&mut self, gl: &Gl, view: &View, size: (i32, i32)) -> Result<()> {
        let scale = view.pixels_per_unit;
        let usable = self
            .painted
            .filter(|(_, painted_size, painted_scale)| *painted_size == size && *painted_scale == scale);
        let moved = usable.map(|(camera, ..)| ((view.camera - camera) * (SHARE * scale)).round());
        let moved = match moved {
            Some(moved) if moved.abs().max_element() <= MARGIN as f32 => moved,
            _ => {
                self.paint(gl, view, size)?;
                Vec2::ZERO
            }
        };
        let (left, bottom) = (MARGIN + moved.x as i32, MARGIN + moved.y as i32);
        gl.disable(Gl::BLEND);
        self.copy.activate(gl);
        gl.bind_texture(Gl::TEXTURE_2D, Some(&self.painting));
        gl.uniform1i(self.copy.at("u_painting"), 0);
        gl.uniform2i(self.copy.at("u_corner"), left, bottom);
        gl.uniform2f(self.copy.at("u_middle"), size.0 as f32 / 2.0, size.1 as f32 / 2.0);
        self.triangle.draw(gl, Gl::TRIANGLES);
        gl.enable(Gl::BLEND);
        Ok(())
    }

    fn paint(&mut self, gl: &Gl, view: &View, size: (i32, i32)) -> Result<()> {
        let (width, height) = (size.0 + 2 * MARGIN, size.1 + 2 * MARGIN);
        gl.bind_framebuffer(Gl::FRAMEBUFFER, Some(&self.target));
        if self.painted.is_none_or(|(_, painted_size, _)| painted_size != size) {
            // A new texture: storage cannot change its size.
            gl.delete_texture(Some(&self.painting));
            self.painting = gl.create_texture().ok_or("no WebGL texture")?;
            gl.bind_texture(Gl::TEXTURE_2D, Some(&self.painting));
            gl.tex_storage_2d(Gl::TEXTURE_2D, 1, Gl::RGBA8, width, height);
            gl.framebuffer_texture_2d(
                Gl::FRAMEBUFFER,
                Gl::COLOR_ATTACHMENT0,
                Gl::TEXTURE_2D,
                Some(&self.painting),
                0,
            );
            // Texels are copied to pixels one by one, so nothing between or beyond them is read.
            gl.tex_parameteri(Gl::TEXTURE_2D, Gl::TEXTURE_MIN_FILTER, Gl::NEAREST as i32);
        }
        gl.viewport(0, 0, width, height);
        gl.disable(Gl::BLEND);
        self.program.activate(gl);
        gl.bind_texture(Gl::TEXTURE_2D, Some(&self.clouds));
        gl.uniform1i(self.program.at("u_clouds"), 0);
        let half = view.half + Vec2::splat(MARGIN as f32 / view.pixels_per_unit);
        gl.uniform2f(self.program.at("u_half"), half.x, half.y);
        let drift = view.camera * (SHARE / REPEAT);
        gl.uniform2f(self.program.at("u_drift"), drift.x, drift.y);
        self.triangle.draw(gl, Gl::TRIANGLES);
        gl.enable(Gl::BLEND);
        gl.bind_framebuffer(Gl::FRAMEBUFFER, None);
        gl.viewport(0, 0, size.0, size.1);
        self.painted = Some((view.camera, size, view.pixels_per_unit));
        Ok(())
    }
}

fn paint_clouds(gl: &Gl) -> Result<WebGlTexture> {
    let broad = clouds(CLOUD_PIXELS, 4, 6, 7);
    let wisps = clouds(CLOUD_PIXELS, 5, 5, 23);
    let other = clouds(CLOUD_PIXELS, 3, 6, 41);
    let texels: Vec<u8> = broad
        .iter()
        .zip(&wisps)
        .zip(&other)
        .flat_map(|((broad, wisp), other)| {
            // Wisps are the ridges of the noise.
            let ridge = 255 - (i32::from(*wisp) - 128).unsigned_abs().min(127) * 2;
            [*broad, ridge as u8, *other, 255]
        })
        .collect();
    let texture = gl.create_texture().ok_or("no WebGL texture")?;
    gl.bind_texture(Gl::TEXTURE_2D, Some(&texture));
    let side = CLOUD_PIXELS as i32;
    gl.tex_image_2d_with_i32_and_i32_and_i32_and_format_and_type_and_opt_u8_array(
        Gl::TEXTURE_2D,
        0,
        Gl::RGBA as i32,
        side,
        side,
        0,
        Gl::RGBA,
        Gl::UNSIGNED_BYTE,
        Some(&texels),
    )?;
    for (key, value) in [
        (Gl::TEXTURE_MIN_FILTER, Gl::LINEAR),
        (Gl::TEXTURE_MAG_FILTER, Gl::LINEAR),
        (Gl::TEXTURE_WRAP_S, Gl::REPEAT),
        (Gl::TEXTURE_WRAP_T, Gl::REPEAT),
    ] {
        gl.tex_parameteri(Gl::TEXTURE_2D, key, value as i32);
    }
    Ok(texture)
}
