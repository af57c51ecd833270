//! What all dialogs over the game have in common: the game does not get their events, and a click beside one closes it.

use web_sys::{Event, HtmlDialogElement, KeyboardEvent};

use super::dom::{Listener, Result};

/// Events in a dialog that must not reach the game. Releases must: what was held when it opened is not held for ever.
const KEPT_FROM_GAME: [&str; 4] = ["pointerdown", "pointermove", "touchstart", "touchmove"];

/// Keeps a dialog's events from the game, and closes it by a click beside it. Escape and a button of its form need no code.
pub(crate) fn contain(dialog: &HtmlDialogElement) -> Result<Vec<Listener>> {
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
