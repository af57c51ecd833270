//! A texture of names and marks: each is drawn once, with the browser's own fonts, and sampled until others need the
//! room.

use std::sync::Arc;

use shared::{
    Vec2,
    engine::roster::PlayerKind,
    game::mode::{TEAMS_MAX, Team},
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    CanvasRenderingContext2d as Pen, HtmlCanvasElement, WebGl2RenderingContext as Gl, WebGlTexture,
};

use crate::{
    engine::{
        page::lru_slots::{LruSlots, Slot},
        roster::Listed,
    },
    game::{labels::letter_scale, page::teams},
    web::shell::dom::{Result, body, document, window},
};

/// Names that are kept: more than are ever shown at once.
const NAMES: usize = 96;
/// As wide as every WebGL 2 allows.
const WIDTH: i32 = 2048;
/// Names written in one frame; others follow in the next ones.
const WRITTEN_AT_ONCE: u32 = 6;
/// Room for a name, in ems: sixteen Chinese characters and the halo around them.
const SLOT_EMS: Vec2 = Vec2::new(16.6, 1.7);
/// Height of the strip with the marks, in ems.
const MARKS_EMS: f32 = 3.0;
/// Width of the halo, and of the margin that holds it, in ems.
const HALO_EMS: f32 = 0.19;
/// Half of the width of a team's sign, in ems.
const SIGN_EMS: f64 = 0.42;
/// From the top of a slot to the foot of the letters, in ems.
const BASELINE_EMS: f32 = 1.2;

/// A part of the atlas: its corner and its size, in texels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Piece {
    pub(super) corner: Vec2,
    pub(super) size: Vec2,
}

/// Marks, which are drawn once.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// A filled square.
    Solid,
    /// The leader's.
    Crown,
    /// The sign of a team.
    Team(Team),
    /// A sixth of a circle, [`ARC_RADIUS_EMS`] around a middle below it.
    Arc,
}

/// The arc's outer radius, in ems.
pub(super) const ARC_RADIUS_EMS: f32 = 8.4;

impl Mark {
    /// Corner and size in the strip, in ems.
    fn place(self) -> (Vec2, Vec2) {
        match self {
            Self::Solid => (Vec2::new(0.25, 0.25), Vec2::splat(0.5)),
            Self::Crown => (Vec2::new(1.5, 0.0), Vec2::new(1.6, 1.4)),
            Self::Arc => (Vec2::new(4.0, 0.0), Vec2::new(9.0, 2.6)),
            Self::Team(Team(team)) => {
                let place = Vec2::new(f32::from(team % 2), f32::from(team / 2 % 2));
                (Vec2::new(13.2, 0.0) + place * 1.5, Vec2::splat(1.4))
            }
        }
    }
}

/// The texture, and the pen that fills it.
pub(super) struct Atlas {
    texture: WebGlTexture,
    canvas: HtmlCanvasElement,
    pen: Pen,
    fonts: String,
    slots: LruSlots<Arc<Listed>>,
    /// Width of each slot's name with its halo, in texels.
    widths: Vec<f32>,
    written: u32,
    /// In device pixels; 0 before the first frame.
    em: f32,
}

impl Atlas {
    pub(super) fn new(gl: &Gl) -> Result<Self> {
        let canvas: HtmlCanvasElement = document()?.create_element("canvas")?.dyn_into()?;
        // Its pixels are read as soon as they are drawn: a graphics card would only be in the way.
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
        let pen = canvas
            .get_context_with_context_options("2d", &options)?
            .and_then(|context| context.dyn_into::<Pen>().ok())
            .ok_or_else(|| JsValue::from_str("this browser has no 2D canvas"))?;
        Ok(Self {
            texture: gl.create_texture().ok_or("no WebGL texture")?,
            canvas,
            pen,
            fonts: String::new(),
            slots: LruSlots::new(NAMES),
            widths: vec![0.0; NAMES],
            written: 0,
            em: 0.0,
        })
    }

    /// A frame begins, with letters of this size in device pixels. Another size than before empties the atlas.
    pub(super) fn begin(&mut self, gl: &Gl, em: f32) -> Result<()> {
        self.slots.begin_round();
        self.written = 0;
        if self.em != em {
            self.em = em;
            self.remake(gl)?;
        }
        Ok(())
    }

    pub(super) fn bind(&self, gl: &Gl) {
        gl.bind_texture(Gl::TEXTURE_2D, Some(&self.texture));
    }

    /// Where a mark is.
    pub(super) fn mark(&self, mark: Mark) -> Piece {
        let (corner, size) = mark.place();
        let strip = Vec2::new(0.0, self.rows() as f32 * self.slot().y);
        Piece { corner: strip + corner * self.em, size: size * self.em }
    }

    /// Where a pilot's name is; `None` while there is no time or no room to write it.
    pub(super) fn name(&mut self, gl: &Gl, pilot: &Arc<Listed>) -> Result<Option<Piece>> {
        let slot = match self.slots.get_or_claim(pilot, self.written < WRITTEN_AT_ONCE) {
            None => return Ok(None),
            Some(Slot::Cached(slot)) => slot,
            Some(Slot::Claimed(slot)) => {
                self.written += 1;
                self.widths[slot] = self.write(pilot)?;
                self.send(gl, self.corner(slot))?;
                slot
            }
        };
        let size = Vec2::new(self.widths[slot], self.slot().y);
        Ok(Some(Piece { corner: self.corner(slot), size }))
    }

    /// Size of a slot, in whole texels.
    fn slot(&self) -> Vec2 {
        (SLOT_EMS * self.em).ceil().min(Vec2::splat(WIDTH as f32))
    }

    fn columns(&self) -> usize {
        (WIDTH as usize / self.slot().x as usize).max(1)
    }

    fn rows(&self) -> usize {
        NAMES.div_ceil(self.columns())
    }

    fn corner(&self, slot: usize) -> Vec2 {
        let columns = self.columns();
        Vec2::new((slot % columns) as f32, (slot / columns) as f32) * self.slot()
    }

    fn remake(&mut self, gl: &Gl) -> Result<()> {
        self.slots = LruSlots::new(NAMES);
        let style = window()?.get_computed_style(body()?.as_ref())?.ok_or("no style")?;
        self.fonts = style.get_property_value("font-family")?;
        gl.delete_texture(Some(&self.texture));
        self.texture = gl.create_texture().ok_or("no WebGL texture")?;
        self.bind(gl);
        let slot = self.slot();
        let marks = (MARKS_EMS * self.em).ceil();
        let height = self.rows() as f32 * slot.y + marks;
        gl.tex_storage_2d(Gl::TEXTURE_2D, 1, Gl::RGBA8, WIDTH, height as i32);
        for (key, value) in [
            (Gl::TEXTURE_MIN_FILTER, Gl::LINEAR),
            (Gl::TEXTURE_MAG_FILTER, Gl::LINEAR),
            (Gl::TEXTURE_WRAP_S, Gl::CLAMP_TO_EDGE),
            (Gl::TEXTURE_WRAP_T, Gl::CLAMP_TO_EDGE),
        ] {
            gl.tex_parameteri(Gl::TEXTURE_2D, key, value as i32);
        }
        self.resize(slot.x, marks);
        self.draw_marks()?;
        self.send(gl, Vec2::new(0.0, height - marks))?;
        self.resize(slot.x, slot.y);
        Ok(())
    }

    fn resize(&self, width: f32, height: f32) {
        self.canvas.set_width(width as u32);
        self.canvas.set_height(height as u32);
    }

    /// Copies what the pen drew to this corner of the texture.
    fn send(&self, gl: &Gl, corner: Vec2) -> Result<()> {
        self.bind(gl);
        gl.pixel_storei(Gl::UNPACK_PREMULTIPLY_ALPHA_WEBGL, 1);
        let sent = gl.tex_sub_image_2d_with_u32_and_u32_and_html_canvas_element(
            Gl::TEXTURE_2D,
            0,
            corner.x as i32,
            corner.y as i32,
            Gl::RGBA,
            Gl::UNSIGNED_BYTE,
            &self.canvas,
        );
        gl.pixel_storei(Gl::UNPACK_PREMULTIPLY_ALPHA_WEBGL, 0);
        sent
    }

    /// Writes a name and returns how wide it became with its halo. One that is too wide is condensed.
    fn write(&self, pilot: &Listed) -> Result<f32> {
        let (pen, em) = (&self.pen, f64::from(self.em));
        let (text, scale) = (pilot.label.as_str(), letter_scale(pilot.player.kind));
        let weight = if pilot.player.kind == PlayerKind::Bot { 500 } else { 600 };
        let margin = em * f64::from(HALO_EMS);
        let room = f64::from(self.canvas.width()) - 2.0 * margin;
        let foot = em * f64::from(BASELINE_EMS);
        pen.clear_rect(0.0, 0.0, f64::from(self.canvas.width()), f64::from(self.canvas.height()));
        pen.set_font(&format!("{weight} {:.2}px {}", em * f64::from(scale), self.fonts));
        pen.set_line_join("round");
        pen.set_line_width(margin * 2.0);
        pen.set_stroke_style_str("rgb(3 6 16 / 80%)");
        pen.stroke_text_with_max_width(text, margin, foot, room)?;
        pen.set_fill_style_str("#fff");
        pen.fill_text_with_max_width(text, margin, foot, room)?;
        let width = pen.measure_text(text)?.width().min(room);
        Ok((width + 2.0 * margin).ceil() as f32)
    }

    fn draw_marks(&self) -> Result<()> {
        let (pen, em) = (&self.pen, f64::from(self.em));
        pen.set_fill_style_str("#fff");
        pen.fill_rect(0.0, 0.0, em, em);
        pen.set_line_join("round");
        pen.set_line_width(em * 0.3);
        pen.set_stroke_style_str("rgb(3 6 16 / 80%)");
        let left = f64::from(Mark::Crown.place().0.x);
        pen.begin_path();
        for (x, y) in
            [(0.3, 1.1), (0.22, 0.42), (0.56, 0.68), (0.8, 0.26), (1.04, 0.68), (1.38, 0.42), (1.3, 1.1)]
        {
            pen.line_to((left + x) * em, y * em);
        }
        pen.close_path();
        pen.stroke();
        pen.fill();

        for team in (0..TEAMS_MAX as u8).map(Team) {
            let (corner, size) = Mark::Team(team).place();
            let middle = corner + size / 2.0;
            pen.begin_path();
            for (x, y) in teams::outline(team) {
                let at = |middle: f32, offset: f64| (f64::from(middle) + offset * SIGN_EMS) * em;
                pen.line_to(at(middle.x, *x), at(middle.y, *y));
            }
            pen.close_path();
            pen.stroke();
            pen.fill();
        }

        let (corner, size) = Mark::Arc.place();
        let (x, y) = (f64::from(corner.x + size.x / 2.0) * em, f64::from(corner.y + ARC_RADIUS_EMS) * em);
        let radius = f64::from(ARC_RADIUS_EMS) * em;
        // From the outer edge inwards it fades; towards its ends too.
        const STEPS: u32 = 40;
        for step in 0..STEPS {
            let share = (f64::from(step) + 0.5) / f64::from(STEPS) * 2.0 - 1.0;
            let strength = (1.0 - share * share).powi(2);
            let angle = -core::f64::consts::FRAC_PI_2 + share * 0.52;
            let half = 0.52 / f64::from(STEPS);
            for (inset, thick, part) in [(0.55, 0.9, 0.28), (0.55, 0.34, 0.75)] {
                pen.begin_path();
                pen.set_line_width(thick * em);
                pen.set_stroke_style_str(&format!("rgb(255 255 255 / {:.3})", strength * part));
                pen.arc(x, y, radius - inset * em, angle - half, angle + half)?;
                pen.stroke();
            }
        }
        Ok(())
    }
}
