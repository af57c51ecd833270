//! The Emberdrift server binary: reads its configuration, runs until it is told to end.

#![warn(clippy::print_stdout, clippy::print_stderr)] // They panic if the output is closed.

use std::{
    error::Error,
    io::{IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};

use server::{
    config::{Asked, Config, ConfigError},
    engine::{
        log::{self, LogQueue},
        net,
    },
    run::{self, Options, Running, StartError},
    shutdown::{Hangups, Signals},
};
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

/// For tasks and threads that are still running after the shutdown.
const LEFTOVERS: Duration = Duration::from_millis(200);
/// For the last lines of the log, and for the error that ends the process.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Exit code of a wrong flag, which is clap's. Whatever fails at run time exits with 1.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Always one line; and neither a closed stderr nor one without a reader changes how the process ends.
            let line = format!("emberdrift: {}\n", error.to_string().replace('\n', " "));
            log::print_within(std::io::stderr(), line, LAST_LINES);
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
    let queue = LogQueue::start(std::io::stdout()).map_err(StartError::Thread)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stdout().is_terminal())
        .with_writer(queue.clone());
    tracing_subscriber::registry().with(lines).with(config.log_filter()?).init();
    let options = Options::new(&config, random())?;
    let workers = config.network_threads.map_or_else(net::default_workers, usize::from);
    let runtime = net::runtime(workers, options.notifier.clone())?;
    let outcome = runtime.block_on(serve(options));
    runtime.shutdown_timeout(LEFTOVERS);
    queue.flush(LAST_LINES);
    outcome
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let (signals, mut hangups) = (Signals::new()?, Hangups::new()?);
    let running = run::start(options).await?;
    let outcome = tokio::select! {
        ended = running.watch() => Err(ended.into()),
        () = signals.requested() => Ok(()),
        () = reload_on_hangup(&running, &mut hangups) => Ok(()),
    };
    let not_saved = running.stop().await;
    outcome.and(not_saved.map_or(Ok(()), |error| Err(error.into())))
}

/// Never returns.
async fn reload_on_hangup(running: &Running, hangups: &mut Hangups) {
    loop {
        hangups.next().await;
        running.reload().await;
    }
}

/// An unpredictable seed: the standard library keys its hash maps from the system's randomness.
fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}
