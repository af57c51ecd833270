//! The card before the game: name and Play. Remembers the name. It must not know what playing is.

use std::rc::Rc;

use shared::limits::NAME_CHARS_MAX;
use web_sys::{Event, HtmlElement, HtmlInputElement};

use super::dom::{Listener, Result, element, keep, recall};

const REMEMBERED_NAME: &str = "emberdrift.name";

/// The card.
pub(super) struct StartCard {
    card: HtmlElement,
    name: HtmlInputElement,
    _submit: Listener,
}

impl StartCard {
    /// Shows it; `play` is called with the name when the visitor wants to play.
    pub(super) fn show(play: Rc<dyn Fn(String)>) -> Result<Self> {
        let card: HtmlElement = element("start")?;
        let name: HtmlInputElement = element("name")?;
        let form: HtmlElement = element("join")?;
        if let Some(remembered) = recall(REMEMBERED_NAME) {
            name.set_value(&remembered.chars().take(NAME_CHARS_MAX).collect::<String>());
        }
        let field = name.clone();
        let submit = Listener::new(&form, "submit", move |event: Event| {
            event.prevent_default();
            let wished: String = field.value().trim().chars().take(NAME_CHARS_MAX).collect();
            keep(REMEMBERED_NAME, &wished);
            play(wished);
        })?;
        card.set_hidden(false);
        name.focus()?;
        Ok(Self { card, name, _submit: submit })
    }

    /// Hides it and gives the keyboard back.
    pub(super) fn hide(&self) {
        self.card.set_hidden(true);
        // A page without focus has nothing to give back.
        let _ = self.name.blur();
        if let Ok(canvas) = element::<HtmlElement>("scene") {
            let _ = canvas.focus();
        }
    }
}
