//! The language that the page is in, as `<html lang>` says. There is one page, so there is one language: code that
//! writes to the page asks here for the texts.

use std::cell::Cell;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use crate::{
    engine::page::{language::Language, strings::PageStrings},
    game::{
        page::cards::error,
        strings::{self, Strings},
    },
    web::shell::{
        dom::{Result, document, storage::from_address, window},
        gl::NO_WEBGL2,
        messages::{details_of, show_error_card},
    },
};

thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::English) };
}

/// The attributes by which elements name their texts, and where those go: into an attribute, or into the element.
const TARGETS: [(&str, Option<&str>); 5] = [
    ("data-text", None),
    ("data-label", Some("aria-label")),
    ("data-title", Some("title")),
    ("data-placeholder", Some("placeholder")),
    ("data-alt", Some("alt")),
];

/// The texts of the page's language.
pub(crate) fn strings() -> &'static Strings {
    strings::strings(current())
}

/// Those that any game's page has.
pub(crate) fn page_strings() -> &'static PageStrings {
    strings::page_strings(current())
}

/// The page's language.
pub(crate) fn current() -> Language {
    LANGUAGE.get()
}

/// Shows an error over everything: the game cannot go on.
pub(crate) fn show_error(reason: &JsValue) {
    web_sys::console::error_1(reason);
    let details = details_of(reason);
    let (text, details) = error(&details, NO_WEBGL2, strings());
    show_error_card(text, details);
}

/// Shows the error of a part, if it failed.
pub(crate) fn report(result: Result<()>) {
    if let Err(error) = result {
        show_error(&error);
    }
}

/// Writes the page for the first time: in the language that the address asks for, else in the one that the visitor chose
/// once, else in the one that the browser prefers.
pub(crate) fn start(chosen: Option<Language>) -> Result<()> {
    let asked = from_address("lang")?.and_then(|tag| Language::from_tag(&tag));
    write(asked.or(chosen).unwrap_or_else(of_browser))
}

/// Writes all static texts of the page in this language, and makes it the page's.
pub(crate) fn write(language: Language) -> Result<()> {
    LANGUAGE.set(language);
    let document = document()?;
    if let Some(root) = document.document_element() {
        root.set_attribute("lang", language.tag())?;
    }
    for (attribute, target) in TARGETS {
        let elements = document.query_selector_all(&format!("[{attribute}]"))?;
        for element in (0..elements.length()).filter_map(|i| elements.item(i)) {
            let element: Element = element.unchecked_into();
            let key = element.get_attribute(attribute).unwrap_or_default();
            let Some(text) = strings::text(language, &key) else { continue };
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
