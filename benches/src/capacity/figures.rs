//! One step: a server and a load as processes, and its figures, from the load's own report and from what was seen of the
//! server's process. The bots, the baseline's load and the peer's load write the same names, and leave out what they do not
//! know.

use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{Process, ProcessError, process::CHECK_EVERY};
use crate::{
    client::LoadReport,
    machine::{Sample, Used},
    report::{Spread, ratio},
};

/// For a server to listen.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(20);
/// For a load to start, gather, wait for late joiners and leave.
const OTHER_TIME: Duration = Duration::from_secs(60);

/// Figures that were not measured are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    pub load: LoadReport,
    /// CPU of the server's process by the frames that players received, in microseconds.
    pub cpu_us_per_client_tick: Option<f64>,
    /// Of the server's process.
    pub cpu_cores: Option<f64>,
    /// Memory of the server's process at the end of the measured time.
    pub rss_bytes: Option<f64>,
    /// That divided by the memory at the beginning: 1 is flat.
    pub rss_growth: Option<f64>,
    /// Of the load's process.
    pub load_cpu_cores: Option<f64>,
    /// What other programs, and a shared machine's other tenants, took.
    pub others_cpu_cores: Option<f64>,
}

impl Figures {
    /// `used` is what the server's process used in the measured time, seen from outside.
    pub(super) fn new(report: LoadReport, used: Option<Used>) -> Self {
        let seconds = report.seconds;
        let server = report.server.clone().unwrap_or_default();
        // What the server says of exactly that time is nearer than what was seen from outside.
        let cpu_cores = server
            .cpu_seconds
            .and_then(|cpu_seconds| {
                ratio(cpu_seconds, if server.seconds > 0.0 { server.seconds } else { seconds })
            })
            .or(used.map(|used| used.cpu_seconds / used.seconds));
        // By the frames that arrived, so that a server which skips ticks does not look cheaper for it.
        let client_ticks = report.frames_received as f64 / seconds;
        let load_cpu_cores = ratio(report.bots.cpu_seconds, seconds);
        let rss_growth = server
            .rss_bytes_start
            .zip(server.rss_bytes_end)
            .or(used.map(|used| (used.rss_bytes_before as f64, used.rss_bytes_after as f64)))
            .and_then(|(before, after)| ratio(after, before));
        Self {
            cpu_us_per_client_tick: cpu_cores.and_then(|cores| ratio(cores * 1e6, client_ticks)),
            cpu_cores,
            rss_bytes: server.rss_bytes_end.or(used.map(|used| used.rss_bytes_after as f64)),
            rss_growth,
            load_cpu_cores,
            others_cpu_cores: others(used, load_cpu_cores),
            load: LoadReport { timeline: Vec::new(), ..report },
        }
    }

    /// Work of the server's ticks.
    pub fn tick_ms(&self) -> Spread {
        self.load.server.as_ref().and_then(|server| server.tick_ms).unwrap_or_default()
    }
}

/// What neither the server nor the load took of the machine.
fn others(used: Option<Used>, load_cpu_cores: Option<f64>) -> Option<f64> {
    let used = used?;
    Some((used.machine_cores? - used.cpu_seconds / used.seconds - load_cpu_cores?).max(0.0))
}

#[derive(Clone, Debug)]
pub struct LoadRequest {
    pub players: u32,
    /// Measured time.
    pub seconds: f64,
    /// Players that join in a second.
    pub ramp: u32,
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
    let mut server = Process::start("the server", server, &request.json.with_extension("server.txt"))?;
    let address = server.address(LISTEN_TIMEOUT, stop)?;
    let mut load = Process::start("the load", &mut load(address), &request.json.with_extension("load.txt"))?;
    let used = watch(&mut server, &mut load, request, stop)?;

    let Ok(text) = fs::read_to_string(&request.json) else {
        return Err(PairError::NoReport(load.last_lines()));
    };
    Ok(Figures::new(serde_json::from_str(&text)?, used))
}

/// Waits until the load has ended. What the server used in the measured time, of which the load prints the beginning and
/// the end.
fn watch(
    server: &mut Process,
    load: &mut Process,
    request: &LoadRequest,
    stop: &AtomicBool,
) -> Result<Option<Used>, ProcessError> {
    let joining = Duration::from_secs(u64::from(request.players / request.ramp.max(1)));
    let within = Duration::from_secs_f64(request.seconds) + joining + OTHER_TIME;
    let began = Instant::now();
    let (mut before, mut used) = (None, None);
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(ProcessError::Stopped);
        }
        // Before its lines, so that none is missed. Its report says how it ended: missing players are a result.
        let has_ended = load.status()?.is_some();
        for line in load.lines() {
            match line.as_str() {
                "measuring" => before = Sample::of(server.id()),
                "measured" => {
                    used = before.zip(Sample::of(server.id())).map(|(before, after)| after.since(before));
                }
                _ => {}
            }
        }
        if has_ended {
            return Ok(used);
        }
        // Kept to explain an early end.
        server.lines();
        server.check_running()?;
        if began.elapsed() > within {
            return Err(load.slow(within, "to measure"));
        }
        thread::sleep(CHECK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USED: Used = Used {
        cpu_seconds: 3.0,
        seconds: 10.0,
        rss_bytes_before: 100,
        rss_bytes_after: 105,
        machine_cores: Some(1.5),
    };

    fn figures(json: &str, used: Option<Used>) -> Figures {
        let report: LoadReport = serde_json::from_str(json).expect("a report");
        Figures::new(report, used)
    }

    #[test]
    fn server_that_skips_ticks_is_not_cheaper() {
        let json =
            r#"{"players_joined": 500, "players_at_end": 500, "seconds": 10.0, "frames_received": 50000}"#;
        assert_eq!(figures(json, Some(USED)).cpu_us_per_client_tick, Some(60.0));
    }

    #[test]
    fn figures_of_the_server_itself_come_first() {
        let json = r#"{"players_joined": 1000, "players_at_end": 1000, "seconds": 10.0, "frames_received": 200000,
            "frame_gap_ms": {"p50": 50.0, "p99": 60.5, "max": 90.0}, "bytes_per_player_second": {"mean": 8000.0},
            "server": {"cpu_seconds": 3.2, "tick_ms": {"p50": 2.0, "p99": 5.0, "p999": 6.0}, "rss_bytes_start": 70.0,
                "rss_bytes_end": 77.0, "seconds": 8.0, "other": {}},
            "bots": {"cpu_seconds": 9.0, "lateness_ms": {"p99": 3.0}}, "valid": true}"#;
        let figures = figures(json, Some(USED));
        assert_eq!(figures.cpu_us_per_client_tick, Some(20.0));
        assert_eq!((figures.rss_bytes, figures.rss_growth), (Some(77.0), Some(1.1)));
        assert_eq!((figures.tick_ms().p999, figures.load.bots.lateness_ms.p99), (Some(6.0), Some(3.0)));
        assert_eq!(figures.load_cpu_cores, Some(0.9));
        assert!(figures.others_cpu_cores.is_some_and(|cores| (cores - 0.3).abs() < 1e-9), "{figures:?}");
    }

    #[test]
    fn server_that_tells_nothing_is_seen_from_outside() {
        let json = r#"{"players_joined": 500, "players_at_end": 400, "players_lost": 1, "seconds": 10.0, "frames_received": 80000,
            "disconnects": {"slow": 100}, "server": {"cpu_seconds": null, "tick_ms": null}}"#;
        let figures = figures(json, Some(USED));
        assert_eq!(
            (figures.cpu_cores, figures.rss_bytes, figures.rss_growth),
            (Some(0.3), Some(105.0), Some(1.05))
        );
        assert_eq!((figures.load.players_lost, figures.tick_ms()), (1, Spread::default()));
        assert_eq!(figures.cpu_us_per_client_tick, Some(37.5));
    }

    #[test]
    fn unknown_figures_stay_unknown() {
        assert_eq!(figures("{}", None), Figures::default());
    }
}
