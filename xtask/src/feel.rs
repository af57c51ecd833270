//! How the game feels on a bad link: builds the program that measures it, and runs it. Must not know what it measures.

use std::process::Command;

use anyhow::Result;

use crate::build;

use crate::steps::{Outcome, tests};
use crate::workspace::{Workspace, run};

/// Rehearsals for each figure, as a test.
const SEEDS: u64 = 200;

fn program(workspace: &Workspace) -> Result<Command> {
    build::binaries(workspace)?;
    Ok(Command::new(workspace.target("release/emberdrift-feel")))
}

/// `cargo xtask feel`.
pub(crate) fn measure(workspace: &Workspace, real: bool, seeds: u64) -> Result<()> {
    let mut command = program(workspace)?;
    if real {
        command.arg("--real");
    } else {
        command.arg("--seeds").arg(seeds.to_string());
    }
    run(&mut command)
}

/// The same as a test: each figure is one.
pub(crate) fn test(workspace: &Workspace) -> Result<Outcome> {
    tests(program(workspace)?.arg("--seeds").arg(SEEDS.to_string()))
}
