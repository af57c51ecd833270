//! Small tools for WebGL 2: shaders, programs, and buffers of instances that are refilled every frame.

use core::cell::Cell;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    HtmlCanvasElement, WebGl2RenderingContext as Gl, WebGlBuffer, WebGlProgram, WebGlShader,
    WebGlUniformLocation, WebGlVertexArrayObject,
};

use super::dom::Result;
use crate::engine::page::{gpu_data::put, view::View};

/// The error of a browser without WebGL 2.
pub(crate) const NO_WEBGL2: &str = "no WebGL 2";

thread_local! {
    static DRAW_CALLS: Cell<u32> = const { Cell::new(0) };
}

/// Draw calls since the last call of this.
pub(crate) fn take_draw_calls() -> u32 {
    DRAW_CALLS.take()
}

fn count_draw_call() {
    DRAW_CALLS.set(DRAW_CALLS.get() + 1);
}

/// The context of a canvas without transparency, depth, stencil and antialiasing.
pub(crate) fn context(canvas: &HtmlCanvasElement) -> Result<Gl> {
    let options = js_sys::Object::new();
    for (key, value) in [("alpha", false), ("antialias", false), ("depth", false), ("stencil", false)] {
        js_sys::Reflect::set(&options, &key.into(), &value.into())?;
    }
    js_sys::Reflect::set(&options, &"powerPreference".into(), &"high-performance".into())?;
    let context = canvas.get_context_with_context_options("webgl2", &options)?;
    let gl = context.and_then(|context| context.dyn_into::<Gl>().ok()).ok_or(NO_WEBGL2)?;
    gl.disable(Gl::DEPTH_TEST);
    gl.disable(Gl::DITHER);
    // Light (alpha 0) adds up, bodies (alpha 1) cover: colours are premultiplied.
    gl.blend_func(Gl::ONE, Gl::ONE_MINUS_SRC_ALPHA);
    gl.pixel_storei(Gl::UNPACK_ALIGNMENT, 1);
    Ok(gl)
}

/// A linked program and its uniforms.
pub(crate) struct Program {
    program: WebGlProgram,
    uniforms: Vec<(&'static str, Option<WebGlUniformLocation>)>,
}

impl Program {
    /// Compiles and links.
    pub(crate) fn new(gl: &Gl, vertex: &str, fragment: &str, uniforms: &[&'static str]) -> Result<Self> {
        let vertex = compile(gl, Gl::VERTEX_SHADER, vertex)?;
        let fragment = compile(gl, Gl::FRAGMENT_SHADER, fragment)?;
        let program = gl.create_program().ok_or("no WebGL program")?;
        gl.attach_shader(&program, &vertex);
        gl.attach_shader(&program, &fragment);
        gl.link_program(&program);
        if !gl.get_program_parameter(&program, Gl::LINK_STATUS).as_bool().unwrap_or(false) {
            let log = gl.get_program_info_log(&program).unwrap_or_default();
            return Err(JsValue::from_str(&format!("a shader does not link: {log}")));
        }
        gl.delete_shader(Some(&vertex));
        gl.delete_shader(Some(&fragment));
        let uniforms = uniforms.iter().map(|name| (*name, gl.get_uniform_location(&program, name))).collect();
        Ok(Self { program, uniforms })
    }

    pub(crate) fn activate(&self, gl: &Gl) {
        gl.use_program(Some(&self.program));
    }

    /// A uniform named in `new`; `None`, which WebGL ignores, for one that the shader does not use.
    pub(crate) fn at(&self, name: &str) -> Option<&WebGlUniformLocation> {
        let found = self.uniforms.iter().find(|(known, _)| *known == name);
        found.and_then(|(_, location)| location.as_ref())
    }

    /// Sets the uniform `u_view`: the camera, and by what factor a world unit is scaled to the canvas's half.
    pub(crate) fn set_view(&self, gl: &Gl, view: &View) {
        let (camera, half) = (view.camera, view.half);
        gl.uniform4f(self.at("u_view"), camera.x, camera.y, 1.0 / half.x, 1.0 / half.y);
    }
}

fn compile(gl: &Gl, kind: u32, source: &str) -> Result<WebGlShader> {
    let shader = gl.create_shader(kind).ok_or("no WebGL shader")?;
    gl.shader_source(&shader, source);
    gl.compile_shader(&shader);
    let done = gl.get_shader_parameter(&shader, Gl::COMPILE_STATUS);
    if !done.as_bool().unwrap_or(false) {
        let log = gl.get_shader_info_log(&shader).unwrap_or_default();
        return Err(JsValue::from_str(&format!("a shader does not compile: {log}")));
    }
    Ok(shader)
}

/// One vertex attribute, tightly packed after the one before.
#[derive(Clone, Copy)]
pub(crate) enum Attribute {
    /// This many floats.
    Floats(i32),
    /// Four bytes, read as 0 to 1.
    Colour,
}

impl Attribute {
    fn bytes(self) -> i32 {
        match self {
            Self::Floats(count) => count * 4,
            Self::Colour => 4,
        }
    }
}

/// Vertices or instances on the graphics card, and the bytes that they are written from.
pub(crate) struct Batch {
    array: WebGlVertexArrayObject,
    buffer: WebGlBuffer,
    stride: usize,
    on_card: usize,
    /// What [`Batch::upload`] sends: in the layout given to [`Batch::new`].
    pub(crate) bytes: Vec<u8>,
}

impl Batch {
    /// Empty. Attributes advance once for each instance if `instanced`, else for each vertex.
    pub(crate) fn new(gl: &Gl, layout: &[Attribute], instanced: bool) -> Result<Self> {
        let array = gl.create_vertex_array().ok_or("no WebGL vertex array")?;
        let buffer = gl.create_buffer().ok_or("no WebGL buffer")?;
        gl.bind_vertex_array(Some(&array));
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&buffer));
        let stride: i32 = layout.iter().map(|attribute| attribute.bytes()).sum();
        let mut offset = 0;
        for (index, attribute) in (0_u32..).zip(layout) {
            let (size, kind, normalised) = match *attribute {
                Attribute::Floats(count) => (count, Gl::FLOAT, false),
                Attribute::Colour => (4, Gl::UNSIGNED_BYTE, true),
            };
            gl.enable_vertex_attrib_array(index);
            gl.vertex_attrib_pointer_with_i32(index, size, kind, normalised, stride, offset);
            gl.vertex_attrib_divisor(index, u32::from(instanced));
            offset += attribute.bytes();
        }
        gl.bind_vertex_array(None);
        Ok(Self { array, buffer, stride: stride as usize, on_card: 0, bytes: Vec::new() })
    }

    /// Three vertices for a shader that makes one triangle over everything from their numbers.
    pub(crate) fn triangle(gl: &Gl) -> Result<Self> {
        let mut triangle = Self::new(gl, &[Attribute::Floats(1)], false)?;
        put(&mut triangle.bytes, [0.0; 3]);
        triangle.upload(gl);
        Ok(triangle)
    }

    /// How many vertices or instances `bytes` holds.
    pub(crate) fn len(&self) -> i32 {
        (self.bytes.len() / self.stride) as i32
    }

    /// Sends `bytes` to the card; the buffer there grows by doubling.
    pub(crate) fn upload(&mut self, gl: &Gl) {
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&self.buffer));
        if self.bytes.len() > self.on_card {
            self.on_card = self.bytes.len().next_power_of_two();
            gl.buffer_data_with_i32(Gl::ARRAY_BUFFER, self.on_card as i32, Gl::DYNAMIC_DRAW);
        }
        gl.buffer_sub_data_with_i32_and_u8_array(Gl::ARRAY_BUFFER, 0, &self.bytes);
    }

    /// Draws a quad for every instance.
    pub(crate) fn draw_quads(&self, gl: &Gl) {
        if self.len() > 0 {
            gl.bind_vertex_array(Some(&self.array));
            count_draw_call();
            gl.draw_arrays_instanced(Gl::TRIANGLE_STRIP, 0, 4, self.len());
        }
    }

    pub(crate) fn draw(&self, gl: &Gl, mode: u32) {
        self.draw_some(gl, mode, 1.0);
    }

    /// Draws the first `share`, 0 to 1, of the vertices.
    pub(crate) fn draw_some(&self, gl: &Gl, mode: u32, share: f32) {
        let count = (self.len() as f32 * share) as i32;
        if count > 0 {
            gl.bind_vertex_array(Some(&self.array));
            count_draw_call();
            gl.draw_arrays(mode, 0, count);
        }
    }
}

/// The shader in this file of the folder `shaders` beside the caller, stripped when the client is compiled: every
/// visitor downloads it.
macro_rules! shader {
    ($file:literal) => {{
        const SOURCE: &str = include_str!(concat!("shaders/", $file));
        const LENGTH: usize = $crate::engine::page::gpu_data::stripped::<0>(SOURCE).1;
        const BYTES: [u8; LENGTH] = $crate::engine::page::gpu_data::stripped(SOURCE).0;
        const TEXT: &str = match core::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("a shader is text"),
        };
        TEXT
    }};
}
pub(crate) use shader;
