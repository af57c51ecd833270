//! `cargo xtask simulate`: plays seeds of the simulation of a whole server, or shows what happens in one. `cargo test` also
//! plays the first two hundred, with debug assertions.

use std::process::Command;

use anyhow::Result;

use crate::build;
use crate::workspace::{Workspace, run};

/// The program.
pub(crate) const PROGRAM: &str = "emberdrift-simulation";
/// Simulated time, which no other program has.
pub(crate) const FEATURE: &str = "emberdrift-benches/simulation";

/// Which seeds.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many to play, each twice.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    first: u64,
    /// Play this one only, and print its timeline.
    #[arg(long, conflicts_with_all = ["seeds", "first"])]
    seed: Option<u64>,
    /// Seeds to play at once [default: one for each core].
    #[arg(long)]
    threads: Option<u64>,
}

impl Args {
    /// As flags of the program.
    fn pass_to(&self, command: &mut Command) {
        let Self { seeds, first, seed, threads } = self;
        match seed {
            Some(seed) => command.args(["--seed", &seed.to_string()]),
            None => command.args(["--seeds", &seeds.to_string(), "--first", &first.to_string()]),
        };
        if let Some(threads) = threads {
            command.args(["--threads", &threads.to_string()]);
        }
    }
}

/// Builds the program and plays; an error if a seed breaks a law.
pub(crate) fn play(workspace: &Workspace, args: &Args) -> Result<()> {
    build::release(workspace, &["--features", FEATURE, "--bin", PROGRAM])?;
    let mut command = workspace.command(workspace.target(format!("release/{PROGRAM}")));
    args.pass_to(&mut command);
    run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(args: &Args) -> Vec<String> {
        let mut command = Command::new(PROGRAM);
        args.pass_to(&mut command);
        command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn arguments_become_flags() {
        let many = Args { seeds: 9, first: 3, seed: None, threads: Some(2) };
        assert_eq!(flags(&many), ["--seeds", "9", "--first", "3", "--threads", "2"]);
        let one = Args { seed: Some(7), threads: None, ..many };
        assert_eq!(flags(&one), ["--seed", "7"]);
    }
}
