//! The part of the world that a canvas shows, and the canvas's size in device pixels.

use shared::Vec2;

/// Most device pixels that are drawn in all: those of a screen of 3840 by 2160.
const PIXELS_MAX: f64 = 3840.0 * 2160.0;
/// Fewest device pixels for a CSS pixel.
const RATIO_MIN: f64 = 0.5;

/// A canvas in device pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    /// At least 1.
    pub width: u32,
    /// At least 1.
    pub height: u32,
    /// Device pixels for a CSS pixel.
    pub ratio: f64,
}

impl Surface {
    /// For a canvas of this many CSS pixels on a screen with `device_ratio` device pixels for each, of which at most
    /// `ratio_max` are drawn, and of those a share of `sharpness` along a side.
    pub fn fit(width_css: i32, height_css: i32, device_ratio: f64, ratio_max: f64, sharpness: f64) -> Self {
        let area = f64::from(width_css.max(1)) * f64::from(height_css.max(1));
        let most = (PIXELS_MAX / area).sqrt().clamp(RATIO_MIN, ratio_max);
        let ratio = device_ratio.clamp(RATIO_MIN, most) * sharpness;
        let pixels = |css: i32| ((f64::from(css) * ratio).round() as u32).max(1);
        Self { width: pixels(width_css), height: pixels(height_css), ratio }
    }

    /// Width and height.
    pub fn size(self) -> Vec2 {
        Vec2::new(self.width as f32, self.height as f32)
    }
}

/// What part of the world is shown, and how large.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// What is in the middle, in world units.
    pub camera: Vec2,
    /// From the middle to the edges, in world units.
    pub half: Vec2,
    /// Device pixels for a world unit.
    pub pixels_per_unit: f32,
    /// Device pixels for a CSS pixel.
    pub device_ratio: f32,
}

impl View {
    /// Fills a surface: neither side shows more than twice `view_half`, so a wide screen has no advantage, and there
    /// are no bars.
    pub fn new(surface: Surface, camera: Vec2, view_half: Vec2) -> Self {
        let size = surface.size();
        let scale = (size / (view_half * 2.0)).max_element();
        Self {
            camera,
            half: size / (scale * 2.0),
            pixels_per_unit: scale,
            device_ratio: surface.ratio as f32,
        }
    }

    /// Whether any of a circle's bounding square is in view.
    pub fn sees(&self, centre: Vec2, radius: f32) -> bool {
        let apart = (centre - self.camera).abs();
        apart.x < self.half.x + radius && apart.y < self.half.y + radius
    }

    /// A place of the world on the page, in CSS pixels from the top left.
    pub fn to_page(self, place: Vec2) -> Vec2 {
        let scale = self.pixels_per_unit / self.device_ratio;
        Vec2::new(
            (place.x - self.camera.x + self.half.x) * scale,
            (self.camera.y + self.half.y - place.y) * scale,
        )
    }

    /// From the middle to a place that a card in the middle leaves free, in world units: to its right, or above it on
    /// a narrow screen.
    pub fn beside_card(&self) -> Vec2 {
        let half = self.half;
        if half.x > half.y * 1.2 {
            Vec2::new(half.x * 0.66, half.y * 0.1)
        } else {
            Vec2::new(0.0, half.y * 0.62)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(width: u32, height: u32, ratio: f64) -> Surface {
        Surface { width, height, ratio }
    }

    #[test]
    fn a_surface_has_the_screens_pixels() {
        assert_eq!(Surface::fit(1280, 720, 1.5, 3.0, 1.0), surface(1920, 1080, 1.5));
    }

    #[test]
    fn sharpness_and_the_cap_save_pixels() {
        assert_eq!(Surface::fit(1000, 500, 3.0, 1.5, 1.0), surface(1500, 750, 1.5));
        assert_eq!(Surface::fit(1000, 500, 1.0, 3.0, 0.62), surface(620, 310, 0.62));
    }

    #[test]
    fn a_huge_screen_draws_no_more_than_8_megapixels() {
        let huge = Surface::fit(7680, 4320, 2.0, 3.0, 1.0);
        assert_eq!(huge, surface(3840, 2160, 0.5));
        let tall = Surface::fit(2160, 3840, 2.0, 3.0, 1.0);
        assert_eq!((tall.width, tall.height), (2160, 3840));
    }

    #[test]
    fn a_canvas_without_a_size_has_one_pixel() {
        let none = Surface::fit(0, 0, 1.0, 3.0, 1.0);
        assert_eq!((none.width, none.height), (1, 1));
    }

    #[test]
    fn no_side_of_the_world_is_shown_beyond_the_limit_and_one_reaches_it() {
        let limit = Vec2::new(640.0, 360.0);
        for (width, height) in [(1280, 720), (2560, 720), (390, 844), (100, 100)] {
            let view = View::new(surface(width, height, 1.0), Vec2::ZERO, limit);
            assert!(view.half.cmple(limit + 0.01).all(), "{width} by {height}: {}", view.half);
            assert!((view.half / limit).max_element() > 0.999, "{width} by {height}: {}", view.half);
            let aspect = view.half.x / view.half.y - width as f32 / height as f32;
            assert!(aspect.abs() < 1e-3, "the world is stretched on {width} by {height}");
        }
    }

    #[test]
    fn the_camera_is_in_the_middle_of_the_page_and_up_is_up() {
        let view = View::new(surface(2000, 1000, 2.0), Vec2::new(50.0, -80.0), Vec2::new(500.0, 250.0));
        assert_eq!(view.to_page(view.camera), Vec2::new(500.0, 250.0), "in CSS pixels");
        let corner = view.camera + Vec2::new(-view.half.x, view.half.y);
        assert!(view.to_page(corner).length() < 1e-3, "the upper left corner is the origin");
    }

    #[test]
    fn a_circle_is_seen_until_it_is_wholly_outside() {
        let view = View { half: Vec2::new(100.0, 50.0), ..View::default() };
        assert!(view.sees(Vec2::new(109.0, 0.0), 10.0));
        assert!(!view.sees(Vec2::new(111.0, 0.0), 10.0));
        assert!(!view.sees(Vec2::new(0.0, -61.0), 10.0));
    }

    #[test]
    fn what_is_watched_stands_beside_the_card_or_above_it_on_a_phone() {
        let wide = View { half: Vec2::new(640.0, 360.0), ..View::default() }.beside_card();
        assert!(wide.x > 320.0 && wide.x < 640.0 && wide.y.abs() < 90.0, "{wide}");
        let tall = View { half: Vec2::new(180.0, 360.0), ..View::default() }.beside_card();
        assert!(tall.x == 0.0 && tall.y > 180.0 && tall.y < 360.0, "{tall}");
    }
}
