//! The browser half: canvas, keys, socket and page around the pure half. The only code that names `web_sys`.
//!
//! [`shell`] serves any game's page and knows nothing of this one; [`emberdrift`] draws this game, sounds it and shows
//! its HUD and cards; [`app`] joins the two with the connection.

mod app;
mod emberdrift;
mod shell;
