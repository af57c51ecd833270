//! What the browser calls again and again for as long as the page is open: for a picture, for a look at the connection,
//! and when it takes the graphics away and gives them back. It must not know what is done then.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, HtmlCanvasElement};

use super::{
    super::dom::{self, Listener, Result, window},
    App, Shared, with,
};
use crate::web::{emberdrift::render::renderer::Renderer, shell::connection::Connection};

/// Between two looks at the connection that happen even while the page is hidden, in milliseconds.
const PULSE_MS: i32 = 250;

type PictureCall = Closure<dyn FnMut(f64)>;

/// A lost graphics context takes everything drawn with it; when it is back, all is made anew.
pub(in crate::web) fn keep_context(app: &Shared, canvas: &HtmlCanvasElement) -> Result<()> {
    let losing = Rc::clone(app);
    let lost = Listener::new(canvas, "webglcontextlost", move |event: Event| {
        // Without this the browser would not restore it.
        event.prevent_default();
        with(&losing, |app| {
            app.renderer = None;
            Ok(())
        });
    })?;
    let regaining = Rc::clone(app);
    let surface = canvas.clone();
    let regained = Listener::new(canvas, "webglcontextrestored", move |_: Event| {
        with(&regaining, |app| {
            let mut renderer = Renderer::new(surface.clone())?;
            renderer.enter(app.connection.as_ref().and_then(Connection::terrain));
            app.renderer = Some(renderer);
            Ok(())
        });
    })?;
    app.borrow_mut()._listeners.extend([lost, regained]);
    Ok(())
}

/// Looks after the connection when no pictures are drawn.
pub(in crate::web) fn pulse(app: &Shared) -> Result<()> {
    let app = Rc::clone(app);
    let beat = Closure::<dyn FnMut()>::new(move || with(&app, App::pulse));
    window()?
        .set_interval_with_callback_and_timeout_and_arguments_0(beat.as_ref().unchecked_ref(), PULSE_MS)?;
    // The page runs for as long as it is open.
    beat.forget();
    Ok(())
}

/// Draws a picture whenever the browser shows one.
pub(in crate::web) fn draw_forever(app: Shared) -> Result<()> {
    let again: Rc<RefCell<Option<PictureCall>>> = Rc::default();
    let next = Rc::clone(&again);
    *again.borrow_mut() = Some(Closure::new(move |_| {
        with(&app, App::picture);
        if let Some(closure) = next.borrow().as_ref()
            && let Err(error) = request(closure)
        {
            dom::tell_trouble(&error);
        }
    }));
    again.borrow().as_ref().map_or(Ok(()), request)
}

fn request(closure: &PictureCall) -> Result<()> {
    window()?.request_animation_frame(closure.as_ref().unchecked_ref())?;
    Ok(())
}
