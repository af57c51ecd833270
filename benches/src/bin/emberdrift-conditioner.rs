//! `emberdrift-conditioner`: the command line of the network conditioner between a browser and a server.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{io::Write, net::SocketAddr, process::ExitCode, sync::atomic::Ordering, time::Duration};

use benches::{
    cli,
    client::{Address, AddressError},
    conditioner::{Conditions, Proxy},
};
use clap::Parser;
use tokio::{runtime::Builder, time::sleep};

const PROGRAM: &str = "emberdrift-conditioner";
/// Each connection is two of them.
const SOCKETS: u64 = 4096;
const CHECK_EVERY: Duration = Duration::from_millis(50);

/// A bad network to play Emberdrift on: open the address that it prints, and everything to and from the server is
/// delayed as you say. Ends with Ctrl-C or SIGTERM.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, version, max_term_width = 100)]
struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// The server's address
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = server)]
    to: Address,

    /// What the network does; each part is optional. delay=100ms adds 100 ms to the ping, half of it each way;
    /// jitter=20ms makes each way up to 20 ms longer or shorter; stall=300ms/10s lets nothing through for 300 ms every
    /// 10 s; cut=5s/60s breaks all connections every 60 s and allows none for 5 s; seed=7 seeds the jitter
    #[arg(long, value_name = "CONDITIONS", default_value = "delay=100ms jitter=20ms")]
    link: Conditions,
}

/// With or without a scheme in front.
fn server(text: &str) -> Result<Address, AddressError> {
    if text.contains("://") { text.parse() } else { format!("ws://{text}").parse() }
}

fn main() -> ExitCode {
    cli::exit(PROGRAM, || run(&Args::parse()))
}

fn run(args: &Args) -> Result<ExitCode, String> {
    // With a lower limit it serves fewer connections.
    let _ = cli::allow_sockets(SOCKETS);
    let stop = cli::stop_signal()?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        let to = &args.to.authority;
        let proxy = Proxy::bind(args.listen, to, args.link).await.map_err(|error| error.to_string())?;
        let mut stdout = std::io::stdout();
        // Standard output may be closed.
        let _ = writeln!(stdout, "open http://{} to reach {to} with {}", proxy.address(), args.link)
            .and_then(|()| stdout.flush());
        let stopped = async {
            while !stop.load(Ordering::Relaxed) {
                sleep(CHECK_EVERY).await;
            }
        };
        tokio::select! {
            never = proxy.run(|error| cli::note(format_args!("{PROGRAM}: {error}"))) => match never {},
            () = stopped => Ok(ExitCode::SUCCESS),
        }
    })
}
