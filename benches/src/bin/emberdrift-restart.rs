//! `emberdrift-restart`: the command line of the measurement of restarts. It runs the server that was built beside it, three times,
//! and ends with 1 if a limit is exceeded.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use benches::{
    cli,
    machine::Machine,
    report,
    restart::{self, Plan},
};
use clap::Parser;

const PROGRAM: &str = "emberdrift-restart";

/// Restarts the server under players, in three ways, and measures what they notice.
///
/// By a takeover of the listening socket, by SIGTERM and a new start, and by SIGKILL and a new start.
///
/// Exit codes: 0 if every limit holds; 1 if one does not, or if nothing could be measured; 2 for a wrong command line.
/// `cargo xtask restart` builds all it needs.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// Players in the arena
    #[arg(long, value_name = "COUNT", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=2000))]
    players: u32,

    /// The folder for restart.json, restart.md, the server's logs and its state, which replace an earlier run's
    #[arg(long, default_value = "target/restart")]
    out: PathBuf,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    // The probe's sockets too.
    cli::allow_sockets(2 * u64::from(args.players))?;
    let stop = cli::stop_signal()?;
    let own =
        std::env::current_exe().map_err(|error| format!("cannot find the server's program: {error}"))?;
    let plan = Plan {
        programs: own.parent().unwrap_or(Path::new(".")).to_owned(),
        out: args.out.join("server"),
        players: args.players as usize,
    };
    let passages = restart::run(&plan, &stop).map_err(|error| error.to_string())?;
    let markdown = report::markdown(&restart::document(&passages, &Machine::here()));
    let file = |kind: &str| args.out.join("restart").with_extension(kind);
    cli::write(&file("json"), &report::json(&passages)?)?;
    cli::write(&file("md"), &markdown)?;
    cli::print(markdown);
    Ok(if restart::failures(&passages).is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
