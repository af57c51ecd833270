//! Messages over the page: the banner about the connection, and the card about an error that stops the game.

use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

use crate::{
    engine::page::connection_state::ConnectionNotice,
    game::page::banner::{self, BannerText, Tone},
    web::{
        emberdrift::language::strings,
        shell::{
            dom::{Binding, Result, element},
            gl::NO_WEBGL2,
        },
    },
};

/// The banner.
pub(crate) struct Banner {
    text: Binding<String>,
    visible: Binding<bool>,
    tone: Binding<Tone>,
}

impl Banner {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            text: Binding::by_id("banner")?,
            visible: Binding::by_id("banner")?,
            tone: Binding::by_id("banner")?,
        })
    }

    /// `reason`: the server's own words, if it has refused the connection.
    pub(crate) fn show(&mut self, notice: ConnectionNotice, reason: &str) {
        let banner = banner::connection(notice, reason, strings());
        self.visible.visible(banner.is_some());
        if let Some(BannerText { text, tone }) = banner {
            self.text.text(&text);
            self.tone.set(tone, |element, tone| {
                // Only a colour: the text says it too.
                let _ = element.set_attribute("data-tone", tone.name());
            });
        }
    }
}

/// Shows an error over everything: the game cannot go on.
pub(crate) fn show_error(error: &JsValue) {
    web_sys::console::error_1(error);
    let details = error
        .as_string()
        .or_else(|| js_sys::Reflect::get(error, &"message".into()).ok()?.as_string())
        .unwrap_or_else(|| format!("{error:?}"));
    let (text, details) = banner::error(&details, NO_WEBGL2, strings());
    if let Err(error) = fill_error_card(text, details) {
        web_sys::console::error_1(&error);
    }
}

fn fill_error_card(text: &str, details: &str) -> Result<()> {
    element::<HtmlElement>("error-text")?.set_text_content(Some(text));
    element::<HtmlElement>("error-details")?.set_text_content(Some(details));
    element::<HtmlElement>("error")?.set_hidden(false);
    Ok(())
}
