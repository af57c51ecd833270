//! The Emberdrift server binary: the engine's program with this game.

use std::process::ExitCode;

use server::{game::replicated::ReplicatedSim, program};

fn main() -> ExitCode {
    program::main::<ReplicatedSim>()
}
