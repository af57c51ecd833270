//! The work whose cost `cargo xtask cost` counts: seeded, on one thread, the same in every run.
//!
//! It prints `units NAME N` for work that is counted from outside (each in a function `count_NAME`, which callgrind looks
//! for by that name), and `value NAME X` for what it counts itself.

mod connection;
mod world;

use std::{fs, io, path::PathBuf};

use benches::worlds;
use clap::Parser;
use client_web::game::Session;

/// Frames before the lists of a session have their size.
const SETTLING: usize = 30;
const COUNTED: usize = 60;
const TICK_MS: f64 = 50.0;

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
        let length = |message: &Vec<u8>| (message.len() as u32).to_le_bytes();
        let bytes = |message: &Vec<u8>| [&length(message), message.as_slice()].concat();
        return fs::write(file, recording().iter().flat_map(bytes).collect::<Vec<_>>());
    }
    world::run();
    client_frames();
    connection::run(args.warm_up)
}

fn units(name: &str, count: usize) {
    println!("units {name} {count}");
}

fn value(name: &str, value: f64) {
    println!("value {name} {value:.3}");
}

/// A welcome and the frames behind it, as one viewer got them.
fn recording() -> Vec<Vec<u8>> {
    worlds::record(400, SETTLING + COUNTED, 3)
}

/// The client's side of a frame: decoded and applied as the browser does it.
fn client_frames() {
    let messages = recording();
    let mut session = Session::new("cost");
    let (settling, counted) = messages.split_at(messages.len() - COUNTED);
    let mut now_ms = 0.0;
    for message in settling {
        session.handle_message(message, now_ms).expect("the server's own message");
        now_ms += TICK_MS;
    }
    let mut allocations = 0;
    for message in counted {
        allocations +=
            allocation_counter::measure(|| count_client_frame(&mut session, message, now_ms)).count_total;
        now_ms += TICK_MS;
    }
    units("client_frame", counted.len());
    value("client_frame_allocations", allocations as f64 / counted.len() as f64);
}

#[inline(never)]
fn count_client_frame(session: &mut Session, message: &[u8], now_ms: f64) {
    session.handle_message(message, now_ms).expect("the server's own message");
}
