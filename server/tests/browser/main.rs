//! Real clients against the real server: a browser that plays, and clients of every kind that meet in one arena. Needs
//! programs that `cargo xtask test` finds or installs and names in the environment; so it is built only with the feature
//! `browser-test`.

mod examples;
mod feel;
mod interop;
mod play;
mod rig;
