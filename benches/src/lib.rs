//! The tools that measure Emberdrift: the load generator and the brains of its bots, the network conditioner, the baseline
//! server, the capacity measurement, the soak test, the restarts, the cluster, the netcode harness, the simulation of a whole server, their
//! reports, and the worlds that the criterion benches share.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.
#![allow(missing_docs, reason = "only this package's own programs, tests and benches use it")]

pub mod baseline;
pub mod brains;
pub mod capacity;
pub mod cli;
pub mod client;
pub mod cluster;
pub mod conditioner;
pub mod machine;
pub mod netcode;
pub mod process;
pub mod report;
pub mod restart;
mod returning_player;
#[cfg(any(test, feature = "simulation"))]
pub mod simulation;
pub mod soak;
pub mod worlds;
