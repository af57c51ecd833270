//! The browser's document, as far as the page needs it: elements, listeners, values that are written only when they change,
//! and storage.

mod binding;
mod elements;
mod listener;
pub(crate) mod storage;

pub(crate) use self::{
    binding::Binding,
    elements::{
        Result, body, child, children, context_2d, document, element, key_target, matches_media,
        prefers_reduced_motion, press_confirm_button, target, window,
    },
    listener::Listener,
};
