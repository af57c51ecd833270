//! Sprites of light, in two layers: one instanced draw call for each.

use web_sys::{WebGl2RenderingContext as Gl, WebGlTexture};

use super::{
    dom::Result,
    gl::{Attribute, Batch, Program, shader},
};
use crate::engine::page::{gpu_data::Sprite, view::View};

/// Side of a shape in the texture, in texels.
const SHAPE_TEXELS: i32 = 128;

/// Sprites that are drawn together.
pub(crate) struct Layer {
    batch: Batch,
    /// What their quads cover together, in square units.
    pub(crate) area: f32,
}

impl Layer {
    fn new(gl: &Gl) -> Result<Self> {
        let layout = [Attribute::Floats(4), Attribute::Floats(3), Attribute::Colour];
        Ok(Self { batch: Batch::new(gl, &layout, true)?, area: 0.0 })
    }

    pub(crate) fn clear(&mut self) {
        self.batch.bytes.clear();
        self.area = 0.0;
    }

    pub(crate) fn add(&mut self, sprite: Sprite) {
        self.area += sprite.area();
        sprite.put(&mut self.batch.bytes);
    }

    fn draw(&mut self, gl: &Gl) {
        self.batch.upload(gl);
        // Light on light comes ever closer to white and never gets there: a crowd of sprites keeps its colours.
        gl.blend_func(Gl::ONE_MINUS_DST_COLOR, Gl::ONE);
        self.batch.draw_quads(gl);
        gl.blend_func(Gl::ONE, Gl::ONE_MINUS_SRC_ALPHA);
    }
}

/// Both layers, the program that draws them, and the shapes that they have.
pub(crate) struct Sprites {
    program: Program,
    shapes: WebGlTexture,
    /// Drawn below what is solid.
    pub(crate) below: Layer,
    /// Drawn above what is solid.
    pub(crate) above: Layer,
}

impl Sprites {
    /// Empty layers of sprites with this many shapes, each painted once by `painter` as its uniform `u_shape` says.
    pub(crate) fn new(gl: &Gl, painter: &Program, shapes: u8) -> Result<Self> {
        let program = Program::new(
            gl,
            shader!("sprites.vert.glsl"),
            shader!("sprites.frag.glsl"),
            &["u_view", "u_shapes"],
        )?;
        let shapes = paint_shapes(gl, painter, shapes)?;
        Ok(Self { program, shapes, below: Layer::new(gl)?, above: Layer::new(gl)? })
    }

    pub(crate) fn draw_below(&mut self, gl: &Gl, view: &View) {
        self.prepare(gl, view);
        self.below.draw(gl);
    }

    pub(crate) fn draw_above(&mut self, gl: &Gl, view: &View) {
        self.prepare(gl, view);
        self.above.draw(gl);
    }

    fn prepare(&self, gl: &Gl, view: &View) {
        self.program.activate(gl);
        gl.bind_texture(Gl::TEXTURE_2D_ARRAY, Some(&self.shapes));
        gl.uniform1i(self.program.at("u_shapes"), 0);
        self.program.set_view(gl, view);
    }
}

/// A texture with a layer for each shape, and smaller copies of each for small sprites.
fn paint_shapes(gl: &Gl, painter: &Program, shapes: u8) -> Result<WebGlTexture> {
    let triangle = Batch::triangle(gl)?;
    let texture = gl.create_texture().ok_or("no WebGL texture")?;
    gl.bind_texture(Gl::TEXTURE_2D_ARRAY, Some(&texture));
    let levels = SHAPE_TEXELS.ilog2() as i32 + 1;
    let layers = i32::from(shapes);
    gl.tex_storage_3d(Gl::TEXTURE_2D_ARRAY, levels, Gl::RGBA8, SHAPE_TEXELS, SHAPE_TEXELS, layers);
    let target = gl.create_framebuffer().ok_or("no WebGL framebuffer")?;
    gl.bind_framebuffer(Gl::FRAMEBUFFER, Some(&target));
    gl.viewport(0, 0, SHAPE_TEXELS, SHAPE_TEXELS);
    gl.disable(Gl::BLEND);
    painter.activate(gl);
    for shape in 0..layers {
        gl.framebuffer_texture_layer(Gl::FRAMEBUFFER, Gl::COLOR_ATTACHMENT0, Some(&texture), 0, shape);
        gl.uniform1i(painter.at("u_shape"), shape);
        triangle.draw(gl, Gl::TRIANGLES);
    }
    gl.enable(Gl::BLEND);
    gl.bind_framebuffer(Gl::FRAMEBUFFER, None);
    gl.delete_framebuffer(Some(&target));
    gl.generate_mipmap(Gl::TEXTURE_2D_ARRAY);
    for (key, value) in [
        (Gl::TEXTURE_MIN_FILTER, Gl::LINEAR_MIPMAP_NEAREST),
        (Gl::TEXTURE_MAG_FILTER, Gl::LINEAR),
        (Gl::TEXTURE_WRAP_S, Gl::CLAMP_TO_EDGE),
        (Gl::TEXTURE_WRAP_T, Gl::CLAMP_TO_EDGE),
    ] {
        gl.tex_parameteri(Gl::TEXTURE_2D_ARRAY, key, value as i32);
    }
    Ok(texture)
}
