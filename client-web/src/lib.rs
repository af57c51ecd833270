//! The Emberdrift client. [`engine`] and [`game`] are pure: bytes in, bytes out, a scene to draw. Browser, load bots and
//! tests run the same code. `engine` works for any game of this kind, `game` is Emberdrift. `web` runs both in a browser
//! and exists on WASM only.

pub mod engine;
pub mod game;
#[cfg(target_arch = "wasm32")]
#[allow(clippy::disallowed_methods, reason = "what is only drawn need not be the same on every target")]
mod web;
