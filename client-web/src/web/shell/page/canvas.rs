//! Paints pictures on a canvas in two dimensions.

use shared::Vec2;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::{
    engine::page::{
        colour::Colour,
        picture::{Picture, Shape},
        view::View,
    },
    web::shell::dom::{Result, context_2d},
};

/// The letters' fonts, as on the page.
const FONTS: &str =
    "Inter, \"Segoe UI\", system-ui, -apple-system, Roboto, \"Noto Sans\", \"Noto Sans SC\", sans-serif";

pub(super) struct Canvas {
    canvas: HtmlCanvasElement,
    pen: CanvasRenderingContext2d,
}

impl Canvas {
    pub(super) fn new(canvas: HtmlCanvasElement) -> Result<Self> {
        Ok(Self { pen: context_2d(&canvas)?, canvas })
    }

    pub(super) fn element(&self) -> &HtmlCanvasElement {
        &self.canvas
    }

    pub(super) fn clear(&self) {
        self.pen.clear_rect(0.0, 0.0, self.canvas.width().into(), self.canvas.height().into());
    }

    /// Paints a picture over what is there.
    pub(super) fn paint(&self, picture: &Picture, view: &View) -> Result<()> {
        let pen = &self.pen;
        pen.set_line_cap("round");
        pen.set_text_align("center");
        pen.set_text_baseline("middle");
        // To set a colour or a font makes the browser read it.
        let mut last = (None, 0.0);
        for shape in picture.shapes() {
            self.shape(picture, *shape, view, &mut last)?;
        }
        Ok(())
    }

    fn shape(
        &self,
        picture: &Picture,
        shape: Shape,
        view: &View,
        (last_colour, last_size): &mut (Option<Colour>, f64),
    ) -> Result<()> {
        let pen = &self.pen;
        let scale = f64::from(view.pixels_per_unit);
        let (Shape::Circle { colour, .. }
        | Shape::Ring { colour, .. }
        | Shape::Line { colour, .. }
        | Shape::Rect { colour, .. }
        | Shape::Text { colour, .. }) = shape;
        if *last_colour != Some(colour) {
            *last_colour = Some(colour);
            let css = colour.css();
            pen.set_fill_style_str(&css);
            pen.set_stroke_style_str(&css);
        }
        match shape {
            Shape::Circle { centre, radius, .. } if view.sees(centre, radius) => {
                let (x, y) = to_canvas(view, centre);
                pen.begin_path();
                pen.arc(x, y, f64::from(radius) * scale, 0.0, core::f64::consts::TAU)?;
                pen.fill();
            }
            Shape::Ring { centre, radius, width, .. } if view.sees(centre, radius + width) => {
                let (x, y) = to_canvas(view, centre);
                pen.set_line_width(f64::from(width) * scale);
                pen.begin_path();
                pen.arc(x, y, f64::from(radius) * scale, 0.0, core::f64::consts::TAU)?;
                pen.stroke();
            }
            Shape::Line { from, to, width, .. } => {
                let ((from_x, from_y), (to_x, to_y)) = (to_canvas(view, from), to_canvas(view, to));
                pen.set_line_width(f64::from(width) * scale);
                pen.begin_path();
                pen.move_to(from_x, from_y);
                pen.line_to(to_x, to_y);
                pen.stroke();
            }
            Shape::Rect { centre, half, .. } => {
                let (x, y) = to_canvas(view, centre + Vec2::new(-half.x, half.y));
                pen.fill_rect(x, y, f64::from(half.x) * 2.0 * scale, f64::from(half.y) * 2.0 * scale);
            }
            Shape::Text { place, lift_px, size_px, letters, .. } => {
                let ratio = f64::from(view.device_ratio);
                let size = f64::from(size_px) * ratio;
                if *last_size != size {
                    *last_size = size;
                    pen.set_font(&format!("600 {size:.1}px {FONTS}"));
                }
                let (x, y) = to_canvas(view, place);
                pen.fill_text(picture.letters(letters), x, y - f64::from(lift_px) * ratio)?;
            }
            // Out of view.
            Shape::Circle { .. } | Shape::Ring { .. } => {}
        }
        Ok(())
    }
}

/// A place of the world on the canvas, in device pixels from the top left.
fn to_canvas(view: &View, place: Vec2) -> (f64, f64) {
    let at = view.to_page(place) * view.device_ratio;
    (at.x.into(), at.y.into())
}
