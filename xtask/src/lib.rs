//! The project's own commands, as a library: `main` is the command line of the engine's workspace, and `game_main` that of a game in a
//! workspace of its own.

mod browser;
mod build;
mod cluster;
mod commands;
mod conformance;
mod cost;
mod deny;
mod deploy;
mod determinism;
mod dev;
mod figures;
mod fuzz;
mod game;
mod game_commands;
mod measure;
mod new;
mod play;
mod programs;
mod simulate;
mod site;
mod steps;
mod test;
mod wasm_std;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

#[cfg(not(unix))]
compile_error!("`cargo xtask` runs on Linux and macOS; on Windows, use it inside WSL");

/// The command line of the engine's workspace.
pub fn main() -> ExitCode {
    report(commands::run())
}

/// The command line of a game in a workspace of its own.
pub fn game_main() -> ExitCode {
    report(game_commands::run())
}

/// The exit code of a command, after its error is printed.
fn report(outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
