//! A listener for events that is removed with its owner.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::EventTarget;

use super::elements::Result;

/// Removed when dropped.
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
