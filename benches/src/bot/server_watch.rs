//! The server's own figures, read from its `/metrics` once a second while a run is measured. A server that has none,
//! or hides them, is no failure: there is nothing to report then.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::exposition::Exposition;

/// From one reading to the next.
const EVERY: Duration = Duration::from_secs(1);
/// How often the watch looks whether it is over.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// For the server to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// More is no answer.
const ANSWER_BYTES_MAX: u64 = 4 << 20;
/// A shorter time between two readings says nothing about a second.
const SECONDS_MIN: f64 = 0.5;

/// What a server measured of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ServerFigures {
    /// From the first reading to the last.
    pub seconds: f64,
    /// CPU time of the server's process.
    pub cpu_seconds: Option<f64>,
    /// The same, by the frames that all bots received, in microseconds.
    pub cpu_us_per_client_tick: Option<f64>,
    /// Memory of the server's process at the start, in bytes.
    pub rss_bytes_start: Option<f64>,
    /// The same at the end.
    pub rss_bytes_end: Option<f64>,
    /// The most at any reading.
    pub rss_bytes_max: Option<f64>,
    /// Work of a tick.
    pub tick_ms: Option<TickWork>,
    /// How late ticks began: one in a hundred was later.
    pub tick_lateness_p99_ms: Option<f64>,
    /// Ticks simulated.
    pub ticks: Option<f64>,
    /// Frames not made because their reader was slow.
    pub frames_skipped: Option<f64>,
    /// Slow readers brought back in step.
    pub resyncs: Option<f64>,
    /// The highest stage of giving way under load at any reading.
    pub overload_stage_max: Option<f64>,
    /// Second by second.
    pub series: Vec<ServerSecond>,
}

/// Work of a tick in milliseconds, as near as the server's buckets tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TickWork {
    /// Half are below.
    pub p50: f64,
    /// One in a hundred is above.
    pub p99: f64,
    /// One in a thousand is above.
    pub p999: f64,
    /// None is above; null if some are above the last bound.
    pub max_bucket: Option<f64>,
}

/// About a second of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ServerSecond {
    /// Which, from 1.
    pub second: f64,
    /// Work of a tick: half are below.
    pub tick_p50_ms: Option<f64>,
    /// One in a hundred is above.
    pub tick_p99_ms: Option<f64>,
    /// CPU time by time.
    pub cpu_cores: Option<f64>,
    /// Memory.
    pub rss_bytes: Option<f64>,
}

/// What was read, and when, in seconds.
type Readings = Vec<(f64, Exposition)>;

#[derive(Debug)]
pub(super) struct Watch {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Readings>,
}

impl Watch {
    /// Begins to read. `authority` is host and port. `None` if there can be no thread.
    pub(super) fn start(authority: &str) -> Option<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let (authority, until) = (authority.to_owned(), Arc::clone(&over));
        let thread =
            thread::Builder::new().name("metrics".to_owned()).spawn(move || read(&authority, &until)).ok()?;
        Some(Self { over, thread })
    }

    /// Reads once more and tells. `frames` are those that all bots received meanwhile.
    pub(super) fn stop(self, frames: u64) -> Option<ServerFigures> {
        self.over.store(true, Ordering::Relaxed);
        figures(&self.thread.join().ok()?, frames)
    }
}

fn read(authority: &str, over: &AtomicBool) -> Readings {
    let began = Instant::now();
    let mut readings = Vec::new();
    loop {
        let last = over.load(Ordering::Relaxed);
        let at = began.elapsed();
        match fetch(authority) {
            Ok(text) => readings.push((at.as_secs_f64(), Exposition::parse(&text))),
            // Whoever does not answer at first will not later.
            Err(_) if readings.is_empty() => return readings,
            Err(_) => {}
        }
        if last {
            return readings;
        }
        let next = began + EVERY * (at.as_secs_f64() as u32 + 1);
        while Instant::now() < next && !over.load(Ordering::Relaxed) {
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// Gets `/metrics` from a host, by a connection of its own.
fn fetch(authority: &str) -> io::Result<String> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in authority.to_socket_addrs()? {
        let mut stream = match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => stream,
            Err(error) => {
                last = error;
                continue;
            }
        };
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
        return body(&answer).ok_or_else(|| io::ErrorKind::InvalidData.into());
    }
    Err(last)
}

/// The text of an answer with status 200 that is sent in one piece.
fn body(answer: &[u8]) -> Option<String> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(answer).ok()? else {
        return None;
    };
    let in_parts = head.headers.iter().any(|header| header.name.eq_ignore_ascii_case("transfer-encoding"));
    let is_well = head.code == Some(200) && !in_parts;
    is_well.then(|| String::from_utf8(answer[length..].to_vec()).ok()).flatten()
}

const TICK: &str = "emberdrift_tick_seconds";
const CPU: &str = "process_cpu_seconds_total";
const RSS: &str = "process_resident_memory_bytes";

fn figures(readings: &Readings, frames: u64) -> Option<ServerFigures> {
    let ((from, first), (to, last)) = (readings.first()?, readings.last()?);
    let grown = |name: &str| Some(last.value(name)? - first.value(name)?);
    let most =
        |name: &str| readings.iter().filter_map(|(_, reading)| reading.value(name)).max_by(f64::total_cmp);
    let ms = |seconds: f64| seconds * 1000.0;
    let tick_work = last.histogram_since(first, TICK).and_then(|ticks| {
        Some(TickWork {
            p50: ms(ticks.quantile(0.5)?),
            p99: ms(ticks.quantile(0.99)?),
            p999: ms(ticks.quantile(0.999)?),
            max_bucket: ticks.highest().filter(|bound| bound.is_finite()).map(ms),
        })
    });
    let lateness = last.histogram_since(first, "emberdrift_tick_lateness_seconds");
    let cpu_seconds = grown(CPU);
    let series = readings.windows(2).filter_map(|pair| second(&pair[0], &pair[1])).collect();
    Some(ServerFigures {
        seconds: to - from,
        cpu_seconds,
        cpu_us_per_client_tick: cpu_seconds.filter(|_| frames > 0).map(|cpu| cpu * 1e6 / frames as f64),
        rss_bytes_start: first.value(RSS),
        rss_bytes_end: last.value(RSS),
        rss_bytes_max: most(RSS),
        tick_ms: tick_work,
        tick_lateness_p99_ms: lateness.and_then(|late| late.quantile(0.99)).map(ms),
        ticks: grown("emberdrift_ticks_total"),
        frames_skipped: grown("emberdrift_frames_skipped_total"),
        resyncs: grown("emberdrift_resyncs_total"),
        overload_stage_max: most("emberdrift_overload_level"),
        series,
    })
}

fn second(before: &(f64, Exposition), after: &(f64, Exposition)) -> Option<ServerSecond> {
    let ((from, before), (to, after)) = (before, after);
    if to - from < SECONDS_MIN {
        return None;
    }
    let ticks = after.histogram_since(before, TICK);
    let tick_ms = |share| Some(ticks.as_ref()?.quantile(share)? * 1000.0);
    let cpu = after.value(CPU).zip(before.value(CPU)).map(|(now, then)| now - then);
    Some(ServerSecond {
        second: to.round(),
        tick_p50_ms: tick_ms(0.5),
        tick_p99_ms: tick_ms(0.99),
        cpu_cores: cpu.map(|cpu| cpu / (to - from)),
        rss_bytes: after.value(RSS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(ticks: u32, cpu: f64, rss: u32) -> Exposition {
        Exposition::parse(&format!(
            "{TICK}_bucket{{le=\"0.01\"}} {ticks}\n{TICK}_bucket{{le=\"+Inf\"}} {ticks}\n\
             emberdrift_ticks_total {ticks}\n{CPU} {cpu}\n{RSS} {rss}\n"
        ))
    }

    #[test]
    fn figures_are_of_the_time_between_the_first_and_the_last_reading() {
        let readings =
            vec![(0.0, reading(100, 5.0, 7)), (1.0, reading(120, 5.5, 9)), (2.0, reading(140, 6.5, 8))];
        let figures = figures(&readings, 1_000_000).unwrap();
        assert_eq!((figures.seconds, figures.ticks, figures.cpu_seconds), (2.0, Some(40.0), Some(1.5)));
        assert_eq!(figures.cpu_us_per_client_tick, Some(1.5));
        assert_eq!((figures.rss_bytes_start, figures.rss_bytes_max), (Some(7.0), Some(9.0)));
        assert_eq!(figures.tick_ms.unwrap().max_bucket, Some(10.0));
        assert_eq!((figures.overload_stage_max, figures.frames_skipped), (None, None));
        let cores: Vec<_> = figures.series.iter().map(|second| second.cpu_cores).collect();
        assert_eq!(cores, [Some(0.5), Some(1.0)]);
    }

    #[test]
    fn a_server_without_metrics_has_no_figures() {
        assert_eq!(figures(&Vec::new(), 5), None);
        assert_eq!(body(b"HTTP/1.1 404 Not Found\r\n\r\nno"), None);
        assert_eq!(body(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"), None);
        assert_eq!(body(b"HTTP/1.1 200 OK\r\n\r\nx 1\n").as_deref(), Some("x 1\n"));
    }
}
