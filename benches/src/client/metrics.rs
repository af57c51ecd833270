//! The server's own figures, read from its `/metrics` before and after the measured time. A server without them is no
//! failure: the report has no such figures then.
//!
//! Of Prometheus' text format this reads what those figures need: sums over all labels, and differences of histograms.
//! The crate `prometheus-parse` would replace `sample` only, for four more dependencies (chrono, itertools, once_cell,
//! regex); `openmetrics-parser` is under the LGPL.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{Address, load_report::ServerFigures, tls::Stream};
use crate::report::{Spread, ratio};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_BYTES_MAX: u64 = 4 << 20;

const TICK: &str = "emberdrift_tick_seconds_bucket";
const CPU: &str = "process_cpu_seconds_total";
const RSS: &str = "process_resident_memory_bytes";

/// What a server reported at one moment, summed over all labels but buckets' bounds.
#[derive(Clone, Debug)]
pub struct Scrape {
    at: Instant,
    values: BTreeMap<String, f64>,
    /// Upper bounds in seconds, ascending, and the number of ticks that took at most that long. The last bound is infinite.
    ticks: Vec<(f64, f64)>,
}

impl Scrape {
    /// `GET /metrics` over a connection of its own, from the server of `address`, which is found at `at`.
    ///
    /// # Errors
    /// If the server does not answer in time, or has no such page.
    pub fn fetch(address: &Address, at: SocketAddr) -> io::Result<Self> {
        let mut stream = Stream::connect(address, at, ANSWER_TIMEOUT)?;
        let host = &address.authority;
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
        stream.flush()?;
        let at = Instant::now();
        let mut answer = String::new();
        stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(Self::parse(at, body)),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Skips lines that cannot be read.
    fn parse(at: Instant, text: &str) -> Self {
        let mut scrape = Self { at, values: BTreeMap::new(), ticks: Vec::new() };
        for (name, labels, value) in text.lines().filter_map(sample) {
            if name != TICK {
                *scrape.values.entry(name.to_owned()).or_default() += value;
                continue;
            }
            // Rust reads Prometheus' "+Inf" too.
            let bound = labels.split_once("le=\"").and_then(|(_, rest)| rest.split('"').next()?.parse().ok());
            let Some(bound) = bound else { continue };
            match scrape.ticks.binary_search_by(|(other, _): &(f64, f64)| other.total_cmp(&bound)) {
                Ok(index) => scrape.ticks[index].1 += value,
                Err(index) => scrape.ticks.insert(index, (bound, value)),
            }
        }
        scrape
    }

    /// A counter or a gauge.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values.get(name).copied()
    }

    /// What the server did since an earlier scrape.
    pub(super) fn since(&self, earlier: &Self) -> ServerFigures {
        let growth = |name: &str| Some(self.value(name)? - earlier.value(name)?);
        ServerFigures {
            seconds: (self.at - earlier.at).as_secs_f64(),
            cpu_seconds: growth(CPU),
            rss_bytes_start: earlier.value(RSS),
            rss_bytes_end: self.value(RSS),
            tick_ms: self.tick_ms(earlier),
            ticks: growth("emberdrift_ticks_total"),
            frames_skipped: growth("emberdrift_frames_skipped_total"),
            resyncs: growth("emberdrift_resyncs_total"),
        }
    }

    fn tick_ms(&self, earlier: &Self) -> Option<Spread> {
        let before = |bound: f64| earlier.ticks.iter().find(|(other, _)| *other == bound);
        let buckets = self.ticks.iter();
        let buckets: Vec<_> = buckets
            .map(|&(bound, count)| (bound, count - before(bound).map_or(0.0, |(_, it)| *it)))
            .collect();
        let all = buckets.last().map(|(_, count)| *count).filter(|count| *count > 0.0)?;
        let at = |share: f64| quantile(&buckets, share * all).map(|seconds| 1000.0 * seconds);
        Some(Spread { p50: at(0.5), p99: at(0.99), p999: at(0.999), ..Spread::default() })
    }
}

/// The value with `wanted` observations below it. Within each bucket they are taken to be spread evenly; above the last
/// finite bound they count as that bound.
fn quantile(buckets: &[(f64, f64)], wanted: f64) -> Option<f64> {
    let (mut low, mut below) = (0.0, 0.0);
    for &(bound, count) in buckets {
        if count > 0.0 && count >= wanted {
            let part = ratio(wanted - below, count - below).unwrap_or(1.0);
            return Some(if bound.is_finite() { low + (bound - low) * part } else { low });
        }
        (low, below) = (bound, count);
    }
    None
}

/// Name, labels and value of a line. A label's value may contain braces, but nothing behind the labels does; a time stamp
/// may follow.
fn sample(line: &str) -> Option<(&str, &str, f64)> {
    let line = line.trim();
    let (name, rest) = line.split_at(line.find(['{', ' ', '\t'])?);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => inside.rsplit_once('}')?,
        None => ("", rest),
    };
    (!name.starts_with('#')).then_some((name, labels, rest.split_whitespace().next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLIER: &str = "\
# TYPE emberdrift_tick_seconds histogram
emberdrift_tick_seconds_bucket{arena=\"a\",le=\"0.001\"} 10
emberdrift_tick_seconds_bucket{arena=\"a\",le=\"0.002\"} 10
emberdrift_tick_seconds_bucket{arena=\"a\",le=\"+Inf\"} 10
emberdrift_ticks_total{arena=\"a\"} 10
process_cpu_seconds_total 1.25
process_resident_memory_bytes 7
";
    const LATER: &str = "\
emberdrift_tick_seconds_bucket{arena=\"a\",le=\"0.001\"} 60
emberdrift_tick_seconds_bucket{arena=\"a\",le=\"0.002\"} 100
emberdrift_tick_seconds_bucket{arena=\"b\",le=\"0.002\"} 10
emberdrift_tick_seconds_bucket{arena=\"a\",le=\"+Inf\"} 110
emberdrift_ticks_total{arena=\"a\"} 110
emberdrift_ticks_total{arena=\"{b}, c\"} 5 1700000000
process_cpu_seconds_total 2.75
process_resident_memory_bytes 9
nonsense
broken{ 3
";

    #[test]
    fn figures_are_of_the_time_between_two_scrapes_and_summed_over_labels() {
        let began = Instant::now();
        let earlier = Scrape::parse(began, EARLIER);
        let later = Scrape::parse(began + Duration::from_secs(2), LATER);
        let figures = later.since(&earlier);
        assert_eq!((figures.seconds, figures.ticks, figures.cpu_seconds), (2.0, Some(105.0), Some(1.5)));
        assert_eq!((figures.rss_bytes_start, figures.rss_bytes_end), (Some(7.0), Some(9.0)));
        assert_eq!((figures.tick_ms.unwrap().p50, figures.frames_skipped), (Some(1.0), None));
        assert_eq!(later.since(&later).tick_ms, None);
    }

    #[test]
    fn quantiles_are_even_within_a_bucket_and_end_with_the_last_bound() {
        let buckets = [(1.0, 50.0), (2.0, 100.0), (f64::INFINITY, 110.0)];
        assert_eq!([50.0, 75.0, 109.0].map(|wanted| quantile(&buckets, wanted)), [1.0, 1.5, 2.0].map(Some));
        assert_eq!(quantile(&[], 1.0), None);
    }
}
