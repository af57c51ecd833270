//! `emberdrift-baseline`: the command line of the bare server that the real one is compared with, and of its load.

use std::{
    io::Write,
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use benches::{
    baseline::{Server, ServerPlan},
    cli,
    client::{self, Address, Plan, Ramp, Target},
    report,
};
use clap::{Parser, Subcommand};

const PROGRAM: &str = "emberdrift-baseline";
const PLAYERS_MAX: u32 = 20_000;

/// The least that a server can do which sends every player a frame each tick and reads their inputs.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
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
        #[command(flatten)]
        frames: Frames,
        /// Stop after this time
        #[arg(long, value_parser = |text: &str| cli::number(text, 0.1..=86_400.0))]
        seconds: Option<f64>,
    },
    /// Connect bots to a baseline server and report what they received
    Load {
        /// The server's address
        #[arg(long)]
        address: SocketAddr,
        /// Number of bots
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=i64::from(PLAYERS_MAX)))]
        players: u32,
        #[command(flatten)]
        frames: Frames,
        /// Measured time, from when all have joined
        #[arg(long, default_value_t = 10.0, value_parser = |text: &str| cli::number(text, 0.1..=86_400.0))]
        seconds: f64,
        /// How many join in a second
        #[arg(long, default_value = "500/s")]
        ramp: Ramp,
        /// Also write the report as JSON
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
}

/// What both sides must agree on.
#[derive(Clone, Copy, Debug, clap::Args)]
struct Frames {
    /// Bytes of a frame
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    frame_bytes: u32,
    /// Frames to each player, and inputs of each, a second
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    tick_rate: u16,
}

fn main() -> ExitCode {
    let outcome = match Args::parse().side {
        Side::Serve { listen, frames, seconds } => serve(listen, frames, seconds),
        Side::Load { address, players, frames, seconds, ramp, json } => {
            // A socket address has both a host and a port.
            let address = Address { authority: address.to_string(), path: "/".to_owned() };
            let Frames { frame_bytes, tick_rate } = frames;
            let target = Target::Baseline { frame_bytes: frame_bytes as usize, tick_rate };
            load(&Plan { target, bots: players, seconds, ramp, ..Plan::new(address) }, json)
        }
    };
    cli::exit(PROGRAM, outcome)
}

fn serve(listen: SocketAddr, frames: Frames, seconds: Option<f64>) -> Result<ExitCode, String> {
    // As many as the system allows: how many players come is not known yet.
    let _ = cli::allow_sockets(u64::from(PLAYERS_MAX));
    let stop = cli::stop_signal()?;
    let Frames { frame_bytes, tick_rate } = frames;
    let plan = ServerPlan { listen, frame_bytes: frame_bytes as usize, tick_rate };
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
    let server = Server::bind(&plan).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let address = server.address().map_err(|error| error.to_string())?;
    let mut stdout = std::io::stdout();
    // Standard output may be closed.
    let _ = writeln!(stdout, "listening {address}").and_then(|()| stdout.flush());
    let served = server.run(&stop, until).map_err(|error| format!("cannot serve any more: {error}"))?;
    eprintln!("{served:?}");
    Ok(ExitCode::SUCCESS)
}

fn load(plan: &Plan, json: Option<PathBuf>) -> Result<ExitCode, String> {
    cli::allow_sockets(u64::from(plan.bots))?;
    // Another program may watch the server during the measured time.
    let report = client::run(plan, |phase| eprintln!("{phase}")).map_err(|error| error.to_string())?;
    print!("{report}");
    if let Some(file) = json {
        cli::write(&file, &report::json(&report)?)?;
    }
    report.failures().iter().for_each(|failure| eprintln!("{PROGRAM}: {failure}"));
    Ok(report.exit_code().into())
}
