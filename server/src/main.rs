//! The Emberdrift server binary: reads its configuration, runs until it is told to end.

use std::{
    error::Error,
    io::{IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use server::{
    config::{Asked, Config, ConfigError},
    engine::net,
    run::{self, Options, StartError},
    shutdown::Signals,
};
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

/// For tasks and threads that are still running after the shutdown.
const LEFTOVERS: Duration = Duration::from_millis(200);

/// Exit code of a wrong flag, which is clap's. Whatever fails at run time exits with 1.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Always one line, and no panic if stderr is closed.
            let line = error.to_string().replace('\n', " ");
            let _ = writeln!(std::io::stderr(), "emberdrift: {line}");
            if is_usage_error(&*error) { ExitCode::from(EXIT_USAGE) } else { ExitCode::FAILURE }
        }
    }
}

fn is_usage_error(error: &(dyn Error + 'static)) -> bool {
    error.is::<ConfigError>() || matches!(error.downcast_ref(), Some(StartError::Config(_)))
}

fn run() -> Result<(), Box<dyn Error>> {
    let config = match Config::parse_from_args(std::env::args_os())? {
        Asked::Run(config) => config,
        Asked::Print(text) => {
            let _ = write!(std::io::stdout(), "{text}");
            return Ok(());
        }
    };
    let lines = tracing_subscriber::fmt::layer().with_ansi(std::io::stdout().is_terminal());
    tracing_subscriber::registry().with(lines).with(config.log_filter()?).init();
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

/// An unpredictable seed: the standard library keys its hash maps from the system's randomness.
fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}
