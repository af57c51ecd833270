//! One step: a server and a load as processes, and its figures, from the load's own report and from what was seen of the
//! server's process. The bots, the baseline's load and the peer's load write the same names, and leave out what they do not
//! know.

use std::{
    fs, io,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    client::LoadReport,
    machine::{Sample, Used},
    process::{CHECK_EVERY, Process, ProcessError},
    report::{Spread, ratio},
};

/// For a server to listen.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(20);
/// For a load to start, gather, wait for late joiners and leave.
const OTHER_TIME: Duration = Duration::from_secs(60);

/// Figures that were not measured are none. Every server is seen from outside, so that all are seen alike.
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
    /// `used` is what the server's process used in the measured time.
    pub(super) fn new(load: LoadReport, used: Option<Used>) -> Self {
        let cpu_cores = used.map(|used| used.cpu_seconds / used.seconds);
        // By the frames that arrived, so that a server which skips ticks does not look cheaper for it.
        let client_ticks = load.frames_received as f64 / load.seconds;
        let load_cpu_cores = ratio(load.bots.cpu_seconds, load.seconds);
        let machine_cores = used.and_then(|used| used.machine_cores);
        let others = || Some((machine_cores? - cpu_cores? - load_cpu_cores?).max(0.0));
        Self {
            cpu_us_per_client_tick: cpu_cores.and_then(|cores| ratio(cores * 1e6, client_ticks)),
            cpu_cores,
            rss_bytes: used.map(|used| used.rss_bytes_after as f64),
            rss_growth: used
                .and_then(|used| ratio(used.rss_bytes_after as f64, used.rss_bytes_before as f64)),
            load_cpu_cores,
            others_cpu_cores: others(),
            load,
        }
    }

    /// Work of the server's ticks.
    pub fn tick_ms(&self) -> Spread {
        self.load.server.as_ref().and_then(|server| server.tick_ms).unwrap_or_default()
    }

    pub fn kilobytes(&self) -> Option<f64> {
        self.load.bytes_per_player_second.mean.map(|bytes| bytes / 1000.0)
    }
}

#[derive(Clone, Debug)]
pub struct LoadRequest {
    pub players: u32,
    /// Measured time.
    pub seconds: f64,
    /// Players that join in a second.
    pub ramp: u32,
    /// Whether the server speaks TLS.
    pub is_secure: bool,
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

/// Runs a load against a server, both to their end. The server prints where it listens, and the load is told that and
/// what is requested.
pub fn measure(
    server: &mut Command,
    load: &mut Command,
    request: &LoadRequest,
    stop: &AtomicBool,
) -> Result<Figures, PairError> {
    let LoadRequest { players, seconds, ramp, json, .. } = request;
    // A report that another run left is not this one's.
    if let Err(error) = fs::remove_file(json)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(PairError::NoReport(format!("cannot remove {}: {error}", json.display())));
    }
    let mut server = Process::start("the server", server, &json.with_extension("server.txt"))?;
    let address = server.address(LISTEN_TIMEOUT, stop)?;
    let scheme = if request.is_secure { "https" } else { "http" };
    load.args(["--url", &format!("{scheme}://{address}"), "--ramp", &ramp.to_string()])
        .arg("--json")
        .arg(json);
    load.args(["--players", &players.to_string(), "--seconds", &seconds.to_string()]);
    let mut load = Process::start("the load", load, &json.with_extension("load.txt"))?;
    let used = watch(&mut server, &mut load, request, stop)?;
    let text = fs::read_to_string(json).map_err(|_| PairError::NoReport(load.last_lines()))?;
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
        let printed = load.printed();
        let says = |word: &str| printed.lines().any(|line| line == word);
        if before.is_none() && says("measuring") {
            before = Sample::of(server.id());
        }
        if used.is_none() && says("measured") {
            used = before.zip(Sample::of(server.id())).map(|(before, after)| after.since(before));
        }
        if has_ended {
            return Ok(used);
        }
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
        Figures::new(serde_json::from_str(json).expect("a report"), used)
    }

    #[test]
    fn server_is_seen_from_outside_and_its_cpu_is_divided_by_received_frames() {
        let json = r#"{"players_joined": 500, "players_at_end": 400, "seconds": 10.0, "frames_received": 50000,
            "server": {"tick_ms": {"p999": 6.0}, "other": {}}, "bots": {"cpu_seconds": 9.0}}"#;
        let figures = figures(json, Some(USED));
        assert_eq!((figures.cpu_us_per_client_tick, figures.cpu_cores), (Some(60.0), Some(0.3)));
        assert_eq!((figures.rss_bytes, figures.rss_growth), (Some(105.0), Some(1.05)));
        assert_eq!((figures.load.players_at_end, figures.tick_ms().p999), (400, Some(6.0)));
        assert_eq!(figures.load_cpu_cores, Some(0.9));
        assert!(figures.others_cpu_cores.is_some_and(|cores| (cores - 0.3).abs() < 1e-9), "{figures:?}");
    }

    #[test]
    fn unknown_figures_stay_unknown() {
        assert_eq!(figures("{}", None), Figures::default());
    }
}
