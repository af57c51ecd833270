//! One kind of instance for everything that is light: embers, shots, flames, sparks, rings, arcs. It must not know
//! why something shines.

use shared::Vec2;
use web_sys::{WebGl2RenderingContext as Gl, WebGlTexture};

use super::colour::Rgb;
use crate::web::shell::{
    canvas::View,
    dom::Result,
    gl::{Attribute, Batch, Program, put, put_colour},
    glsl::shader,
};

/// Side of a shape's layer, in texels.
const LAYER_TEXELS: i32 = 128;
/// How many shapes there are.
const SHAPES: i32 = 13;

/// The shapes, by their numbers in `shapes.frag.glsl`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::web) enum Shape {
    /// A soft disc.
    Glow = 0,
    /// A hot heart in a halo.
    Ember = 1,
    /// A bright head at the front and a tail.
    Streak = 2,
    /// A ring.
    Ring = 3,
    /// A thin ring.
    ThinRing = 4,
    /// A splinter.
    Shard = 5,
    /// An engine's flame, from its root at the front to its tip behind.
    Flame = 6,
    /// A shield.
    Bubble = 7,
    /// The sign of a shield.
    Hexagon = 8,
    /// The sign of rapid fire.
    Chevrons = 9,
    /// The sign of a magnet.
    Horseshoe = 10,
    /// Three arcs of a ring.
    Orbit = 11,
    /// A drop, with a ring about its heart.
    Bead = 12,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Sprite {
    /// Its middle.
    pub(in crate::web) place: Vec2,
    /// Half its length and half its width.
    pub(in crate::web) half: Vec2,
    /// In radians.
    pub(in crate::web) turn: f32,
    /// What it looks like.
    pub(in crate::web) shape: Shape,
    /// Its colour.
    pub(in crate::web) tint: Rgb,
    /// How bright, 0 to 1.
    pub(in crate::web) strength: f32,
    /// How white its brightest parts are, 0 to 1.
    pub(in crate::web) white: f32,
}

impl Sprite {
    /// A round one.
    pub(in crate::web) fn round(place: Vec2, radius: f32, shape: Shape, tint: Rgb, strength: f32) -> Self {
        Self { place, half: Vec2::splat(radius), turn: 0.0, shape, tint, strength, white: 1.0 }
    }
}

/// Sprites of one layer.
pub(in crate::web) struct Layer {
    batch: Batch,
    /// What their quads cover together, in square units.
    pub(in crate::web) area: f32,
}

impl Layer {
    fn new(gl: &Gl) -> Result<Self> {
        let layout = [Attribute::Floats(4), Attribute::Floats(3), Attribute::Colour];
        Ok(Self { batch: Batch::new(gl, &layout, true)?, area: 0.0 })
    }

    /// Forgets the last frame's.
    pub(in crate::web) fn clear(&mut self) {
        self.batch.bytes.clear();
        self.area = 0.0;
    }

    fn draw(&mut self, gl: &Gl) {
        self.batch.upload(gl);
        // Light on light comes ever closer to white and never gets there: what is crowded keeps its colours.
        gl.blend_func(Gl::ONE_MINUS_DST_COLOR, Gl::ONE);
        self.batch.draw_quads(gl);
        gl.blend_func(Gl::ONE, Gl::ONE_MINUS_SRC_ALPHA);
    }

    /// Adds one.
    pub(in crate::web) fn add(&mut self, sprite: Sprite) {
        let (place, half) = (sprite.place, sprite.half);
        self.area += 4.0 * half.x * half.y;
        let shape = f32::from(sprite.shape as u8);
        put(&mut self.batch.bytes, [place.x, place.y, half.x, half.y, sprite.turn, shape, sprite.white]);
        put_colour(&mut self.batch.bytes, sprite.tint, sprite.strength);
    }
}

/// Both layers and the program that draws them.
pub(in crate::web) struct Sprites {
    program: Program,
    shapes: WebGlTexture,
    /// Below the ships.
    pub(in crate::web) below: Layer,
    /// Above the ships.
    pub(in crate::web) above: Layer,
}

impl Sprites {
    /// Empty layers.
    pub(in crate::web) fn new(gl: &Gl) -> Result<Self> {
        let program = Program::new(
            gl,
            shader!("sprites.vert.glsl"),
            shader!("sprites.frag.glsl"),
            &["u_view", "u_shapes"],
        )?;
        Ok(Self { program, shapes: paint_shapes(gl)?, below: Layer::new(gl)?, above: Layer::new(gl)? })
    }

    /// Draws what lies below the ships: one call.
    pub(in crate::web) fn draw_below(&mut self, gl: &Gl, view: &View) {
        self.prepare(gl, view);
        self.below.draw(gl);
    }

    /// Draws what lies above the ships: one call.
    pub(in crate::web) fn draw_above(&mut self, gl: &Gl, view: &View) {
        self.prepare(gl, view);
        self.above.draw(gl);
    }

    fn prepare(&self, gl: &Gl, view: &View) {
        self.program.activate(gl);
        gl.bind_texture(Gl::TEXTURE_2D_ARRAY, Some(&self.shapes));
        gl.uniform1i(self.program.at("u_shapes"), 0);
        let (camera, half) = (view.camera, view.half);
        let at = self.program.at("u_view");
        gl.uniform4f(at, camera.x, camera.y, 1.0 / half.x, 1.0 / half.y);
    }
}

/// Paints every shape into its layer.
fn paint_shapes(gl: &Gl) -> Result<WebGlTexture> {
    let painter = Program::new(gl, shader!("shapes.vert.glsl"), shader!("shapes.frag.glsl"), &["u_shape"])?;
    let triangle = Batch::triangle(gl)?;
    let texture = gl.create_texture().ok_or("no WebGL texture")?;
    gl.bind_texture(Gl::TEXTURE_2D_ARRAY, Some(&texture));
    let levels = LAYER_TEXELS.ilog2() as i32 + 1;
    gl.tex_storage_3d(Gl::TEXTURE_2D_ARRAY, levels, Gl::RGBA8, LAYER_TEXELS, LAYER_TEXELS, SHAPES);
    let target = gl.create_framebuffer().ok_or("no WebGL framebuffer")?;
    gl.bind_framebuffer(Gl::FRAMEBUFFER, Some(&target));
    gl.viewport(0, 0, LAYER_TEXELS, LAYER_TEXELS);
    gl.disable(Gl::BLEND);
    painter.activate(gl);
    for shape in 0..SHAPES {
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
