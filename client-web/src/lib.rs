//! The Emberdrift client, in two halves. [`game`] is pure: bytes in, bytes out, what to draw; the browser, the
//! load bots and the tests all run it. `web` is the browser around it and exists on WASM only.

pub mod game;
#[cfg(target_arch = "wasm32")]
#[allow(clippy::disallowed_methods, reason = "what is only drawn need not be the same on every target")]
mod web;
