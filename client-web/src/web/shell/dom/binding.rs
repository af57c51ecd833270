//! A value shown by an element, written only when it changes: writing the same text again costs the browser a layout.

use web_sys::HtmlElement;

use super::elements::{Result, element};

/// An element and the value that it shows.
pub(crate) struct Binding<T> {
    element: HtmlElement,
    last: Option<T>,
}

impl<T: PartialEq> Binding<T> {
    pub(crate) fn new(element: HtmlElement) -> Self {
        Self { element, last: None }
    }

    /// To the element with this id.
    pub(crate) fn by_id(id: &str) -> Result<Self> {
        element(id).map(Self::new)
    }

    /// Calls `write` if `value` is not what was set last.
    pub(crate) fn set(&mut self, value: T, write: impl FnOnce(&HtmlElement, &T)) {
        if self.last.as_ref() != Some(&value) {
            write(&self.element, &value);
            self.last = Some(value);
        }
    }
}

impl Binding<String> {
    /// Sets the element's text.
    pub(crate) fn text(&mut self, text: &str) {
        if self.last.as_deref() != Some(text) {
            self.element.set_text_content(Some(text));
            self.last = Some(text.to_owned());
        }
    }
}

impl Binding<u32> {
    /// Sets the element's text to a number.
    pub(crate) fn number(&mut self, value: u32) {
        self.set(value, |element, value| {
            element.set_text_content(Some(&value.to_string()));
        });
    }
}

impl Binding<bool> {
    /// Shows the element or hides it.
    pub(crate) fn visible(&mut self, visible: bool) {
        self.set(visible, |element, visible| element.set_hidden(!visible));
    }

    /// Gives the element one class or the other; an empty one is none.
    pub(crate) fn class_if(&mut self, on: bool, class: &'static str, otherwise: &'static str) {
        self.set(on, |element, on| element.set_class_name(if *on { class } else { otherwise }));
    }
}
