//! What each level of quality means for this game's pictures.

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
    /// Whether clouds are drawn behind the stars.
    pub clouds: bool,
    /// Strength of the ships' soft, wide light, 0 to 1.
    pub glow: f32,
}

impl RenderDetail {
    /// What is drawn at this quality.
    pub fn of(quality: Quality) -> Self {
        // Phones have three pixels to a CSS pixel; the canvas bounds how many there are in all.
        let (sharpness, device_ratio_max, particles, stars, clouds, glow) = match quality {
            Quality::Low => (0.62, 1.0, 260, 0.3, false, 0.15),
            Quality::Medium => (0.82, 1.5, 700, 0.65, true, 0.6),
            Quality::High => (1.0, 3.0, 1600, 1.0, true, 1.0),
        };
        Self { sharpness, device_ratio_max, particles, stars, clouds, glow }
    }
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
}
