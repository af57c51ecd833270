//! The load generator, for any game: a [`Brain`] is all that it needs of one. *Full* bots run what the browser runs, but for
//! drawing, and check every checksum; *lite* bots decode only their own part of each frame, so that thousands fit on a machine;
//! *baseline* bots count the frames of the bare baseline server. All of them share the sockets, the worker threads and the record
//! of results.
//!
//! Bots reach the server over its sockets only, as any client does.

mod bot;
mod brain;
mod connection;
mod document;
mod flags;
mod full;
mod load_report;
mod metrics;
mod plan;
mod player;
mod program;
mod record;
mod roles;
mod rooms;
mod run;
mod tls;
mod worker;

pub use brain::{Brain, InputOf, Sight};
pub use document::document;
pub use flags::{Address, AddressError};
pub use load_report::{LoadReport, ServerFigures};
pub use metrics::Scrape;
pub use plan::{Encoding, Plan, Scenario};
pub use player::INPUT_BYTES;
pub use program::{Playable, main, main_of};
pub use record::Phase;
pub use roles::Role;
pub use run::{RunError, run};
