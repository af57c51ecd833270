//! The browser's document, as far as the page needs it: elements, listeners, values that are written only when they change,
//! and storage.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    CanvasRenderingContext2d, Document, Element, Event, EventTarget, HtmlCanvasElement, HtmlDialogElement,
    HtmlElement, KeyboardEvent, Window,
};

use crate::engine::page::{key_target::KeyTarget, view::Surface};

/// Errors are what the browser throws, or a text.
pub(crate) type Result<T> = std::result::Result<T, JsValue>;

/// The id of the canvas that the game is drawn on.
pub(crate) const SCENE_ID: &str = "scene";

pub(crate) fn window() -> Result<Window> {
    web_sys::window().ok_or_else(|| JsValue::from_str("no window"))
}

pub(crate) fn document() -> Result<Document> {
    window()?.document().ok_or_else(|| JsValue::from_str("no document"))
}

pub(crate) fn body() -> Result<HtmlElement> {
    document()?.body().ok_or_else(|| JsValue::from_str("the document has no body"))
}

/// The element with this id, which must be a `T`.
pub(crate) fn element<T: JsCast>(id: &str) -> Result<T> {
    let found = document()?
        .get_element_by_id(id)
        .ok_or_else(|| JsValue::from_str(&format!("the page has no #{id}")))?;
    found.dyn_into::<T>().map_err(|_| JsValue::from_str(&format!("#{id} is another kind of element")))
}

/// A new element at the end of `parent`.
pub(crate) fn child(parent: &Element, tag: &str, class: &str) -> Result<HtmlElement> {
    let made = document()?.create_element(tag)?;
    if !class.is_empty() {
        made.set_class_name(class);
    }
    parent.append_child(&made)?;
    made.dyn_into::<HtmlElement>().map_err(JsValue::from)
}

/// The element children of the element with this id.
pub(crate) fn children(id: &str) -> Result<Vec<HtmlElement>> {
    let list = element::<Element>(id)?.children();
    Ok((0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect())
}

/// A canvas's context for drawing in two dimensions.
pub(crate) fn context_2d(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d> {
    let context = canvas.get_context("2d")?.and_then(|context| context.dyn_into().ok());
    context.ok_or_else(|| JsValue::from_str("this browser has no 2D canvas"))
}

/// Gives a canvas as many device pixels as it covers on the screen: the size that [`Surface::fit`] computes for it.
pub(crate) fn fit_canvas(canvas: &HtmlCanvasElement, ratio_max: f64, sharpness: f64) -> Result<Surface> {
    let (width, height) = (canvas.client_width(), canvas.client_height());
    let surface = Surface::fit(width, height, window()?.device_pixel_ratio(), ratio_max, sharpness);
    resize_canvas(canvas, surface.width, surface.height);
    Ok(surface)
}

/// Setting a size empties a canvas, even if it is the same.
pub(crate) fn resize_canvas(canvas: &HtmlCanvasElement, width: u32, height: u32) {
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
}

/// The element that an event happened to.
pub(crate) fn target<T: JsCast>(event: &Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}

/// What takes keys where an event happened.
pub(crate) fn key_target(event: &Event) -> KeyTarget {
    target::<HtmlElement>(event)
        .map_or(KeyTarget::Page, |element| KeyTarget::of(&element.tag_name(), element.is_content_editable()))
}

/// Presses the button that Enter would press: the first that is marked `data-confirm` and visible.
pub(crate) fn press_confirm_button() -> Result<()> {
    let marked = document()?.query_selector_all("button[data-confirm]")?;
    let buttons = (0..marked.length()).filter_map(|i| marked.get(i)?.dyn_into::<HtmlElement>().ok());
    let Some(button) = buttons.into_iter().find(|button| button.offset_parent().is_some()) else {
        return Ok(());
    };
    // Later, because it calls back into the caller.
    let press = Closure::once_into_js(move || button.click());
    window()?.set_timeout_with_callback(press.unchecked_ref())?;
    Ok(())
}

/// Whether a CSS media query matches.
pub(crate) fn matches_media(query: &str) -> bool {
    let list = window().and_then(|window| window.match_media(query));
    list.ok().flatten().is_some_and(|list| list.matches())
}

/// Whether the visitor asked the system for less motion.
pub(crate) fn prefers_reduced_motion() -> bool {
    matches_media("(prefers-reduced-motion: reduce)")
}

/// A listener for events, removed when dropped.
pub(crate) struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(JsValue)>,
}

impl Listener {
    /// Calls `handler` at every `event` of `target` that is an `E`.
    pub(crate) fn new<E: JsCast>(
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

    /// Not generic, so that it is compiled once and not for each of dozens of handlers.
    fn attach(target: &EventTarget, event: &'static str, handle: Box<dyn FnMut(JsValue)>) -> Result<Self> {
        let closure = Closure::wrap(handle);
        target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref())?;
        Ok(Self { target: target.clone(), event, closure })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // A target that takes no calls any more makes none either.
        let _ = self
            .target
            .remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

/// An element and the value that it shows, written only when it changes: writing the same text again costs the browser a layout.
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

    /// What was set last.
    pub(crate) fn get(&self) -> Option<&T> {
        self.last.as_ref()
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

/// Events in a dialog that must not reach the game. Releases must: what was held when it opened is not held for ever.
const KEPT_FROM_GAME: [&str; 4] = ["pointerdown", "pointermove", "touchstart", "touchmove"];

/// Keeps a dialog's events from the game, and closes it by a click beside it. Escape and a button of its form need no code.
pub(crate) fn contain_dialog(dialog: &HtmlDialogElement) -> Result<Vec<Listener>> {
    let mut listeners =
        vec![Listener::new(dialog, "keydown", |event: KeyboardEvent| event.stop_propagation())?];
    for name in KEPT_FROM_GAME {
        listeners.push(Listener::new(dialog, name, |event: Event| event.stop_propagation())?);
    }
    let closed = dialog.clone();
    listeners.push(Listener::new(dialog, "click", move |event: Event| {
        // A click beside the dialog is one on the dialog itself, whose content fills it.
        if event.target().is_some_and(|target| target == *closed.as_ref()) {
            closed.close();
        }
    })?);
    Ok(listeners)
}

/// What the browser keeps for this site: for good, for this tab, and in the page's address. A browser may keep nothing; then each
/// visit starts as the first.
pub(crate) mod storage {
    use web_sys::Storage;

    use super::{Result, window};
    use crate::engine::page::storage::address_value;

    /// Kept until the visitor clears it.
    fn local() -> Option<Storage> {
        window().ok()?.local_storage().ok().flatten()
    }

    /// Kept while the tab is open, also when the page is loaded again.
    fn session() -> Option<Storage> {
        window().ok()?.session_storage().ok().flatten()
    }

    pub(crate) fn load(key: &str) -> Option<String> {
        local()?.get_item(key).ok().flatten()
    }

    pub(crate) fn save(key: &str, value: &str) {
        if let Some(store) = local() {
            let _ = store.set_item(key, value);
        }
    }

    /// As [`load`], for this tab.
    pub(crate) fn load_for_tab(key: &str) -> Option<String> {
        session()?.get_item(key).ok().flatten()
    }

    /// As [`save`], for this tab.
    pub(crate) fn save_for_tab(key: &str, value: &str) {
        if let Some(store) = session() {
            let _ = store.set_item(key, value);
        }
    }

    pub(crate) fn remove_for_tab(key: &str) {
        if let Some(store) = session() {
            let _ = store.remove_item(key);
        }
    }

    /// The value of `key` behind `#` in the page's address; see [`address_value`].
    pub(crate) fn from_address(key: &str) -> Result<Option<String>> {
        let hash = window()?.location().hash()?;
        Ok(address_value(&hash, key).map(str::to_owned))
    }
}
