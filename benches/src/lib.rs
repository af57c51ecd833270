//! Load bots, the charts of what they measured, and the worlds that the benchmarks share.

pub mod bot;
pub mod chart;
mod swarm;
pub mod worlds;
