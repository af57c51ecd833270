//! Load bots, the bad link they may be put behind, the floor they are held against, the measurement of capacity, the
//! charts of both, and the worlds that the benchmarks share.

pub mod bot;
pub mod capacity;
pub mod chart;
pub mod feel;
pub mod floor;
pub mod link;
mod swarm;
pub mod usage;
pub mod worlds;
