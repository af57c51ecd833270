//! The language that the page is in, as `<html lang>` says: there is one page, so there is one language, and whoever
//! writes to the page asks here for the words. It must not know what the words mean.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::Element;

use super::dom::{Result, document, in_address, window};
use crate::{
    engine::page::language::Language,
    game::{self, strings::Strings},
};

thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::English) };
}

/// Where an element names its texts, and where they go; without an attribute they are what is in it.
const PLACES: [(&str, Option<&str>); 4] = [
    ("data-word", None),
    ("data-label", Some("aria-label")),
    ("data-title", Some("title")),
    ("data-placeholder", Some("placeholder")),
];

/// The words of the page's language.
pub(in crate::web) fn strings() -> &'static Strings {
    game::strings::strings(current())
}

/// The page's language.
pub(in crate::web) fn current() -> Language {
    LANGUAGE.get()
}

/// Writes the page for the first time: what the address asks for goes first, then what was chosen once, and of a
/// visitor who chose nothing the browser knows it.
pub(in crate::web) fn start(chosen: Option<Language>) -> Result<()> {
    let asked = in_address("lang")?.and_then(|tag| Language::from_tag(&tag));
    write(asked.or(chosen).unwrap_or_else(of_browser))
}

/// Writes the page in this language from now on.
pub(in crate::web) fn write(language: Language) -> Result<()> {
    LANGUAGE.set(language);
    let document = document()?;
    if let Some(root) = document.document_element() {
        root.set_attribute("lang", language.tag())?;
    }
    for (attribute, target) in PLACES {
        let elements = document.query_selector_all(&format!("[{attribute}]"))?;
        for element in (0..elements.length()).filter_map(|i| elements.item(i)) {
            let element: Element = element.unchecked_into();
            let key = element.get_attribute(attribute).unwrap_or_default();
            let Some(text) = game::strings::text(language, &key) else { continue };
            match target {
                Some(target) => element.set_attribute(target, text)?,
                None => element.set_text_content(Some(text)),
            }
        }
    }
    Ok(())
}

fn of_browser() -> Language {
    let Ok(window) = window() else { return Language::default() };
    let tags: Vec<String> = window.navigator().languages().iter().filter_map(|tag| tag.as_string()).collect();
    Language::preferred(tags.iter().map(String::as_str))
}
