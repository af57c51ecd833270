//! `emberdrift-baseline`: the command line of the bare server that the real one is compared with.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{
    io::Write,
    net::SocketAddr,
    process::ExitCode,
    time::{Duration, Instant},
};

use benches::{
    baseline::{Server, ServerPlan},
    cli,
};
use clap::Parser;

const PROGRAM: &str = "emberdrift-baseline";
/// As many as the system allows: how many players come is not known yet.
const SOCKETS: u64 = 20_000;

/// The least that a server can do which sends every player a frame each tick and reads their inputs. Its players are
/// `emberdrift-bots --baseline FRAME_BYTES`. Ends with SIGTERM or ctrl-c; prints `listening IP:PORT` first.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Bytes of a frame
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    frame_bytes: u32,

    /// Stop after this time
    #[arg(long, value_parser = |text: &str| cli::number(text, 0.1..=86_400.0))]
    seconds: Option<f64>,
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    let _ = cli::allow_sockets(SOCKETS);
    let stop = cli::stop_signal()?;
    let plan = ServerPlan { listen: args.listen, frame_bytes: args.frame_bytes as usize };
    let until = args.seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
    let server = Server::bind(&plan).map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
    let address = server.address().map_err(|error| error.to_string())?;
    let mut stdout = std::io::stdout();
    // Standard output may be closed.
    let _ = writeln!(stdout, "listening {address}").and_then(|()| stdout.flush());
    let served = server.run(&stop, until).map_err(|error| format!("cannot serve any more: {error}"))?;
    cli::note(format_args!("{served:?}"));
    Ok(ExitCode::SUCCESS)
}
