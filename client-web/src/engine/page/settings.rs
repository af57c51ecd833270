//! The visitor's settings, and how they are stored as text: words such as `volume=70`. Not JSON, because serde_json adds
//! 15 kB to the compressed page.

use super::language::Language;

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Loudness, 0 to 100.
    pub volume: u8,
    /// Silent at any volume.
    pub muted: bool,
    /// `None` for what the browser prefers.
    pub language: Option<Language>,
    /// How much is drawn.
    pub quality: QualityChoice,
    /// How much shakes and flashes.
    pub motion: MotionChoice,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            volume: 70,
            muted: false,
            language: None,
            quality: QualityChoice::default(),
            motion: MotionChoice::default(),
        }
    }
}

/// How much is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum QualityChoice {
    /// As much as the frame rate allows.
    #[default]
    Auto,
    /// What is needed to play.
    Low,
    /// Most of it.
    Medium,
    /// Everything.
    High,
}

/// How much shakes and flashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum MotionChoice {
    /// As the system says.
    #[default]
    System,
    /// Little.
    Reduced,
    /// All of it.
    Full,
}

impl QualityChoice {
    /// Its name, as stored and on the page.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The choice of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl MotionChoice {
    /// Its name, as stored and on the page.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The choice of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// Whether motion is reduced; `by_system` says whether the system asks for that.
    pub fn is_reduced(self, by_system: bool) -> bool {
        match self {
            Self::System => by_system,
            Self::Reduced => true,
            Self::Full => false,
        }
    }
}

impl Settings {
    /// The text to store.
    pub fn to_text(&self) -> String {
        let language = self.language.map_or("auto", Language::code);
        let (muted, quality, motion) = (self.muted, self.quality.name(), self.motion.name());
        let volume = self.volume;
        format!("volume={volume} muted={muted} language={language} quality={quality} motion={motion}")
    }

    /// Settings from a stored text. An older or a newer page may have written it: what is missing or not understood is
    /// as at the first visit.
    pub fn from_text(text: &str) -> Self {
        let mut settings = Self::default();
        for (key, value) in text.split_whitespace().filter_map(|word| word.split_once('=')) {
            match key {
                "volume" => {
                    let volume = value.parse().ok().filter(|volume| *volume <= 100);
                    settings.volume = volume.unwrap_or(settings.volume);
                }
                "muted" => settings.muted = value == "true",
                "language" => {
                    settings.language = Language::ALL.into_iter().find(|language| language.code() == value);
                }
                "quality" => settings.quality = QualityChoice::from_name(value).unwrap_or_default(),
                "motion" => settings.motion = MotionChoice::from_name(value).unwrap_or_default(),
                _ => {}
            }
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_settings_are_read_back() {
        let chosen = Settings {
            volume: 35,
            muted: true,
            language: Some(Language::Chinese),
            quality: QualityChoice::Medium,
            motion: MotionChoice::Reduced,
        };
        assert_eq!(Settings::from_text(&chosen.to_text()), chosen);
        assert_eq!(Settings::from_text(&Settings::default().to_text()), Settings::default());
    }

    #[test]
    fn unreadable_settings_are_the_defaults_and_the_rest_is_kept() {
        for text in
            ["", "{\"volume\":3}", "volume", "volume=101", "volume=-1", "quality=ultra motion=", "lang=zh"]
        {
            assert_eq!(Settings::from_text(text), Settings::default(), "{text}");
        }
        let kept = Settings::from_text("volume=x quality=high colour=blue");
        assert_eq!(kept, Settings { quality: QualityChoice::High, ..Settings::default() });
    }

    #[test]
    fn system_decides_about_motion_unless_the_visitor_does() {
        assert!(MotionChoice::System.is_reduced(true) && !MotionChoice::System.is_reduced(false));
        assert!(MotionChoice::Reduced.is_reduced(false) && !MotionChoice::Full.is_reduced(true));
    }
}
