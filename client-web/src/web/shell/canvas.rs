//! The canvas as a surface: its size in device pixels, and what part of the world it shows. It must not know what
//! is drawn on it.

use shared::Vec2;
use web_sys::HtmlCanvasElement;

use super::dom::{Result, window};
use crate::game::render_detail::RenderDetail;

/// Not more pixels than these in all are drawn: a screen of 3840 by 2160.
const PIXELS_MAX: f64 = 3840.0 * 2160.0;

/// What part of the world is shown, and how large.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::web) struct View {
    /// Middle of the picture, in world units.
    pub(in crate::web) camera: Vec2,
    /// Half of the picture, in world units.
    pub(in crate::web) half: Vec2,
    /// Device pixels a world unit.
    pub(in crate::web) pixels_per_unit: f32,
    /// Device pixels a CSS pixel.
    pub(in crate::web) device_ratio: f32,
}

impl View {
    /// Whether a circle can be seen.
    pub(in crate::web) fn sees(&self, centre: Vec2, radius: f32) -> bool {
        let apart = (centre - self.camera).abs();
        apart.x < self.half.x + radius && apart.y < self.half.y + radius
    }

    /// Where a place is, in CSS pixels from the top left.
    pub(in crate::web) fn to_page(self, place: Vec2) -> Vec2 {
        let scale = self.pixels_per_unit / self.device_ratio;
        Vec2::new(
            (place.x - self.camera.x + self.half.x) * scale,
            (self.camera.y + self.half.y - place.y) * scale,
        )
    }
}

/// Gives the canvas as many pixels as it covers on the screen, less what is saved.
pub(in crate::web) fn fit(canvas: &HtmlCanvasElement, detail: RenderDetail) -> Result<f64> {
    let window = window()?;
    let area = f64::from(canvas.client_width().max(1)) * f64::from(canvas.client_height().max(1));
    let most = (PIXELS_MAX / area).sqrt().clamp(0.5, detail.device_ratio_max);
    let ratio = window.device_pixel_ratio().clamp(0.5, most) * detail.sharpness;
    let pixels = |css: i32| ((f64::from(css) * ratio).round() as u32).max(1);
    let (width, height) = (pixels(canvas.client_width()), pixels(canvas.client_height()));
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    Ok(ratio)
}

/// The view of a canvas of this size: nobody sees more than `view_half` either way, and the picture has no bars.
pub(in crate::web) fn view(canvas: &HtmlCanvasElement, ratio: f64, camera: Vec2, view_half: Vec2) -> View {
    let size = Vec2::new(canvas.width() as f32, canvas.height() as f32);
    let scale = (size / (view_half * 2.0)).max_element();
    View { camera, half: size / (scale * 2.0), pixels_per_unit: scale, device_ratio: ratio as f32 }
}
