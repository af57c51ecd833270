//! How much is drawn: three levels, and which of them there is time for. It must not know what a picture shows, or a
//! clock.

use super::settings::QualityChoice;

/// Weight of a new picture in the mean.
const SMOOTHING: f64 = 0.06;
/// Slower than this for long is a level less, in milliseconds a picture: from high, and from medium. The lowest is
/// blurred, so it takes what can hardly be played to get there.
const SLOW_MS: [f64; 2] = [40.0, 62.0];
/// Faster than this for long is a level more, in milliseconds a picture.
const FAST_MS: f64 = 19.0;
/// How long to wait after a change, before the next; longer before a level is given back, and longer each time, so
/// that it does not swing.
const PATIENCE_MS: f64 = 2500.0;
const PATIENCE_UP_MS: f64 = 8000.0;
/// A picture counts as no slower than so many like those before it: one that hangs says little about the next.
const HICCUP: f64 = 3.0;

/// How much is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quality {
    /// What is needed to play.
    Low,
    /// Most of it.
    Medium,
    /// Everything.
    #[default]
    High,
}

/// What a level of quality means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detail {
    /// Share of the screen's pixels along a side.
    pub sharpness: f64,
    /// Most pixels a CSS pixel, before that share is taken.
    pub device_ratio_max: f64,
    /// Most particles of each of the two kinds.
    pub particles: usize,
    /// Share of the stars.
    pub stars: f32,
    /// Clouds behind the stars.
    pub clouds: bool,
    /// How much of the ships' soft, wide light.
    pub glow: f32,
}

impl Quality {
    /// Its name, as of the choice.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => QualityChoice::Low.name(),
            Self::Medium => QualityChoice::Medium.name(),
            Self::High => QualityChoice::High.name(),
        }
    }

    /// What it means.
    pub fn detail(self) -> Detail {
        // Phones have three pixels to a CSS pixel; how many there are in all is bounded elsewhere.
        let (sharpness, device_ratio_max, particles, stars, clouds, glow) = match self {
            Self::Low => (0.62, 1.0, 260, 0.3, false, 0.15),
            Self::Medium => (0.82, 1.5, 700, 0.65, true, 0.6),
            Self::High => (1.0, 3.0, 1600, 1.0, true, 1.0),
        };
        Detail { sharpness, device_ratio_max, particles, stars, clouds, glow }
    }
}

/// How fast pictures come, and what quality there is time for at that pace.
#[derive(Debug, Default)]
pub struct Pace {
    mean_ms: f64,
    since_change_ms: f64,
    lost: f64,
    found: Quality,
    choice: QualityChoice,
}

impl Pace {
    /// Takes in a picture that came so long after the last.
    pub fn picture(&mut self, passed_ms: f64) {
        if !(1.0..1000.0).contains(&passed_ms) {
            // The first one, or the page was hidden.
            return;
        }
        if self.mean_ms == 0.0 {
            self.mean_ms = passed_ms;
        }
        self.mean_ms += (passed_ms.min(self.mean_ms * HICCUP) - self.mean_ms) * SMOOTHING;
        if self.choice != QualityChoice::Auto {
            return;
        }
        self.since_change_ms += passed_ms;
        let (less, more) = match self.found {
            Quality::High => (Some((Quality::Medium, SLOW_MS[0])), None),
            Quality::Medium => (Some((Quality::Low, SLOW_MS[1])), Some(Quality::High)),
            Quality::Low => (None, Some(Quality::Medium)),
        };
        if let Some((less, slow_ms)) = less
            && self.since_change_ms > PATIENCE_MS
            && self.mean_ms > slow_ms
        {
            self.found = less;
            self.lost += 1.0;
            self.since_change_ms = 0.0;
        } else if let Some(more) = more
            && self.since_change_ms > PATIENCE_UP_MS * self.lost
            && self.mean_ms < FAST_MS
        {
            self.found = more;
            self.since_change_ms = 0.0;
        }
    }

    /// The visitor's choice from now on.
    pub fn choose(&mut self, choice: QualityChoice) {
        if choice != self.choice {
            *self = Self { mean_ms: self.mean_ms, choice, ..Self::default() };
        }
    }

    /// What is to be drawn.
    pub fn quality(&self) -> Quality {
        match self.choice {
            QualityChoice::Auto => self.found,
            QualityChoice::Low => Quality::Low,
            QualityChoice::Medium => Quality::Medium,
            QualityChoice::High => Quality::High,
        }
    }

    /// Pictures a second.
    pub fn fps(&self) -> f32 {
        if self.mean_ms > 0.0 { (1000.0 / self.mean_ms) as f32 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pace: &mut Pace, pictures: u32, ms: f64) -> Quality {
        (0..pictures).for_each(|_| pace.picture(ms));
        pace.quality()
    }

    #[test]
    fn slow_pictures_cost_quality_and_a_hiccup_does_not() {
        let mut pace = Pace::default();
        assert_eq!(run(&mut pace, 200, 16.7), Quality::High);
        assert_eq!(run(&mut pace, 5, 120.0), Quality::High, "a hiccup");
        assert_eq!(run(&mut pace, 200, 16.7), Quality::High);
        assert_eq!(run(&mut pace, 200, 50.0), Quality::Medium);
        assert_eq!(run(&mut pace, 1000, 50.0), Quality::Medium, "it can be played");
        assert_eq!(run(&mut pace, 200, 90.0), Quality::Low);
        assert!((pace.fps() - 11.1).abs() < 0.1);
    }

    #[test]
    fn it_does_not_swing() {
        let mut pace = Pace::default();
        let mut changes = 0;
        let mut before = pace.quality();
        // A machine that is fast on medium and slow on high.
        for _ in 0..20_000 {
            pace.picture(if pace.quality() == Quality::High { 50.0 } else { 16.7 });
            changes += u32::from(pace.quality() != before);
            before = pace.quality();
        }
        assert!((2..=20).contains(&changes), "{changes} changes in more than five minutes");
    }

    #[test]
    fn who_chooses_gets_what_was_chosen() {
        let mut pace = Pace::default();
        pace.choose(QualityChoice::High);
        assert_eq!(run(&mut pace, 500, 90.0), Quality::High);
        pace.choose(QualityChoice::Auto);
        assert_eq!(run(&mut pace, 20, 90.0), Quality::High, "patience begins anew");
        assert_eq!(run(&mut pace, 500, 90.0), Quality::Low);
        pace.choose(QualityChoice::Medium);
        assert_eq!(pace.quality().name(), "medium");
        let [low, medium, high] = [Quality::Low, Quality::Medium, Quality::High].map(Quality::detail);
        for (less, more) in [(low, medium), (medium, high)] {
            assert!(less.sharpness < more.sharpness && less.particles < more.particles);
            assert!(less.stars < more.stars && less.glow < more.glow);
        }
    }
}
