//! The work whose cost `cargo xtask cost` counts: seeded, on one thread, the same in every run.
//!
//! It prints `units NAME N` for work that is counted from outside (each in a function `count_NAME`, which callgrind looks
//! for by that name), and `value NAME X` for what it counts itself.

mod client;
mod connection;
mod world;

use std::{io, path::PathBuf};

use clap::Parser;

/// Runs the work that `cargo xtask cost` counts.
#[derive(Parser)]
struct Args {
    /// Ticks before a tick counts as steady. Allocations need a minute of the game, everything else less.
    #[arg(long, default_value_t = 1200)]
    warm_up: u32,
    /// Only writes the frames of one viewer to this file: for each message its length (u32, little endian), then itself.
    #[arg(long)]
    record: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    if let Some(file) = args.record {
        return std::fs::write(file, client::recording().to_bytes());
    }
    world::run();
    client::run();
    connection::run(args.warm_up)
}

fn units(name: &str, count: usize) {
    println!("units {name} {count}");
}

fn value(name: &str, value: f64) {
    println!("value {name} {value:.3}");
}
