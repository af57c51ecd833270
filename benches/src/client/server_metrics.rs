//! The server's own figures, read from its `/metrics` once a second while a run is measured. A server without them is
//! no failure: the report has no such figures then.

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

use serde::{Deserialize, Serialize};

use super::prometheus::Scrape;
use crate::report::Percentiles;

const SCRAPE_EVERY: Duration = Duration::from_secs(1);
const CHECK_EVERY: Duration = Duration::from_millis(20);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_BYTES_MAX: u64 = 4 << 20;
/// Two scrapes that are nearer say nothing about a second.
const SECONDS_MIN: f64 = 0.5;

const TICK: &str = "emberdrift_tick_seconds";
const TICK_LATENESS: &str = "emberdrift_tick_lateness_seconds";
const CPU: &str = "process_cpu_seconds_total";
const RSS: &str = "process_resident_memory_bytes";

/// What a server measured of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerFigures {
    /// From the first scrape to the last.
    pub seconds: f64,
    /// Of the server's process.
    pub cpu_seconds: Option<f64>,
    /// The same, by the frames that all bots received, in microseconds.
    pub cpu_us_per_client_tick: Option<f64>,
    pub rss_bytes_start: Option<f64>,
    pub rss_bytes_end: Option<f64>,
    /// The most at any scrape.
    pub rss_bytes_max: Option<f64>,
    /// Work of a tick, as exact as the server's buckets; `max` is the bound of the highest one.
    pub tick_ms: Option<Percentiles>,
    pub tick_lateness_p99_ms: Option<f64>,
    pub ticks: Option<f64>,
    /// Frames that were not made because their reader was slow.
    pub frames_skipped: Option<f64>,
    /// Slow readers that got a full view again.
    pub resyncs: Option<f64>,
    /// The load shedder's highest level at any scrape.
    pub overload_level_max: Option<f64>,
    pub series: Vec<ServerSecond>,
}

/// About a second of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerSecond {
    /// Which, from 1.
    pub second: f64,
    pub tick_p50_ms: Option<f64>,
    pub tick_p99_ms: Option<f64>,
    pub cpu_cores: Option<f64>,
    pub rss_bytes: Option<f64>,
}

/// With the seconds since the first.
type Scrapes = Vec<(f64, Scrape)>;

#[derive(Debug)]
pub(super) struct Watch {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<Scrapes>,
}

impl Watch {
    /// Begins to scrape; `authority` is host and port. None if the system gives no thread.
    pub(super) fn start(authority: &str) -> Option<Self> {
        let is_over = Arc::new(AtomicBool::new(false));
        let (authority, until) = (authority.to_owned(), Arc::clone(&is_over));
        let scrape = move || scrape_until(&authority, &until);
        let thread = thread::Builder::new().name("metrics".to_owned()).spawn(scrape).ok()?;
        Some(Self { is_over, thread })
    }

    /// Scrapes once more and reports. `frames` are those that all bots received meanwhile.
    pub(super) fn stop(self, frames: u64) -> Option<ServerFigures> {
        self.is_over.store(true, Ordering::Relaxed);
        figures(&self.thread.join().ok()?, frames)
    }
}

fn scrape_until(authority: &str, is_over: &AtomicBool) -> Scrapes {
    let began = Instant::now();
    let mut scrapes = Vec::new();
    loop {
        let is_last = is_over.load(Ordering::Relaxed);
        let at = began.elapsed();
        match fetch(authority) {
            Ok(text) => scrapes.push((at.as_secs_f64(), Scrape::parse(&text))),
            // A server that does not answer at first has no metrics.
            Err(_) if scrapes.is_empty() => return scrapes,
            Err(_) => {}
        }
        if is_last {
            return scrapes;
        }
        let next = began + SCRAPE_EVERY * (at.as_secs_f64() as u32 + 1);
        while Instant::now() < next && !is_over.load(Ordering::Relaxed) {
            thread::sleep(CHECK_EVERY);
        }
    }
}

/// `GET /metrics` over a connection of its own.
fn fetch(authority: &str) -> io::Result<String> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in authority.to_socket_addrs()? {
        let mut stream = match TcpStream::connect_timeout(&address, ANSWER_TIMEOUT) {
            Ok(stream) => stream,
            Err(error) => {
                last = error;
                continue;
            }
        };
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
        return body(&answer).ok_or_else(|| io::ErrorKind::InvalidData.into());
    }
    Err(last)
}

/// The text of an answer with status 200 that is not sent in chunks.
fn body(answer: &[u8]) -> Option<String> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(answer).ok()? else {
        return None;
    };
    let is_chunked = head.headers.iter().any(|header| header.name.eq_ignore_ascii_case("transfer-encoding"));
    let is_good = head.code == Some(200) && !is_chunked;
    is_good.then(|| String::from_utf8(answer[length..].to_vec()).ok()).flatten()
}

fn figures(scrapes: &Scrapes, frames: u64) -> Option<ServerFigures> {
    let ((from, first), (to, last)) = (scrapes.first()?, scrapes.last()?);
    let growth = |name: &str| Some(last.value(name)? - first.value(name)?);
    let most =
        |name: &str| scrapes.iter().filter_map(|(_, scrape)| scrape.value(name)).max_by(f64::total_cmp);
    let quantile_ms = |name: &str, share| Some(last.histogram_since(first, name)?.quantile(share)? * 1000.0);
    let highest_ms = || Some(last.histogram_since(first, TICK)?.highest()? * 1000.0);
    let tick_ms = quantile_ms(TICK, 0.5).map(|p50| Percentiles {
        p1: None,
        p50: Some(p50),
        p99: quantile_ms(TICK, 0.99),
        p999: quantile_ms(TICK, 0.999),
        max: highest_ms().filter(|ms| ms.is_finite()),
    });
    let cpu_seconds = growth(CPU);
    Some(ServerFigures {
        seconds: to - from,
        cpu_seconds,
        cpu_us_per_client_tick: cpu_seconds.filter(|_| frames > 0).map(|cpu| cpu * 1e6 / frames as f64),
        rss_bytes_start: first.value(RSS),
        rss_bytes_end: last.value(RSS),
        rss_bytes_max: most(RSS),
        tick_ms,
        tick_lateness_p99_ms: quantile_ms(TICK_LATENESS, 0.99),
        ticks: growth("emberdrift_ticks_total"),
        frames_skipped: growth("emberdrift_frames_skipped_total"),
        resyncs: growth("emberdrift_resyncs_total"),
        overload_level_max: most("emberdrift_overload_level"),
        series: scrapes.windows(2).filter_map(|pair| second(&pair[0], &pair[1])).collect(),
    })
}

fn second((from, before): &(f64, Scrape), (to, after): &(f64, Scrape)) -> Option<ServerSecond> {
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

    fn scrape(ticks: u32, cpu: f64, rss: u32) -> Scrape {
        Scrape::parse(&format!(
            "{TICK}_bucket{{le=\"0.01\"}} {ticks}\n{TICK}_bucket{{le=\"+Inf\"}} {ticks}\n\
             emberdrift_ticks_total {ticks}\n{CPU} {cpu}\n{RSS} {rss}\n"
        ))
    }

    #[test]
    fn figures_are_of_the_time_between_the_first_and_the_last_scrape() {
        let scrapes =
            vec![(0.0, scrape(100, 5.0, 7)), (1.0, scrape(120, 5.5, 9)), (2.0, scrape(140, 6.5, 8))];
        let figures = figures(&scrapes, 1_000_000).unwrap();
        assert_eq!((figures.seconds, figures.ticks, figures.cpu_seconds), (2.0, Some(40.0), Some(1.5)));
        assert_eq!(figures.cpu_us_per_client_tick, Some(1.5));
        assert_eq!((figures.rss_bytes_start, figures.rss_bytes_max), (Some(7.0), Some(9.0)));
        assert_eq!(figures.tick_ms.unwrap().max, Some(10.0));
        assert_eq!((figures.overload_level_max, figures.frames_skipped), (None, None));
        let cores: Vec<_> = figures.series.iter().map(|second| second.cpu_cores).collect();
        assert_eq!(cores, [Some(0.5), Some(1.0)]);
    }

    #[test]
    fn server_without_metrics_has_no_figures() {
        assert_eq!(figures(&Vec::new(), 5), None);
        assert_eq!(body(b"HTTP/1.1 404 Not Found\r\n\r\nno"), None);
        assert_eq!(body(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"), None);
        assert_eq!(body(b"HTTP/1.1 200 OK\r\n\r\nx 1\n").as_deref(), Some("x 1\n"));
    }
}
