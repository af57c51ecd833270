//! One server and one load, as processes: started, watched, and turned into figures.

use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    Figures, Process, ProcessError,
    process::CHECK_EVERY,
    samples::{Sample, Samples},
};
use crate::{
    client::LoadReport,
    usage::{Busy, Meter},
};

/// For a server to listen.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(20);
/// For a load to start, gather, wait for late joiners and leave.
const OTHER_TIME: Duration = Duration::from_secs(60);
const SAMPLE_EVERY: Duration = Duration::from_millis(100);
/// For a load that does not say when it measures: from the end of the measured time to its own.
const LEAVING: Duration = Duration::from_millis(600);

#[derive(Clone, Debug)]
pub struct LoadRequest {
    pub players: u32,
    /// Measured time.
    pub seconds: f64,
    /// Players that join in a second.
    pub ramp: u32,
    pub tick_rate: u16,
    /// Where the load writes its report.
    pub json: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum PairError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// With the load's last lines, which say why.
    #[error("no report: {0}")]
    NoReport(String),
    #[error("the report cannot be read: {0}")]
    Report(#[from] serde_json::Error),
}

/// Runs a load against a server, both to their end. The server prints where it listens, and `load` is given that.
pub fn measure(
    server: &mut Command,
    load: impl FnOnce(SocketAddr) -> Command,
    request: &LoadRequest,
    stop: &AtomicBool,
) -> Result<Figures, PairError> {
    // A report that another run left is not this one's.
    if let Err(error) = fs::remove_file(&request.json)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(PairError::NoReport(format!("cannot remove {}: {error}", request.json.display())));
    }
    let mut server = Process::start("the server", server)?;
    let address = server.address(LISTEN_TIMEOUT, stop)?;
    let mut load = Process::start("the load", &mut load(address))?;
    let watched = watch(&mut server, &mut load, request, stop)?;

    let Ok(text) = fs::read_to_string(&request.json) else {
        return Err(PairError::NoReport(load.last_lines()));
    };
    let report: LoadReport = serde_json::from_str(&text)?;
    let used = watched.samples.between(watched.from, watched.to);
    Ok(Figures::new(report, used, request.tick_rate))
}

/// The server's usage, and when the load measured.
struct Watched {
    samples: Samples,
    from: Instant,
    to: Instant,
}

/// Samples the server's usage until the load has ended.
fn watch(
    server: &mut Process,
    load: &mut Process,
    request: &LoadRequest,
    stop: &AtomicBool,
) -> Result<Watched, ProcessError> {
    let measured = Duration::from_secs_f64(request.seconds);
    let joining = Duration::from_secs(u64::from(request.players / request.ramp.max(1)));
    let within = measured + joining + OTHER_TIME;
    let began = Instant::now();
    let mut meter = Meter::of(server.id());
    let (mut samples, mut next) = (Samples::default(), began);
    let (mut from, mut to) = (None, None);
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(ProcessError::Stopped);
        }
        let now = Instant::now();
        if now >= next {
            next = now + SAMPLE_EVERY;
            if let Some(usage) = meter.read() {
                samples.push(Sample { at: now, usage, busy: Busy::now() });
            }
        }
        // Before its lines, so that none is missed. Its report says how it ended: missing players are a result.
        let has_ended = load.status()?.is_some();
        for line in load.lines() {
            match line.text.as_str() {
                "measuring" => from = Some(line.at),
                "measured" => to = Some(line.at),
                _ => {}
            }
        }
        if has_ended {
            break;
        }
        // Kept to explain an early end.
        server.lines();
        server.check_running()?;
        if began.elapsed() > within {
            return Err(load.slow(within, "to measure"));
        }
        thread::sleep(CHECK_EVERY);
    }
    let to = to.unwrap_or_else(|| Instant::now().checked_sub(LEAVING).unwrap_or(began));
    let from = from.unwrap_or_else(|| to.checked_sub(measured).unwrap_or(began));
    Ok(Watched { samples, from, to })
}
