//! `emberdrift-bots`: the command line of the load generator.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{path::PathBuf, process::ExitCode};

use benches::{
    cli,
    client::{self, Plan},
    report,
};
use clap::Parser;

const PROGRAM: &str = "emberdrift-bots";

/// Load bots for Emberdrift: players that gather embers and shoot, over real WebSockets.
///
/// Full bots run what the browser runs and check every checksum; lite bots decode only their own part of each frame, so
/// that thousands fit on a machine. Exit codes: 0 if all went well; 1 if there is no server, or a bot failed to join,
/// was disconnected or found a wrong checksum; 2 for a wrong command line; 3 if nothing failed but the bots themselves
/// were too late to measure anything.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    #[command(flatten)]
    plan: Plan,

    /// Also write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Also write the report as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    let plan = &args.plan;
    // Behind a conditioner each bot is three sockets: its own and the conditioner's two.
    cli::allow_sockets(u64::from(plan.bots) * if plan.conditions.is_some() { 3 } else { 1 })?;
    let report = client::run(plan, cli::note).map_err(|error| error.to_string())?;
    cli::print(&report);
    if let Some(file) = &args.json {
        cli::write(file, &report::json(&report)?)?;
    }
    if let Some(file) = &args.markdown {
        cli::write(file, &report::markdown(&client::document(&report)))?;
    }
    report.failures().iter().for_each(|failure| cli::note(format_args!("{PROGRAM}: {failure}")));
    Ok(report.exit_code().into())
}
