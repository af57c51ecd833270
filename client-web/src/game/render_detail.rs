//! How finely this game is drawn: what each level of quality means, and the size of letters in the scene, which matches the
//! letters of the page.

use shared::Vec2;

use crate::engine::page::quality::Quality;

/// How much of each thing is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenderDetail {
    /// Share of the screen's pixels along a side.
    pub sharpness: f64,
    /// Most pixels to a CSS pixel, before that share is taken.
    pub device_ratio_max: f64,
    /// Most particles of each of the two kinds.
    pub particles: usize,
    /// Share of the stars.
    pub stars: f32,
    /// Whether clouds are drawn behind the stars, or else two faint lights.
    pub clouds: bool,
    /// Strength of the ships' soft, wide light, 0 to 1.
    pub glow: f32,
}

impl RenderDetail {
    /// What is drawn at this quality.
    pub fn of(quality: Quality) -> Self {
        // Phones have three pixels to a CSS pixel; the canvas bounds how many there are in all.
        let (sharpness, device_ratio_max, particles, stars, clouds, glow) = match quality {
            Quality::Low => (0.62, 1.0, 260, 0.45, false, 0.15),
            Quality::Medium => (0.82, 1.5, 700, 0.65, true, 0.6),
            Quality::High => (1.0, 3.0, 1600, 1.0, true, 1.0),
        };
        Self { sharpness, device_ratio_max, particles, stars, clouds, glow }
    }
}

/// Size of the letters that are drawn into the scene, against the page's.
const SCALE: f32 = 0.88;
/// Smaller letters cannot be read, in device pixels.
const EM_MIN: f32 = 8.0;

/// The size of an em on a canvas, both in device pixels.
pub fn em_pixels(canvas: Vec2, device_ratio: f32) -> f32 {
    let page = canvas / device_ratio;
    // The page's own rule, `:root` in style.css, but for its upper limit: names above ships need not grow as far.
    let rem = (0.0055 * (page.x + page.y) + 3.0).clamp(13.0, 26.0);
    // In steps of half a pixel, so that a window that is being resized does not empty the atlas at every step.
    ((rem * SCALE * device_ratio * 2.0).round() / 2.0).max(EM_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_quality_draws_more_of_everything() {
        let [low, medium, high] = [Quality::Low, Quality::Medium, Quality::High].map(RenderDetail::of);
        for (less, more) in [(low, medium), (medium, high)] {
            assert!(less.sharpness < more.sharpness && less.particles < more.particles);
            assert!(less.stars < more.stars && less.glow < more.glow);
            assert!(less.device_ratio_max < more.device_ratio_max && less.clouds <= more.clouds);
        }
    }

    #[test]
    fn letters_grow_with_the_page_within_limits() {
        let ems = [(320.0, 568.0), (1280.0, 720.0), (1920.0, 1080.0), (7680.0, 4320.0)]
            .map(|(x, y)| em_pixels(Vec2::new(x, y), 1.0));
        assert!(ems.is_sorted(), "{ems:?}");
        assert_eq!((ems[0], ems[3]), (11.5, 23.0));
    }

    #[test]
    fn letters_have_the_same_size_on_the_page_whatever_the_pixels() {
        let page = Vec2::new(1280.0, 720.0);
        let (one, two) = (em_pixels(page, 1.0), em_pixels(page * 2.0, 2.0) / 2.0);
        assert!((one - two).abs() <= 0.5, "{one} and {two}");
    }

    #[test]
    fn letters_stay_legible_where_few_pixels_are_drawn() {
        assert_eq!(em_pixels(Vec2::new(320.0, 200.0), 0.5), EM_MIN);
    }

    #[test]
    fn a_slightly_larger_window_has_the_same_letters() {
        assert_eq!(em_pixels(Vec2::new(1280.0, 720.0), 1.0), em_pixels(Vec2::new(1284.0, 722.0), 1.0));
    }
}
