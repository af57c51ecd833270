//! The Emberdrift server binary: reads its configuration, runs until it is told to end.

use std::{
    error::Error,
    io::{IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use server::{
    config::{Asked, Config},
    engine::net,
    run::{self, Options},
    shutdown::Signals,
};

/// For what is left of tasks and threads when everything has been said.
const LEFTOVERS: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, whatever is in it; and no panic if nobody reads it.
            let line = error.to_string().replace('\n', " ");
            let _ = writeln!(std::io::stderr(), "emberdrift: {line}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let config = match Config::parse_from_args(std::env::args_os())? {
        Asked::Run(config) => config,
        Asked::Print(text) => {
            let _ = write!(std::io::stdout(), "{text}");
            return Ok(());
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(config.log_filter()?)
        .with_ansi(std::io::stdout().is_terminal())
        .init();
    let options = Options::new(&config, random())?;
    let workers = config.network_threads.map_or_else(net::default_workers, usize::from);
    let runtime = net::runtime(workers, options.notifier.clone())?;
    let outcome = runtime.block_on(serve(options));
    runtime.shutdown_timeout(LEFTOVERS);
    outcome
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let signals = Signals::new()?;
    let running = run::start(options).await?;
    let outcome = tokio::select! {
        ended = running.watch() => Err(ended.into()),
        () = signals.requested() => Ok(()),
    };
    running.stop().await;
    outcome
}

/// A seed nobody knows beforehand: the standard library keys its hash maps from the system's randomness.
fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}
