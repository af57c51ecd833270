//! The browser half: canvas, keys, socket and page around the pure half. The only code that names `web_sys`.
//!
//! [`shell`] serves any game's page and knows no game. `emberdrift` draws Emberdrift, sounds it and shows its HUD and cards, and
//! `app` joins the two with the connection; both are left out without the feature `emberdrift`.

#[cfg(feature = "emberdrift")]
mod app;
#[cfg(feature = "emberdrift")]
mod emberdrift;
pub mod shell;
