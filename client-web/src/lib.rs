//! The client. [`engine`] and `game` are pure: bytes in, bytes out, a scene to draw. Browser, load bots and tests run the same
//! code. `engine` works for any game of this kind, `game` is Emberdrift. `web` runs both in a browser and exists on WASM only.
//!
//! Without the feature `emberdrift`, which is on by default, there is no `game` and no page of it: another game depends on the
//! crate so. With the feature `test-client` there is `test_client`, with which a game tests itself against its own server.

pub mod engine;
#[cfg(feature = "emberdrift")]
pub mod game;
pub mod prelude;
#[cfg(all(feature = "test-client", not(target_arch = "wasm32")))]
pub mod test_client;
#[cfg(target_arch = "wasm32")]
#[allow(clippy::disallowed_methods, reason = "what is only drawn need not be the same on every target")]
pub mod web;
