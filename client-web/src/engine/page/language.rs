//! The languages of the page, and which of them a visitor reads.

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The value of `<html lang>`, by which browsers choose fonts and voices.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Its short name, in addresses and settings.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language of a tag such as `zh-Hans-CN`, if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The first of a visitor's languages that is ours, else English.
    pub fn preferred<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter().find_map(Self::from_tag).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_known_language_of_the_visitor_is_preferred() {
        assert_eq!(Language::preferred(["de-DE", "zh-Hans-CN", "en"]), Language::Chinese);
        assert_eq!(Language::preferred(["en-GB", "zh"]), Language::English);
        assert_eq!(Language::preferred(["fr"]), Language::English);
    }

    #[test]
    fn tag_is_matched_by_its_primary_language() {
        assert_eq!(Language::from_tag("ZH_tw"), Some(Language::Chinese));
        assert_eq!(Language::from_tag("zhuang"), None);
        assert!(Language::ALL.iter().all(|language| Language::from_tag(language.tag()) == Some(*language)));
    }
}
