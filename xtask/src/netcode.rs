//! `cargo xtask netcode`: builds the harness that measures the netcode over a bad network, and runs it.

use std::process::Command;

use anyhow::Result;

use crate::build;
use crate::steps::{Outcome, tests};
use crate::workspace::{Workspace, run};

/// The harness's program.
const PROGRAM: &str = "emberdrift-netcode";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Play over real sockets and a real network conditioner instead, in real time: a little over a minute.
    #[arg(long)]
    real: bool,
    /// Simulated games for each figure.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
}

fn harness(workspace: &Workspace) -> Result<Command> {
    build::release(workspace, &["--bin", PROGRAM])?;
    Ok(Command::new(workspace.target("release").join(PROGRAM)))
}

/// Prints each figure and its threshold.
pub(crate) fn measure(workspace: &Workspace, args: &Args) -> Result<()> {
    let mut command = harness(workspace)?;
    if args.real {
        command.arg("--real");
    } else {
        command.arg("--seeds").arg(args.seeds.to_string());
    }
    run(&mut command)
}

/// The same as a step of the test command: each figure counts as a test.
pub(crate) fn test(workspace: &Workspace) -> Result<Outcome> {
    tests(&mut harness(workspace)?)
}
