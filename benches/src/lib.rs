//! Load bots, and the worlds that the benchmarks share.

pub mod bot;
pub mod worlds;
