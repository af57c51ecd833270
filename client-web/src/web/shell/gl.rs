//! Small tools for WebGL2: programs, and buffers of instances refilled every frame. It must not know what is drawn.

use core::cell::Cell;

use wasm_bindgen::JsValue;
use web_sys::{
    WebGl2RenderingContext as Gl, WebGlBuffer, WebGlProgram, WebGlShader, WebGlUniformLocation,
    WebGlVertexArrayObject,
};

use super::dom::Result;

thread_local! {
    /// Draw calls since somebody asked.
    static DRAWS: Cell<u32> = const { Cell::new(0) };
}

/// How many draw calls there were since this was last asked.
pub(in crate::web) fn take_draws() -> u32 {
    DRAWS.take()
}

/// A linked program and its uniforms.
pub(in crate::web) struct Program {
    program: WebGlProgram,
    uniforms: Vec<(&'static str, Option<WebGlUniformLocation>)>,
}

impl Program {
    /// Compiles and links.
    pub(in crate::web) fn new(
        gl: &Gl,
        vertex: &str,
        fragment: &str,
        uniforms: &[&'static str],
    ) -> Result<Self> {
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

    /// Makes it the one that draws.
    pub(in crate::web) fn activate(&self, gl: &Gl) {
        gl.use_program(Some(&self.program));
    }

    /// Where a uniform named in `new` is; `None` (which WebGL ignores) for one that the shader does not use.
    pub(in crate::web) fn at(&self, name: &str) -> Option<&WebGlUniformLocation> {
        let found = self.uniforms.iter().find(|(known, _)| *known == name);
        found.and_then(|(_, location)| location.as_ref())
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
pub(in crate::web) enum Attribute {
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

/// Vertices or instances on the graphics card and the bytes they are written from.
pub(in crate::web) struct Batch {
    array: WebGlVertexArrayObject,
    buffer: WebGlBuffer,
    stride: usize,
    on_card: usize,
    /// What will be uploaded: see [`put`] and [`put_colour`].
    pub(in crate::web) bytes: Vec<u8>,
}

impl Batch {
    /// An empty buffer of this layout; attributes advance once an instance if `instanced`.
    pub(in crate::web) fn new(gl: &Gl, layout: &[Attribute], instanced: bool) -> Result<Self> {
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
    pub(in crate::web) fn triangle(gl: &Gl) -> Result<Self> {
        let mut triangle = Self::new(gl, &[Attribute::Floats(1)], false)?;
        put(&mut triangle.bytes, [0.0; 3]);
        triangle.upload(gl);
        Ok(triangle)
    }

    /// How many vertices or instances `bytes` holds.
    pub(in crate::web) fn len(&self) -> i32 {
        (self.bytes.len() / self.stride) as i32
    }

    /// Sends `bytes` to the card; the buffer there grows by doubling.
    pub(in crate::web) fn upload(&mut self, gl: &Gl) {
        gl.bind_buffer(Gl::ARRAY_BUFFER, Some(&self.buffer));
        if self.bytes.len() > self.on_card {
            self.on_card = self.bytes.len().next_power_of_two();
            gl.buffer_data_with_i32(Gl::ARRAY_BUFFER, self.on_card as i32, Gl::DYNAMIC_DRAW);
        }
        gl.buffer_sub_data_with_i32_and_u8_array(Gl::ARRAY_BUFFER, 0, &self.bytes);
    }

    /// Draws a quad for every instance.
    pub(in crate::web) fn draw_quads(&self, gl: &Gl) {
        if self.len() > 0 {
            gl.bind_vertex_array(Some(&self.array));
            DRAWS.set(DRAWS.get() + 1);
            gl.draw_arrays_instanced(Gl::TRIANGLE_STRIP, 0, 4, self.len());
        }
    }

    /// Draws the vertices as they stand.
    pub(in crate::web) fn draw(&self, gl: &Gl, mode: u32) {
        self.draw_some(gl, mode, 1.0);
    }

    /// Draws the first share of the vertices.
    pub(in crate::web) fn draw_some(&self, gl: &Gl, mode: u32, share: f32) {
        let count = (self.len() as f32 * share) as i32;
        if count > 0 {
            gl.bind_vertex_array(Some(&self.array));
            DRAWS.set(DRAWS.get() + 1);
            gl.draw_arrays(mode, 0, count);
        }
    }
}

/// Appends floats to a batch's bytes.
pub(in crate::web) fn put<const N: usize>(bytes: &mut Vec<u8>, floats: [f32; N]) {
    for float in floats {
        bytes.extend_from_slice(&float.to_le_bytes());
    }
}

/// Appends a colour and a strength, each 0 to 1.
pub(in crate::web) fn put_colour(bytes: &mut Vec<u8>, [r, g, b]: [f32; 3], strength: f32) {
    // `as` saturates: anything above 1 is full.
    bytes.extend_from_slice(&[r, g, b, strength].map(|share| (share * 255.0 + 0.5) as u8));
}
