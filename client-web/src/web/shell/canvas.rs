//! A canvas as a surface to draw on: as many device pixels as it covers on the screen.

use web_sys::HtmlCanvasElement;

use super::dom::{Result, window};
use crate::engine::page::view::Surface;

/// Gives the canvas the size that [`Surface::fit`] computes for it.
pub(crate) fn fit(canvas: &HtmlCanvasElement, ratio_max: f64, sharpness: f64) -> Result<Surface> {
    let (width, height) = (canvas.client_width(), canvas.client_height());
    let surface = Surface::fit(width, height, window()?.device_pixel_ratio(), ratio_max, sharpness);
    resize(canvas, surface.width, surface.height);
    Ok(surface)
}

/// Setting a size empties a canvas, even if it is the same.
pub(crate) fn resize(canvas: &HtmlCanvasElement, width: u32, height: u32) {
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
}
