//! Messages over the page: the banner about the connection, and the card about an error that stops the game.

use wasm_bindgen::JsValue;
use web_sys::{Event, EventTarget, HtmlElement};

use crate::{
    engine::page::{
        banner::{self, BannerText, Tone},
        connection_state::ConnectionNotice,
        strings::PageStrings,
    },
    web::shell::dom::{Binding, Listener, Result, element},
};

/// The banner, and below it the button that leads back to the start.
pub(crate) struct Banner {
    text: Binding<String>,
    visible: Binding<bool>,
    tone: Binding<Tone>,
    way_back: Binding<bool>,
}

impl Banner {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            text: Binding::by_id("banner")?,
            visible: Binding::by_id("banner")?,
            tone: Binding::by_id("banner")?,
            way_back: Binding::by_id("way-back")?,
        })
    }

    /// Shows or hides the button that leads back to the start.
    pub(crate) fn offer_way_back(&mut self, is_offered: bool) {
        self.way_back.visible(is_offered);
    }

    /// `reason`: the server's own words, if it has refused the connection.
    pub(crate) fn show(&mut self, notice: ConnectionNotice, reason: &str, strings: &PageStrings) {
        let banner = banner::connection(notice, reason, strings);
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

/// Calls `leave` when the player presses the button that leads back to the start.
pub(crate) fn on_way_back(leave: impl Fn() + 'static) -> Result<Listener> {
    Listener::new(&element::<EventTarget>("way-back")?, "click", move |_: Event| leave())
}

/// What an error says.
pub(crate) fn details_of(error: &JsValue) -> String {
    error
        .as_string()
        .or_else(|| js_sys::Reflect::get(error, &"message".into()).ok()?.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
}

/// Covers everything with the card about an error.
pub(crate) fn show_error_card(text: &str, details: &str) {
    let fill = || -> Result<()> {
        element::<HtmlElement>("error-text")?.set_text_content(Some(text));
        element::<HtmlElement>("error-details")?.set_text_content(Some(details));
        element::<HtmlElement>("error")?.set_hidden(false);
        Ok(())
    };
    if let Err(error) = fill() {
        web_sys::console::error_1(&error);
    }
}
