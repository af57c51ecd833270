//! What the browser calls again and again while the page is open: for each frame that it shows, in an interval even
//! while the page is hidden, and when it takes the graphics card away and gives it back.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, HtmlCanvasElement};

use super::dom::{Listener, Result, window};

type FrameCallback = Closure<dyn FnMut(f64)>;

/// Calls `draw` whenever the browser shows a frame, until the page is closed. `fail` is called if it can ask for no
/// further frame.
pub(crate) fn every_frame(mut draw: impl FnMut() + 'static, fail: fn(&JsValue)) -> Result<()> {
    let callback: Rc<RefCell<Option<FrameCallback>>> = Rc::default();
    let own = Rc::clone(&callback);
    *callback.borrow_mut() = Some(Closure::new(move |_| {
        draw();
        if let Some(callback) = own.borrow().as_ref()
            && let Err(error) = request_frame(callback)
        {
            fail(&error);
        }
    }));
    callback.borrow().as_ref().map_or(Ok(()), request_frame)
}

fn request_frame(callback: &FrameCallback) -> Result<()> {
    window()?.request_animation_frame(callback.as_ref().unchecked_ref())?;
    Ok(())
}

/// Calls `act` at this interval until the page is closed. Browsers make it longer while the page is hidden.
pub(crate) fn every(interval_ms: i32, act: impl FnMut() + 'static) -> Result<()> {
    let callback = Closure::<dyn FnMut()>::new(act);
    window()?.set_interval_with_callback_and_timeout_and_arguments_0(
        callback.as_ref().unchecked_ref(),
        interval_ms,
    )?;
    callback.forget();
    Ok(())
}

/// Milliseconds since the page was opened, by a clock that is never set back.
pub(crate) fn now_ms() -> Result<f64> {
    let performance =
        window()?.performance().ok_or_else(|| JsValue::from_str("this browser has no clock"))?;
    Ok(performance.now())
}

/// Calls `act` with `true` when the page goes: it is closed, loaded again, or kept by the browser for the button that leads back to it.
/// With `false` when that has brought it back.
pub(crate) fn on_page_gone(act: impl Fn(bool) + Clone + 'static) -> Result<[Listener; 2]> {
    let (window, back) = (window()?, act.clone());
    Ok([
        Listener::new(&window, "pagehide", move |_: Event| act(true))?,
        Listener::new(&window, "pageshow", move |_: Event| back(false))?,
    ])
}

/// Calls `lost` when the canvas loses its WebGL context and with it everything on the graphics card, and `restored`
/// when it has a new one.
pub(crate) fn on_context_change(
    canvas: &HtmlCanvasElement,
    mut lost: impl FnMut() + 'static,
    mut restored: impl FnMut() + 'static,
) -> Result<[Listener; 2]> {
    Ok([
        Listener::new(canvas, "webglcontextlost", move |event: Event| {
            // Without this the browser would not restore it.
            event.prevent_default();
            lost();
        })?,
        Listener::new(canvas, "webglcontextrestored", move |_: Event| restored())?,
    ])
}
