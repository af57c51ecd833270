//! `emberdrift-simulation`: plays seeds of the simulation of a whole server, each twice, and names those that break a law.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{num::NonZeroUsize, process::ExitCode, thread, time::Instant};

use benches::{
    cli,
    simulation::{self, Failure, Summary},
};
use clap::Parser;

const PROGRAM: &str = "emberdrift-simulation";

/// Simulates whole servers: real arena loop, connections and client sessions, with faults, floods, pauses and restarts, on
/// simulated time. Ends with 1 if a seed breaks a law, or if its two runs differ.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// Seeds to play, each twice
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,

    /// The first of them
    #[arg(long, default_value_t = 0)]
    first: u64,

    /// Play this seed only, and print what happens
    #[arg(long, conflicts_with_all = ["seeds", "first"])]
    seed: Option<u64>,

    /// Seeds to play at once [default: one for each core]
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    match args.seed {
        Some(seed) => Ok(replay(seed)),
        None => play(args),
    }
}

/// One seed with its timeline.
fn replay(seed: u64) -> ExitCode {
    let (timeline, end, code) = match simulation::check(seed, None) {
        Ok(outcome) => {
            let end = format!(
                "seed {seed} keeps every law: {:.1} simulated seconds, hash {:016x}",
                outcome.seconds, outcome.hash
            );
            (outcome.timeline, end, ExitCode::SUCCESS)
        }
        Err(failure) => (failure.timeline.clone(), failure.to_string(), ExitCode::FAILURE),
    };
    cli::print(format!("{}\n{end}\n", timeline.join("\n")));
    code
}

fn play(args: &Args) -> Result<ExitCode, String> {
    let began = Instant::now();
    let threads = args.threads.or(thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let seeds = args.first..args.first.saturating_add(args.seeds);
    let summary = simulation::check_all(seeds, threads, |failure| cli::print(format!("{failure}\n")));
    let Summary { played, failures, hours, hash } = summary;
    cli::print(format!(
        "{played} seeds, each twice: {} broke a law; {hours:.1} simulated hours of each run in {:.0} s, hash {hash:016x}\n",
        failures.len(),
        began.elapsed().as_secs_f64()
    ));
    match failures.first() {
        Some(Failure { seed, .. }) => {
            Err(format!("seed {seed} fails; `cargo xtask simulate --seed {seed}` shows how"))
        }
        None => Ok(ExitCode::SUCCESS),
    }
}
