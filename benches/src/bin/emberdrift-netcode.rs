//! `emberdrift-netcode`: the command line of the netcode harness. Prints a table row by row.

use std::process::ExitCode;

use benches::{
    cli, netcode,
    report::{Check, Outcome, check_row, check_rows_head},
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
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    print!("{}", check_rows_head());
    let print = |check: &Check| print!("{}", check_row(check));
    let checks = if args.real {
        let runtime = Runtime::new().map_err(|error| format!("cannot start threads: {error}"))?;
        let checks = runtime.block_on(netcode::measure_real()).map_err(|error| error.to_string())?;
        checks.iter().for_each(print);
        checks
    } else {
        netcode::measure(args.seeds, print)
    };
    let has_passed = checks.iter().all(|check| check.outcome == Outcome::Pass);
    Ok(if has_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
