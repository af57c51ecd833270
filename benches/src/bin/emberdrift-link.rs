//! `emberdrift-link`: a bad link to put between a browser and a server. The command line; everything else is in the
//! library.

use std::{
    io::Write,
    net::SocketAddr,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use benches::{
    bot::{Address, AddressError},
    link::{LinkSpec, Proxy},
};
use clap::Parser;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};
use tokio::{runtime::Runtime, time::sleep};

/// Connections to be ready for; each is two open files.
const OPEN_FILES: u64 = 4096;
/// How often it looks whether it is to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A bad link to play Emberdrift by: open the address it prints, and all that goes to the server and back takes as
/// long as you say. Ends with Ctrl-C or SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "emberdrift-link", version, max_term_width = 100)]
struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// The server that it leads to
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = server)]
    to: Address,

    /// What it does, each part of it or not: delay=100ms adds so much to the ping, half of it each way;
    /// jitter=20ms makes each way so much longer or shorter by chance; stall=300ms/10s lets nothing through for
    /// 300 ms every 10 s; cut=5s/60s breaks all connections every 60 s, and lets none be made for 5 s; seed=7 is
    /// of all chance
    #[arg(long, default_value = "delay=100ms jitter=20ms")]
    link: LinkSpec,
}

/// With or without a scheme in front.
fn server(text: &str) -> Result<Address, AddressError> {
    if text.contains("://") { text.parse() } else { format!("ws://{text}").parse() }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("emberdrift-link: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    // As many as the system gives.
    let _ = rlimit::increase_nofile_limit(OPEN_FILES);
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        flag::register(signal, Arc::clone(&stop))
            .map_err(|error| format!("cannot await signals: {error}"))?;
    }
    let runtime = Runtime::new().map_err(|error| format!("cannot start threads: {error}"))?;
    runtime.block_on(async {
        let to = &args.to.authority;
        let proxy = Proxy::bind(args.listen, to, args.link).await.map_err(|error| error.to_string())?;
        // Whoever started it may not care.
        let mut stdout = std::io::stdout();
        let _ = writeln!(stdout, "open http://{} to reach {to} by {}", proxy.address(), args.link)
            .and_then(|()| stdout.flush());
        let stopped = async {
            while !stop.load(Ordering::Relaxed) {
                sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            never = proxy.run(|error| eprintln!("emberdrift-link: {error}")) => match never {},
            () = stopped => Ok(()),
        }
    })
}
