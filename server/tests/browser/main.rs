//! Real clients against the real server: browsers that play, and clients of every kind that meet in one arena. Needs
//! programs that `cargo xtask test` finds or installs and names in the environment, so it runs only by name.

mod arenas;
mod crowd;
mod death;
mod engine;
mod engines;
mod examples;
mod feel;
mod hands;
mod interop;
mod page;
mod phone;
mod pictures;
mod play;
mod rig;
