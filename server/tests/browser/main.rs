//! Real clients against the real server: browsers that play, and clients of every kind in one arena. They need programs
//! that `cargo xtask test` finds or installs and names in the environment, so a plain `cargo test` leaves them out.

mod arenas;
mod controls;
mod crowd;
mod death;
mod driver;
mod engines;
mod examples;
mod interop;
mod network;
mod page;
mod phone;
mod play;
mod processes;
mod screenshots;
