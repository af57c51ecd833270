//! Small tools for the page: finding elements, texts that are written only when they change, listeners that end
//! with their owner. It must not know what any element means.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, Window};

use super::language::strings;

/// What can go wrong in a browser.
pub(in crate::web) type Result<T> = std::result::Result<T, JsValue>;

/// The window.
pub(in crate::web) fn window() -> Result<Window> {
    web_sys::window().ok_or_else(|| JsValue::from_str("no window"))
}

/// The document.
pub(in crate::web) fn document() -> Result<Document> {
    window()?.document().ok_or_else(|| JsValue::from_str("no document"))
}

/// The element with this id, as what it is.
pub(in crate::web) fn element<T: JsCast>(id: &str) -> Result<T> {
    let found = document()?
        .get_element_by_id(id)
        .ok_or_else(|| JsValue::from_str(&format!("the page has no #{id}")))?;
    found.dyn_into::<T>().map_err(|_| JsValue::from_str(&format!("#{id} is another kind of element")))
}

/// A new element inside `parent`.
pub(in crate::web) fn child(parent: &Element, tag: &str, class: &str) -> Result<HtmlElement> {
    let made = document()?.create_element(tag)?;
    if !class.is_empty() {
        made.set_class_name(class);
    }
    parent.append_child(&made)?;
    made.dyn_into::<HtmlElement>().map_err(JsValue::from)
}

/// What stands behind `#` in the page's address for `key`: of `#trace&lang=zh` the value of `lang` is `zh` and that of
/// `trace` is empty.
pub(in crate::web) fn in_address(key: &str) -> Result<Option<String>> {
    let hash = window()?.location().hash()?;
    let parts =
        hash.trim_start_matches('#').split('&').map(|part| part.split_once('=').unwrap_or((part, "")));
    Ok(parts.into_iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_owned()))
}

/// What the visitor's browser keeps for this site; some keep nothing.
pub(in crate::web) fn storage() -> Option<web_sys::Storage> {
    window().ok()?.local_storage().ok().flatten()
}

/// What was kept under `key`.
pub(in crate::web) fn recall(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps `value` under `key`, if the browser lets us: where it does not, it is good for this visit.
pub(in crate::web) fn keep(key: &str, value: &str) {
    if let Some(store) = storage() {
        let _ = store.set_item(key, value);
    }
}

/// What a renderer reports that has nothing to draw with.
pub(in crate::web) const NO_WEBGL2: &str = "no WebGL 2";

/// Whether something happens in a field that takes text.
pub(in crate::web) fn is_field(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.is_content_editable()
    })
}

/// Presses the button that is there to be pressed, as Enter would: the first that is marked `data-agree` and shown.
pub(in crate::web) fn agree() -> Result<()> {
    let marked = document()?.query_selector_all("button[data-agree]")?;
    let buttons = (0..marked.length()).filter_map(|i| marked.get(i)?.dyn_into::<HtmlElement>().ok());
    let Some(button) = buttons.into_iter().find(|button| button.offset_parent().is_some()) else {
        return Ok(());
    };
    // Later: it calls back, and whoever agrees is in the middle of something.
    let press = Closure::once_into_js(move || button.click());
    window()?.set_timeout_with_callback(press.unchecked_ref())?;
    Ok(())
}

/// Shows a message over everything: something stops the game from running.
pub(in crate::web) fn tell_trouble(error: &JsValue) {
    web_sys::console::error_1(error);
    let details = error
        .as_string()
        .or_else(|| js_sys::Reflect::get(error, &"message".into()).ok()?.as_string())
        .unwrap_or_else(|| format!("{error:?}"));
    let words = strings();
    let (text, details) = match details.as_str() {
        NO_WEBGL2 => (words.trouble_webgl, ""),
        details => (words.trouble_other, details),
    };
    let shown = (|| {
        element::<HtmlElement>("trouble-text")?.set_text_content(Some(text));
        element::<HtmlElement>("trouble-details")?.set_text_content(Some(details));
        element::<HtmlElement>("trouble")?.set_hidden(false);
        Ok::<_, JsValue>(())
    })();
    if let Err(error) = shown {
        web_sys::console::error_1(&error);
    }
}

/// Something on the page that is touched only when it has to change.
pub(in crate::web) struct Shown<T> {
    element: HtmlElement,
    last: Option<T>,
}

impl<T: PartialEq> Shown<T> {
    /// What is shown in this element.
    pub(in crate::web) fn new(element: HtmlElement) -> Self {
        Self { element, last: None }
    }

    /// What is shown in the element with this id.
    pub(in crate::web) fn by_id(id: &str) -> Result<Self> {
        element(id).map(Self::new)
    }

    /// Calls `write` if `value` is not what was shown last.
    pub(in crate::web) fn show(&mut self, value: T, write: impl FnOnce(&HtmlElement, &T)) {
        if self.last.as_ref() != Some(&value) {
            write(&self.element, &value);
            self.last = Some(value);
        }
    }
}

impl Shown<String> {
    /// Shows a text.
    pub(in crate::web) fn text(&mut self, text: &str) {
        if self.last.as_deref() != Some(text) {
            self.element.set_text_content(Some(text));
            self.last = Some(text.to_owned());
        }
    }
}

impl Shown<u32> {
    /// Shows a number.
    pub(in crate::web) fn number(&mut self, value: u32) {
        self.show(value, |element, value| {
            element.set_text_content(Some(&value.to_string()));
        });
    }
}

impl Shown<bool> {
    /// Shows the element or hides it.
    pub(in crate::web) fn visible(&mut self, visible: bool) {
        self.show(visible, |element, visible| element.set_hidden(!visible));
    }
}

/// A listener that is removed when this is dropped.
pub(in crate::web) struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(JsValue)>,
}

impl Listener {
    /// Calls `handler` at every `event` of `target`. An event of another kind than `E` is left alone.
    pub(in crate::web) fn new<E: JsCast>(
        target: &EventTarget,
        event: &'static str,
        mut handler: impl FnMut(E) + 'static,
    ) -> Result<Self> {
        let handle = move |value: JsValue| {
            if let Ok(event) = value.dyn_into::<E>() {
                handler(event);
            }
        };
        Self::attach(target, event, Box::new(handle))
    }

    /// All that is the same for every kind of handler: there are dozens, and each would bring its own.
    fn attach(target: &EventTarget, event: &'static str, handle: Box<dyn FnMut(JsValue)>) -> Result<Self> {
        let closure = Closure::wrap(handle);
        target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref())?;
        Ok(Self { target: target.clone(), event, closure })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Nothing can be done about a target that no longer takes calls.
        let _ = self
            .target
            .remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

/// Whether the visitor asked for less motion.
pub(in crate::web) fn reduced_motion() -> bool {
    window()
        .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)"))
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}
