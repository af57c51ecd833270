//! No text is missing, empty or untranslated, and the page asks for existing texts only.

use std::{collections::BTreeSet, fs, path::Path};

use super::*;

/// Texts that are the same in both languages: names and units.
const SHARED: [&str; 1] = ["milliseconds"];

fn page(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/web").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// The values of an attribute in the page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    html.split(&format!("{name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The placeholders of a text.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Whether it has two lower-case Latin words in a row.
fn reads_as_english(text: &str) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
    let words: Vec<_> = text.split(' ').collect();
    words.windows(2).any(|two| two.iter().all(|word| is_word(word)))
}

#[test]
fn page_asks_for_existing_texts_only() {
    let html = page("index.html");
    let mut asked = 0;
    for name in ["data-text", "data-label", "data-title", "data-placeholder"] {
        for key in attributes(&html, name) {
            asked += 1;
            for language in Language::ALL {
                assert!(text(language, key).is_some(), "{name}=\"{key}\" has no text in {language:?}");
            }
        }
    }
    assert!(asked > 40, "found only {asked} texts: the test looks in the wrong place");
}

#[test]
fn page_has_no_texts_of_its_own() {
    let html = page("index.html");
    for name in [" aria-label", " title", " placeholder"] {
        let own = attributes(&html, name);
        assert!(own.is_empty(), "{name} is written in the page itself: {own:?}");
    }
}

/// Every text of a language with its key: this game's, and those of any game's page.
fn all(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let own = Strings::KEYS.iter().copied().zip(strings(language).texts());
    own.chain(PageStrings::KEYS.iter().copied().zip(page_strings(language).texts()))
}

#[test]
fn no_text_is_empty_and_both_languages_have_the_same_placeholders() {
    for ((key, en), (_, zh)) in all(Language::English).zip(all(Language::Chinese)) {
        assert!(!en.trim().is_empty() && !zh.trim().is_empty(), "{key} is empty");
        assert_eq!(placeholders(en), placeholders(zh), "{key}: placeholders differ");
    }
}

#[test]
fn chinese_texts_are_translated() {
    for (key, text) in all(Language::English) {
        assert!(!text.chars().any(is_chinese), "{key}: {text}");
    }
    for (key, text) in all(Language::Chinese) {
        assert!(SHARED.contains(&key) || text.chars().any(is_chinese), "{key} is not translated: {text}");
        assert!(!reads_as_english(text), "{key} reads as English: {text}");
    }
    assert!(reads_as_english("重新 reload the page"));
}

#[test]
fn one_ember_and_one_ship_are_singular() {
    let english = strings(Language::English);
    assert_eq!([0, 1, 2].map(|count| english.embers(count)), ["0 embers", "1 ember", "2 embers"]);
    assert_eq!([0, 1, 2].map(|count| english.ships_word(count)), ["ships", "ship", "ships"]);
    assert_eq!(strings(Language::Chinese).embers(1), "余烬 1");
}

#[test]
fn loader_has_its_error_in_both_languages() {
    let script = page("boot.js");
    assert!(script.contains("WebAssembly") && script.chars().filter(|c| is_chinese(*c)).count() > 20);
}
