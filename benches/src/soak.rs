//! The soak test: the server as a process, players that come and go for a long time, strangers that misbehave beside them.
//! It checks that nothing is left behind: it compares the server's memory early and late, and looks at what the server still
//! holds when all have left. It treats the server as a black box.

mod memory;
mod report;
mod strangers;

use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

pub use self::{
    memory::Memory,
    report::{SoakReport, document},
    strangers::Visits,
};
use crate::{
    brains::Pilot,
    client::{self, Scrape},
    machine::{Machine, Sample},
    process::{Process, ProcessError, command, remove_folder},
};

/// For the server to listen.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the server keeps a disconnected player: short, so that many sessions also end by that.
const RESUME_SECONDS: u64 = 10;
/// For the last sessions and sockets to be gone after all have left, beyond the time above.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(30);
/// For the server to end after SIGTERM.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// How often memory is read.
const SAMPLE_EVERY: Duration = Duration::from_secs(2);
/// What must be 0 when all have left. The request for the metrics is a connection itself, so 1 is allowed there.
const LEFT_BEHIND: [(&str, f64); 5] = [
    ("emberdrift_player_seats_taken", 0.0),
    ("emberdrift_players_reconnecting", 0.0),
    ("emberdrift_spectators", 0.0),
    ("emberdrift_feed_subscribers", 0.0),
    ("emberdrift_connections", 1.0),
];

#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder of the built programs.
    pub programs: PathBuf,
    /// The folder for the server's log, its `state` and its `record`, which replace an earlier run's.
    pub out: PathBuf,
    /// Measured time.
    pub time: Duration,
    pub players: u32,
    /// How many players leave in a second and are replaced.
    pub joins_per_second: f64,
}

#[derive(Debug, thiserror::Error)]
pub enum SoakError {
    #[error("not built: {0}; `cargo xtask soak` builds everything")]
    Missing(PathBuf),
    #[error("cannot write to {folder}: {error}")]
    Out { folder: PathBuf, error: io::Error },
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Bots(#[from] client::RunError),
    #[error("{0} ended early by an error of its own")]
    Thread(&'static str),
    #[error("stopped")]
    Stopped,
}

/// Runs the whole test; it ends early when `stop` turns true.
///
/// # Errors
/// If there is nothing to report: a program is missing or ends, or the test was stopped.
pub fn run(plan: &Plan, stop: &Arc<AtomicBool>) -> Result<SoakReport, SoakError> {
    let mut server = start(plan)?;
    let address = server.address(LISTEN_TIMEOUT, stop)?;
    let bots = bots(plan, address);
    let bots = thread::spawn(move || client::run::<Pilot>(&bots, |_| {}));
    let is_over = Arc::new(AtomicBool::new(false));
    let strangers = {
        let is_over = Arc::clone(&is_over);
        thread::spawn(move || strangers::run(address, &is_over))
    };
    let watched = watch(&mut server, || bots.is_finished(), stop);
    is_over.store(true, Ordering::Relaxed);
    let samples = watched?;
    let load = bots.join().map_err(|_| SoakError::Thread("the bots"))??;
    let strangers = strangers.join().map_err(|_| SoakError::Thread("the strangers"))?;
    let left_behind = wait_until_empty(&mut server, address, stop)?;
    Ok(SoakReport {
        machine: Machine::here(),
        load,
        strangers,
        memory: Memory::new(samples),
        left_behind,
        end: end(&mut server)?,
    })
}

fn start(plan: &Plan) -> Result<Process, SoakError> {
    let program = plan.programs.join("emberdrift");
    if !program.is_file() {
        return Err(SoakError::Missing(program));
    }
    let out = |error| SoakError::Out { folder: plan.out.clone(), error };
    let [state, record] = ["state", "record"].map(|name| plan.out.join(name));
    // An earlier run's state would bring its players back.
    [&state, &record].into_iter().try_for_each(|folder| remove_folder(folder)).map_err(out)?;
    fs::create_dir_all(&plan.out).map_err(out)?;
    let mut command = command(program);
    command.args(["--listen", "127.0.0.1:0", "--arena", "expanse", "--seed", "1"]);
    command.args(["--resume-seconds", &RESUME_SECONDS.to_string(), "--snapshot-seconds", "5"]);
    command.arg("--state").arg(state).arg("--record").arg(record);
    Ok(Process::start("the server", &mut command, &plan.out.join("server.txt"))?)
}

fn bots(plan: &Plan, server: SocketAddr) -> client::Plan {
    client::Plan {
        bots: plan.players,
        seconds: plan.time.as_secs_f64(),
        churn: Some(plan.joins_per_second),
        chat: true,
        ..client::Plan::new(address(server))
    }
}

fn address(server: SocketAddr) -> client::Address {
    client::Address { is_secure: false, authority: server.to_string(), path: "/ws".to_owned() }
}

/// The server's memory until the bots are done, in bytes.
fn watch(server: &mut Process, is_done: impl Fn() -> bool, stop: &AtomicBool) -> Result<Vec<u64>, SoakError> {
    let (mut samples, mut next) = (Vec::new(), Instant::now());
    while !is_done() {
        if stop.load(Ordering::Relaxed) {
            return Err(SoakError::Stopped);
        }
        server.check_running()?;
        if Instant::now() >= next {
            next += SAMPLE_EVERY;
            samples.extend(Sample::of(server.id()).map(|sample| sample.rss_bytes));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(samples)
}

/// Waits until the server holds nothing of those who have left; returns what it still holds at the end.
fn wait_until_empty(
    server: &mut Process,
    address: SocketAddr,
    stop: &AtomicBool,
) -> Result<Vec<(String, f64)>, SoakError> {
    let until = Instant::now() + Duration::from_secs(RESUME_SECONDS) + LEAVE_TIMEOUT;
    loop {
        server.check_running()?;
        let scrape = Scrape::fetch(&self::address(address), address).ok();
        // A figure that is missing is as bad as one that is too high.
        let value = |name| scrape.as_ref().and_then(|scrape| scrape.value(name)).unwrap_or(f64::INFINITY);
        let left = LEFT_BEHIND.iter().map(|&(name, allowed)| (name, value(name), allowed));
        let left: Vec<_> = left
            .filter(|(_, value, allowed)| value > allowed)
            .map(|(name, value, _)| (name.to_owned(), value))
            .collect();
        if left.is_empty() || Instant::now() > until {
            return Ok(left);
        }
        if stop.load(Ordering::Relaxed) {
            return Err(SoakError::Stopped);
        }
        thread::sleep(Duration::from_secs(1));
    }
}

/// Asks the server to stop; how it ended, if not well.
fn end(server: &mut Process) -> Result<Option<String>, SoakError> {
    server.signal(Signal::TERM);
    let until = Instant::now() + STOP_TIMEOUT;
    while Instant::now() < until {
        if let Some(status) = server.status()? {
            return Ok((!status.success()).then(|| format!("{status}: {}", server.last_lines())));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(Some(format!("nothing within {} s", STOP_TIMEOUT.as_secs())))
}
