//! `emberdrift-soak`: the command line of the soak test.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use benches::{
    cli, report,
    soak::{self, Plan},
};
use clap::Parser;

const PROGRAM: &str = "emberdrift-soak";

/// Runs the server under players that come and go, and strangers that misbehave, and looks for what is left behind.
///
/// Exit codes: 0 if nothing was; 1 if memory grew, something was left behind or a player was lost; 2 for a wrong command line.
/// `cargo xtask soak` builds all it needs.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// How long players come and go, in minutes
    #[arg(long, default_value_t = 60.0, value_parser = |text: &str| cli::number(text, 0.1..=10_000.0))]
    minutes: f64,

    /// Players in the arena
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2000))]
    players: u32,

    /// Players that leave in a second and are replaced
    #[arg(long, value_name = "COUNT", default_value_t = 20.0, value_parser = |text: &str| cli::number(text, 0.01..=1000.0))]
    joins: f64,

    /// The folder for soak.json, soak.md, the server's log, its state and its recordings, which replace an earlier run's
    #[arg(long, default_value = "target/soak")]
    out: PathBuf,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(Args::parse()))
}

fn run(args: Args) -> Result<ExitCode, String> {
    cli::allow_sockets(u64::from(args.players))?;
    let stop = cli::stop_signal()?;
    let own =
        std::env::current_exe().map_err(|error| format!("cannot find the server's program: {error}"))?;
    let plan = Plan {
        programs: own.parent().unwrap_or(Path::new(".")).to_owned(),
        out: args.out,
        time: Duration::from_secs_f64(60.0 * args.minutes),
        players: args.players,
        joins_per_second: args.joins,
    };
    let report = soak::run(&plan, &stop).map_err(|error| error.to_string())?;
    let markdown = report::markdown(&soak::document(&report));
    let file = |kind: &str| plan.out.join("soak").with_extension(kind);
    cli::write(&file("json"), &report::json(&report)?)?;
    cli::write(&file("md"), &markdown)?;
    cli::print(markdown);
    Ok(if report.failures().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
