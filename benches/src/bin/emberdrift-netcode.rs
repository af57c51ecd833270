//! `emberdrift-netcode`: the command line of the netcode harness.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{path::PathBuf, process::ExitCode};

use benches::{
    cli,
    machine::Machine,
    netcode,
    report::{self, Document, Outcome, Section},
};
use clap::Parser;
use tokio::runtime::Runtime;

const PROGRAM: &str = "emberdrift-netcode";

/// Measures how Emberdrift plays on a bad network: real sessions and the real game, joined by a simulated network.
/// Ends with 1 if a figure misses its threshold.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// Seeds to run each experiment with (1 to 10000)
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: u64,

    /// Run once over real sockets in real time instead: a little over a minute
    #[arg(long)]
    real: bool,

    /// Also write the figures to this file, as Markdown that can stand in another document
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    let checks = if args.real {
        let runtime = Runtime::new().map_err(|error| format!("cannot start threads: {error}"))?;
        runtime.block_on(netcode::measure_real()).map_err(|error| error.to_string())?
    } else {
        netcode::measure(args.seeds)
    };
    let Machine { cores, commit, .. } = Machine::here();
    let (played, how) = match args.real {
        true => ("once".to_owned(), "over real sockets and in real time"),
        false => (format!("over {} seeds", args.seeds), "the network and the time are simulated"),
    };
    let document = Document {
        lead: format!("Measured {played} at commit {commit}, {cores} cores; {how}."),
        sections: vec![Section::checks("", &checks)],
        ..Document::default()
    };
    let figures = report::figures(&document);
    cli::print(&figures);
    if let Some(file) = &args.markdown {
        cli::write(file, &figures)?;
    }
    let has_passed = checks.iter().all(|check| check.outcome == Outcome::Pass);
    Ok(if has_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
