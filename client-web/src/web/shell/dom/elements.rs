//! The document: finding and making elements, and what has the keyboard's focus.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{CanvasRenderingContext2d, Document, Element, Event, HtmlCanvasElement, HtmlElement, Window};

use crate::engine::page::key_target::KeyTarget;

/// Errors are what the browser throws, or a text.
pub(crate) type Result<T> = std::result::Result<T, JsValue>;

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
