//! One server and one load, as processes: started, watched, and turned into figures. It must not know what the
//! figures are for.

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
    child::{Child, ChildError, LOOK_EVERY},
    figures::LoadReport,
    model::Figures,
    samples::{Sample, Samples},
};
use crate::usage::{Busy, Meter};

/// For a server to listen.
const TO_LISTEN: Duration = Duration::from_secs(20);
/// For a load to start, gather, wait for stragglers and take its leave.
const BESIDES: Duration = Duration::from_secs(60);
/// How often the server's usage is read.
const SAMPLE_EVERY: Duration = Duration::from_millis(100);
/// For a load that does not say when it measures: from the end of the measured time to its own.
const LEAVING: Duration = Duration::from_millis(600);

/// What a load is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Players.
    pub players: u32,
    /// Measured time.
    pub seconds: f64,
    /// Players that come in a second.
    pub ramp: u32,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Where it writes its report.
    pub json: PathBuf,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// One of the programs.
    #[error(transparent)]
    Child(#[from] ChildError),
    /// The load left no report; its own words say why.
    #[error("no report: {0}")]
    NoReport(String),
    /// The load's report cannot be read.
    #[error("the report cannot be read: {0}")]
    Report(#[from] serde_json::Error),
}

/// Runs a load against a server, both to their end. `server` says in its first lines where it listens, and `load` is
/// told.
pub fn measure(
    server: &mut Command,
    load: impl FnOnce(SocketAddr) -> Command,
    wish: &Wish,
    stop: &AtomicBool,
) -> Result<Figures, PairError> {
    // A report that is left from another run is not this one's.
    if let Err(error) = fs::remove_file(&wish.json)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(PairError::NoReport(format!("cannot remove {}: {error}", wish.json.display())));
    }
    let mut server = Child::start("the server", server)?;
    let address = server.address(TO_LISTEN, stop)?;
    let mut load = Child::start("the load", &mut load(address))?;
    let watched = watch(&mut server, &mut load, wish, stop)?;

    let Ok(text) = fs::read_to_string(&wish.json) else {
        return Err(PairError::NoReport(load.last_words()));
    };
    let report: LoadReport = serde_json::from_str(&text)?;
    let used = watched.samples.between(watched.from, watched.to);
    Ok(report.figures(used, wish.tick_rate, wish.seconds))
}

/// What was seen of the server, and when the load measured.
struct Watched {
    samples: Samples,
    from: Instant,
    to: Instant,
}

/// Reads the server's usage until the load has ended.
fn watch(
    server: &mut Child,
    load: &mut Child,
    wish: &Wish,
    stop: &AtomicBool,
) -> Result<Watched, ChildError> {
    let measured = Duration::from_secs_f64(wish.seconds);
    let within = measured + Duration::from_secs(u64::from(wish.players / wish.ramp.max(1))) + BESIDES;
    let began = Instant::now();
    let mut meter = Meter::of(server.id());
    let (mut samples, mut next) = (Samples::default(), began);
    let (mut from, mut to) = (None, None);
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(ChildError::Stopped);
        }
        let now = Instant::now();
        if now >= next {
            next = now + SAMPLE_EVERY;
            if let Some(usage) = meter.read() {
                samples.push(Sample { at: now, usage, busy: Busy::now() });
            }
        }
        // Before its words, so that none is missed. How it ended is in its report: that some did not get in is a result.
        let has_ended = load.ended()?.is_some();
        for line in load.heard() {
            match line.text.as_str() {
                "measuring" => from = Some(line.at),
                "measured" => to = Some(line.at),
                _ => {}
            }
        }
        if has_ended {
            break;
        }
        // For its last words, if it comes to them.
        server.heard();
        server.should_run()?;
        if began.elapsed() > within {
            return Err(load.slow(within, "to measure"));
        }
        thread::sleep(LOOK_EVERY);
    }
    let to = to.unwrap_or_else(|| Instant::now().checked_sub(LEAVING).unwrap_or(began));
    let from = from.unwrap_or_else(|| to.checked_sub(measured).unwrap_or(began));
    Ok(Watched { samples, from, to })
}
