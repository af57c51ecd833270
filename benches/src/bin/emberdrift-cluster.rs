//! `emberdrift-cluster`: the command line of the measurement of clusters. It runs the server that was built beside it, and nats-server,
//! and ends with 1 if a limit is exceeded.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use benches::{
    cli,
    cluster::{self, Plan},
    machine::Machine,
    report,
};
use clap::Parser;

const PROGRAM: &str = "emberdrift-cluster";

/// Stops, kills and cuts off a node of a cluster of three under players, and measures what they notice.
///
/// Exit codes: 0 if every limit holds; 1 if one does not, or if nothing could be measured; 2 for a wrong command line.
/// `cargo xtask cluster --measure` builds and installs all it needs.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// The program nats-server, 2.11 or newer
    #[arg(long, value_name = "FILE")]
    nats: PathBuf,

    /// Players at the node
    #[arg(long, value_name = "COUNT", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=2000))]
    players: u32,

    /// Rooms that they are spread over
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    rooms: u32,

    /// The folder for cluster.json, cluster.md, and the logs of nodes and NATS, which replace an earlier run's
    #[arg(long, default_value = "target/cluster")]
    out: PathBuf,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    cli::allow_sockets(2 * u64::from(args.players))?;
    let stop = cli::stop_signal()?;
    let own =
        std::env::current_exe().map_err(|error| format!("cannot find the server's program: {error}"))?;
    let plan = Plan {
        programs: own.parent().unwrap_or(Path::new(".")).to_owned(),
        nats: args.nats.clone(),
        out: args.out.join("nodes"),
        players: args.players as usize,
        rooms: args.rooms as usize,
    };
    let passages = cluster::run(&plan, &stop).map_err(|error| error.to_string())?;
    let markdown = report::markdown(&cluster::document(&passages, &Machine::here()));
    let file = |kind: &str| args.out.join("cluster").with_extension(kind);
    cli::write(&file("json"), &report::json(&passages)?)?;
    cli::write(&file("md"), &markdown)?;
    cli::print(markdown);
    Ok(if cluster::failures(&passages).is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
