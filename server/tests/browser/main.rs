//! Real clients against the real server: browsers that play, and clients of every kind in one arena. They need programs
//! that `cargo xtask test` finds or installs and names in the environment, so a plain `cargo test` leaves them out.

mod cards;
mod connecting;
mod controls;
mod crowd;
mod driver;
mod engines;
mod interop;
mod modes;
mod network;
mod page;
mod phone;
mod play;
mod processes;
mod records;
mod restart;
mod rooms;
mod screenshots;
mod tag;
