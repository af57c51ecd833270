//! `emberdrift-floor`: the bare server that the real one is held against, and the load for it. The command line;
//! everything else is in the library.

use std::{
    fs,
    io::Write,
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use benches::{
    bot::Ramp,
    floor::{self, LoadPlan, Phase, Server, ServerPlan},
};
use clap::{Parser, Subcommand};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// Files that are open besides the sockets.
const FILES_SPARE: u64 = 64;
/// Sockets that a server may be asked to hold.
const PLAYERS_MAX: u32 = 20_000;

/// The least that a server can do which sends everybody a frame every tick and reads their inputs.
#[derive(Debug, Parser)]
#[command(name = "emberdrift-floor", version, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    side: Side,
}

#[derive(Debug, Subcommand)]
enum Side {
    /// Serve, until SIGTERM or ctrl-c; prints `listening IP:PORT` first
    Serve {
        /// Where to listen; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Bytes of a frame
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        frame_bytes: u32,
        /// Frames a second
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        tick_rate: u16,
        /// End by itself after this time
        #[arg(long, value_parser = seconds)]
        seconds: Option<f64>,
    },
    /// Connect players to it and say what they saw
    Load {
        /// Where the server is
        #[arg(long)]
        address: SocketAddr,
        /// Sockets
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=i64::from(PLAYERS_MAX)))]
        players: u32,
        /// Bytes of the server's frames
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        frame_bytes: u32,
        /// Inputs that each sends a second
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        tick_rate: u16,
        /// Measured time, from when all have joined
        #[arg(long, default_value_t = 10.0, value_parser = seconds)]
        seconds: f64,
        /// How fast they come, in players a second
        #[arg(long, default_value = "500/s")]
        ramp: Ramp,
        /// Threads for all of them together
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
        threads: u16,
        /// Where to write the report as JSON, besides the table
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds, such as 10".to_owned())?;
    if (0.1..=86_400.0).contains(&seconds) { Ok(seconds) } else { Err("0.1 to 86400 seconds".to_owned()) }
}

fn main() -> ExitCode {
    let outcome = match Args::parse().side {
        Side::Serve { listen, frame_bytes, tick_rate, seconds } => {
            serve(&ServerPlan { listen, frame_bytes: frame_bytes as usize, tick_rate }, seconds)
        }
        Side::Load { address, players, frame_bytes, tick_rate, seconds, ramp, threads, json } => {
            let frame_bytes = frame_bytes as usize;
            let plan = LoadPlan { address, players, frame_bytes, tick_rate, seconds, ramp, threads };
            load(&plan, json.as_ref())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn serve(plan: &ServerPlan, seconds: Option<f64>) -> Result<(), String> {
    // As many as the system gives: who comes is not known yet.
    let _ = rlimit::increase_nofile_limit(u64::from(PLAYERS_MAX) + FILES_SPARE);
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        flag::register(signal, Arc::clone(&stop))
            .map_err(|error| format!("cannot await signals: {error}"))?;
    }
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
    let server = Server::bind(plan).map_err(|error| format!("cannot listen on {}: {error}", plan.listen))?;
    let address = server.address().map_err(|error| error.to_string())?;
    let mut stdout = std::io::stdout();
    // Whoever started it may not care.
    let _ = writeln!(stdout, "listening {address}").and_then(|()| stdout.flush());
    let served = server.run(&stop, until).map_err(|error| format!("the server broke: {error}"))?;
    eprintln!("{served:?}");
    Ok(())
}

fn load(plan: &LoadPlan, json: Option<&PathBuf>) -> Result<(), String> {
    let wanted = u64::from(plan.players) + FILES_SPARE;
    let limit = rlimit::increase_nofile_limit(wanted).map_err(|error| format!("open files: {error}"))?;
    if limit < wanted {
        return Err(format!("only {limit} files may be open: raise the limit with `ulimit -n {wanted}`"));
    }
    // Two words on standard error, so that another program can look at the server in the same time.
    let report = floor::load(plan, |phase| match phase {
        Phase::Joining => {}
        Phase::Measuring => eprintln!("measuring"),
        Phase::Measured => eprintln!("measured"),
    })
    .map_err(|error| format!("the load broke: {error}"))?;
    print!("{report}");
    if let Some(file) = json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        fs::write(file, text + "\n").map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    let failures = report.failures();
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}
