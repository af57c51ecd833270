//! The Emberdrift client. [`engine`] and [`game`] are pure: bytes in, bytes out, what to draw; the browser, the load bots
//! and the tests all run them. `engine` is netcode for any game of this kind, `game` is Emberdrift. `web` is the browser
//! around both and exists on WASM only.

pub mod engine;
pub mod game;
#[cfg(target_arch = "wasm32")]
#[allow(clippy::disallowed_methods, reason = "what is only drawn need not be the same on every target")]
mod web;
