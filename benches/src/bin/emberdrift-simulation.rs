//! `emberdrift-simulation`: plays seeds of the simulation of a whole server, each twice, and names those that break a law.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{
    num::NonZeroUsize,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use benches::{
    cli,
    simulation::{self, Failure},
};
use clap::Parser;

const PROGRAM: &str = "emberdrift-simulation";
/// Seeds that fail after which it stops: one would do.
const FAILURES_MAX: usize = 10;

/// Simulates whole servers: real arena loop, connections and client sessions, with faults, floods, pauses and restarts, on
/// simulated time. Ends with 1 if a seed breaks a law, or has two courses.
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
    cli::exit(PROGRAM, run(&Args::parse()))
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
    cli::print(&format!("{}\n{end}\n", timeline.join("\n")));
    code
}

fn play(args: &Args) -> Result<ExitCode, String> {
    let began = Instant::now();
    let threads = args.threads.or(thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let (next, failures) = (AtomicU64::new(0), Mutex::new(Vec::<Failure>::new()));
    let (simulated_ms, hash) = (AtomicU64::new(0), AtomicU64::new(0));
    let failed = || failures.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while failed().len() < FAILURES_MAX {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= args.seeds {
                        return;
                    }
                    match simulation::check(args.first + number, None) {
                        Ok(outcome) => {
                            simulated_ms.fetch_add((outcome.seconds * 1000.0) as u64, Ordering::Relaxed);
                            hash.fetch_xor(outcome.hash, Ordering::Relaxed);
                        }
                        Err(failure) => {
                            cli::print(&format!("{failure}\n"));
                            failed().push(failure);
                        }
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    let seconds = began.elapsed().as_secs_f64();
    let played = next.into_inner().min(args.seeds);
    let hours = simulated_ms.into_inner() as f64 / 3_600_000.0;
    cli::print(&format!(
        "{played} seeds, each twice: {} broke a law; {hours:.1} simulated hours of each course in {seconds:.0} s, hash {:016x}\n",
        failures.len(),
        hash.into_inner()
    ));
    if let Some(failure) = failures.iter().min_by_key(|failure| failure.seed) {
        return Err(format!("seed {0} fails; `cargo xtask simulate --seed {0}` shows how", failure.seed));
    }
    Ok(ExitCode::SUCCESS)
}
