//! The program of a game's server: reads its configuration, runs until it is told to end.

use std::{
    error::Error,
    io::{IsTerminal, Write},
    pin::pin,
    process::ExitCode,
    time::Duration,
};

use crate::{
    config::{Asked, Config, ConfigError, Task},
    engine::{
        cluster::announce,
        game_server::GameServer,
        log::{self, LogQueue},
        net::{self, HandOver, Successor},
        panics, process,
        records::{Place, backup},
    },
    replay::{self, ReplayFailed},
    run::{self, Options, PartEnded, Reloader, StartError},
    shutdown::{Hangups, Signals},
};
use futures_util::FutureExt;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

/// For tasks and threads that are still running after the shutdown.
const LEFTOVERS: Duration = Duration::from_millis(200);
/// For the last lines of the log, and for the error that ends the process.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Threads besides those of the network and the simulations: for snapshots, for recordings, for the page of metrics, for files that are
/// read again, and for waiting at the end.
const SPARE_THREADS: usize = 5;

/// Exit code of a wrong flag, which is clap's. What else fails at run time exits with 1.
const EXIT_USAGE: u8 = 2;
/// Exit code after a simulation has panicked: its recording is written.
const EXIT_FAILURE: u8 = 3;
/// Exit code of a replay that differs from the recording.
const EXIT_DIFFERENT: u8 = 4;

/// Does what the command line asks for, and returns when it is done.
pub fn main<S: GameServer>() -> ExitCode {
    match run::<S>() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Always one line; and neither a closed stderr nor one without a reader changes how the process ends.
            let line = format!("{}: {}\n", S::PROGRAM, error.to_string().replace('\n', " "));
            log::print_within(std::io::stderr, &line.into(), LAST_LINES);
            exit_code(&*error)
        }
    }
}

fn exit_code(error: &(dyn Error + 'static)) -> ExitCode {
    let is_usage = error.is::<ConfigError>() || matches!(error.downcast_ref(), Some(StartError::Config(_)));
    let is_failure = error.downcast_ref::<PartEnded>().is_some_and(|ended| ended.is_failure);
    let is_different = matches!(error.downcast_ref(), Some(ReplayFailed::Different { .. }));
    match (is_usage, is_failure, is_different) {
        (true, ..) => ExitCode::from(EXIT_USAGE),
        (_, true, _) => ExitCode::from(EXIT_FAILURE),
        (.., true) => ExitCode::from(EXIT_DIFFERENT),
        _ => ExitCode::FAILURE,
    }
}

fn run<S: GameServer>() -> Result<(), Box<dyn Error>> {
    let config = match Config::parse_from_args::<S>(std::env::args_os())? {
        Asked::Run(config) => config,
        Asked::Do(Task::Replay { file, verify }) => return Ok(replay::replay::<S>(&file, verify)?),
        Asked::Do(Task::Backup { file, data, database }) => {
            let place = data.map(Place::Directory).or(database.map(Place::Database));
            let place =
                place.ok_or(ConfigError::Flag("name the directory of the records with --data".to_owned()))?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            return Ok(runtime.block_on(backup(&place, &file))?);
        }
        Asked::Do(Task::Announce { text, cluster }) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            return Ok(runtime.block_on(announce(&cluster, &text))?);
        }
        Asked::Print(text) => {
            let _ = write!(std::io::stdout(), "{text}");
            return Ok(());
        }
    };
    let queue = LogQueue::start(std::io::stdout()).map_err(StartError::Thread)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stdout().is_terminal())
        .with_writer(queue.clone());
    tracing_subscriber::registry().with(lines).with(config.log.clone()).init();
    panics::log_all();
    let options = Options::<S>::new(&config, random())?;
    let workers = config.network_threads.map_or_else(net::default_workers, usize::from);
    let others = options.simulation_threads + SPARE_THREADS;
    process::try_threads(workers + others).map_err(StartError::Thread)?;
    let runtime = net::runtime(workers, options.notifier.clone())?;
    let outcome = runtime.block_on(serve(options));
    runtime.shutdown_timeout(LEFTOVERS);
    queue.flush(LAST_LINES);
    outcome
}

async fn serve<S: GameServer>(options: Options<S>) -> Result<(), Box<dyn Error>> {
    let (signals, mut hangups) = (Signals::new()?, Hangups::new()?);
    let mut stop = pin!(signals.requested().fuse());
    let mut running = tokio::select! {
        started = run::start(options) => started?,
        // It may wait for the server before it.
        () = &mut stop => return Ok(()),
    };
    let (hand_over, reloader) = (running.take_hand_over(), running.take_reloader());
    let (outcome, successor): (Result<(), Box<dyn Error>>, _) = tokio::select! {
        ended = running.watch() => (Err(ended.into()), None),
        () = &mut stop => (Ok(()), None),
        successor = successor(hand_over) => (Ok(()), Some(successor)),
        () = reload(reloader, &mut hangups) => (Ok(()), None),
    };
    let mut ending = pin!(running.stop_for(successor));
    let failed = tokio::select! {
        failed = &mut ending => failed,
        // Signals are still waited for: a second one ends the process at once.
        () = &mut stop => ending.await,
    };
    outcome.and(failed.map_or(Ok(()), |error| Err(error.into())))
}

/// Never returns without a way to hand the listening socket over.
async fn successor(hand_over: Option<HandOver>) -> Successor {
    match hand_over {
        Some(hand_over) => hand_over.successor().await,
        None => std::future::pending().await,
    }
}

/// Reads files again on SIGHUP, and those that are watched when they have changed. Never returns.
async fn reload(mut reloader: Reloader, hangups: &mut Hangups) {
    loop {
        tokio::select! {
            () = hangups.next() => reloader.reload().await,
            () = reloader.next_check() => reloader.check().await,
        }
    }
}

/// An unpredictable seed: the standard library keys its hash maps from the system's randomness.
fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}
