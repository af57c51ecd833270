//! The server's own figures, read from its `/metrics` once a second while a run is measured. A server without them is
//! no failure: the report has no such figures then.
//!
//! Of Prometheus' text format this reads what those figures need: sums over all labels, and differences of histograms.
//! The crate `prometheus-parse` would replace `sample` and `label` only, thirty lines, for four more dependencies
//! (chrono, itertools, once_cell, regex); `openmetrics-parser` is under the LGPL.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use super::load_report::{ServerFigures, ServerSecond};
use crate::report::{Spread, ratio};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_BYTES_MAX: u64 = 4 << 20;

const TICK: &str = "emberdrift_tick_seconds";
const TICK_LATENESS: &str = "emberdrift_tick_lateness_seconds";
const CPU: &str = "process_cpu_seconds_total";
const RSS: &str = "process_resident_memory_bytes";
const OVERLOAD: &str = "emberdrift_overload_level";

/// The scrapes of a run.
#[derive(Debug)]
pub(super) struct Watch {
    address: SocketAddr,
    first: Scrape,
    last: Scrape,
    rss_bytes_max: Option<f64>,
    overload_level_max: Option<f64>,
}

impl Watch {
    /// Scrapes for the first time. None if the server has no metrics.
    pub(super) fn start(address: SocketAddr) -> Option<Self> {
        let first = Scrape::fetch(address).ok()?;
        Some(Self {
            address,
            rss_bytes_max: first.value(RSS),
            overload_level_max: first.value(OVERLOAD),
            last: first.clone(),
            first,
        })
    }

    /// Scrapes again: what happened since the scrape before. None if the server does not answer.
    pub(super) fn next(&mut self) -> Option<ServerSecond> {
        let scrape = Scrape::fetch(self.address).ok()?;
        Some(self.add(scrape))
    }

    fn add(&mut self, scrape: Scrape) -> ServerSecond {
        let before = std::mem::replace(&mut self.last, scrape);
        let last = &self.last;
        // None is less than any number.
        let most = |a: Option<f64>, b: Option<f64>| if b > a { b } else { a };
        self.rss_bytes_max = most(self.rss_bytes_max, last.value(RSS));
        self.overload_level_max = most(self.overload_level_max, last.value(OVERLOAD));
        let seconds = (last.at - before.at).as_secs_f64();
        ServerSecond {
            tick_p50_ms: last.quantile_ms(&before, TICK, 0.5),
            tick_p99_ms: last.quantile_ms(&before, TICK, 0.99),
            cpu_cores: last.growth(&before, CPU).and_then(|cpu| ratio(cpu, seconds)),
            rss_bytes: last.value(RSS),
        }
    }

    /// From the first scrape to the last. `frames` are those that all bots received meanwhile.
    pub(super) fn figures(&self, frames: u64) -> ServerFigures {
        let Self { first, last, rss_bytes_max, overload_level_max, .. } = self;
        let tick_ms = last.quantile_ms(first, TICK, 0.5).map(|p50| Spread {
            p50: Some(p50),
            p99: last.quantile_ms(first, TICK, 0.99),
            p999: last.quantile_ms(first, TICK, 0.999),
            max: last.highest_ms(first, TICK).filter(|ms| ms.is_finite()),
            ..Spread::default()
        });
        let cpu_seconds = last.growth(first, CPU);
        ServerFigures {
            seconds: (last.at - first.at).as_secs_f64(),
            cpu_seconds,
            cpu_us_per_client_tick: cpu_seconds.and_then(|cpu| ratio(cpu * 1e6, frames as f64)),
            rss_bytes_start: first.value(RSS),
            rss_bytes_end: last.value(RSS),
            rss_bytes_max: *rss_bytes_max,
            tick_ms,
            tick_lateness_p99_ms: last.quantile_ms(first, TICK_LATENESS, 0.99),
            ticks: last.growth(first, "emberdrift_ticks_total"),
            frames_skipped: last.growth(first, "emberdrift_frames_skipped_total"),
            resyncs: last.growth(first, "emberdrift_resyncs_total"),
            overload_level_max: *overload_level_max,
        }
    }
}

/// How many observations were at most so large: cumulative, by rising bound. The last bound is infinite.
type Histogram = Vec<(f64, f64)>;

/// What a server reported at one moment.
#[derive(Clone, Debug)]
struct Scrape {
    at: Instant,
    values: BTreeMap<String, f64>,
    histograms: BTreeMap<String, Histogram>,
}

impl Scrape {
    /// `GET /metrics` over a connection of its own.
    fn fetch(address: SocketAddr) -> io::Result<Self> {
        let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
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
        let mut scrape = Self { at, values: BTreeMap::new(), histograms: BTreeMap::new() };
        for (name, labels, value) in text.lines().filter_map(sample) {
            let bucket = name.strip_suffix("_bucket").zip(label(labels, "le"));
            // Rust reads Prometheus' "+Inf" too.
            let bucket = bucket.and_then(|(name, bound)| Some((name, bound.parse::<f64>().ok()?)));
            let Some((name, bound)) = bucket else {
                *scrape.values.entry(name.to_owned()).or_default() += value;
                continue;
            };
            let buckets = scrape.histograms.entry(name.to_owned()).or_default();
            match buckets.binary_search_by(|(other, _)| other.total_cmp(&bound)) {
                Ok(index) => buckets[index].1 += value,
                Err(index) => buckets.insert(index, (bound, value)),
            }
        }
        scrape
    }

    /// A counter or a gauge, summed over all labels.
    fn value(&self, name: &str) -> Option<f64> {
        self.values.get(name).copied()
    }

    fn growth(&self, earlier: &Self, name: &str) -> Option<f64> {
        Some(self.value(name)? - earlier.value(name)?)
    }

    /// What was observed between an earlier moment and this one; none if nothing was.
    fn since(&self, earlier: &Self, name: &str) -> Option<Histogram> {
        let before = |bound: f64| {
            let buckets = earlier.histograms.get(name)?;
            buckets.iter().find(|(other, _)| *other == bound).map(|(_, count)| *count)
        };
        let now = self.histograms.get(name)?.iter();
        let between: Histogram =
            now.map(|&(bound, count)| (bound, count - before(bound).unwrap_or(0.0))).collect();
        between.last().is_some_and(|(_, count)| *count > 0.0).then_some(between)
    }

    /// The value with this share of the observations since `earlier` below it, in milliseconds. Within each bucket they
    /// are taken to be spread evenly; above the last finite bound they count as that bound.
    fn quantile_ms(&self, earlier: &Self, name: &str, share: f64) -> Option<f64> {
        let buckets = self.since(earlier, name)?;
        let wanted = share * buckets.last()?.1;
        let (mut low, mut below) = (0.0, 0.0);
        for (bound, count) in buckets {
            if count > 0.0 && count >= wanted {
                let part = ratio(wanted - below, count - below).unwrap_or(1.0);
                return Some(1000.0 * if bound.is_finite() { low + (bound - low) * part } else { low });
            }
            (low, below) = (bound, count);
        }
        None
    }

    /// The bound of the highest bucket with an observation since `earlier`, in milliseconds; infinite if it is the last.
    fn highest_ms(&self, earlier: &Self, name: &str) -> Option<f64> {
        let buckets = self.since(earlier, name)?;
        let all = buckets.last()?.1;
        buckets.iter().find(|(_, count)| *count >= all).map(|(bound, _)| bound * 1000.0)
    }
}

/// Name, labels and value of a line.
fn sample(line: &str) -> Option<(&str, &str, f64)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let (name, rest) = line.split_at(line.find(['{', ' ', '\t'])?);
    let (labels, rest) = match rest.strip_prefix('{') {
        // A label's value may contain braces, but nothing behind the labels does.
        Some(inside) => inside.rsplit_once('}')?,
        None => ("", rest),
    };
    // A time stamp may follow.
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some((name, labels, value))
}

/// The value of a label that contains no quotes.
fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    labels.split(',').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrape(second: u64, text: &str) -> Scrape {
        // Instants have no fixed beginning; only the difference of two counts.
        static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        Scrape::parse(*BEGAN.get_or_init(Instant::now) + Duration::from_secs(second), text)
    }

    const EARLIER: &str = "\
# TYPE tick_seconds histogram
tick_seconds_bucket{arena=\"a\",le=\"0.001\"} 10
tick_seconds_bucket{arena=\"a\",le=\"0.002\"} 10
tick_seconds_bucket{arena=\"a\",le=\"+Inf\"} 10
";
    const LATER: &str = "\
tick_seconds_bucket{arena=\"a\",le=\"0.001\"} 60
tick_seconds_bucket{arena=\"a\",le=\"0.002\"} 110
tick_seconds_bucket{arena=\"a\",le=\"+Inf\"} 110
ticks_total{arena=\"a\"} 110
ticks_total{arena=\"{b}, c\"} 5 1700000000
process_cpu_seconds_total 1.25
nonsense
broken{ 3
";

    #[test]
    fn values_are_summed_over_their_labels() {
        let scrape = scrape(0, LATER);
        assert_eq!(scrape.value("ticks_total"), Some(115.0));
        assert_eq!(scrape.value("process_cpu_seconds_total"), Some(1.25));
        assert_eq!(scrape.value("nonsense"), None);
    }

    #[test]
    fn quantiles_are_of_the_time_between_two_scrapes() {
        let (earlier, later) = (scrape(0, EARLIER), scrape(1, LATER));
        let quantile_ms = |share| later.quantile_ms(&earlier, "tick_seconds", share);
        assert_eq!(quantile_ms(0.5), Some(1.0));
        assert!((quantile_ms(0.75).unwrap() - 1.5).abs() < 1e-9);
        assert_eq!(later.highest_ms(&earlier, "tick_seconds"), Some(2.0));
        assert_eq!(later.quantile_ms(&later, "tick_seconds", 0.5), None);
        assert_eq!(later.quantile_ms(&earlier, "other_seconds", 0.5), None);
    }

    #[test]
    fn observations_above_all_bounds_count_as_the_last_bound() {
        let all = scrape(0, "x_bucket{le=\"1\"} 1\nx_bucket{le=\"+Inf\"} 10\n");
        let none = scrape(0, "");
        assert_eq!(all.quantile_ms(&none, "x", 0.99), Some(1000.0));
        assert_eq!(all.highest_ms(&none, "x"), Some(f64::INFINITY));
    }

    #[test]
    fn figures_are_of_the_time_between_the_first_and_the_last_scrape() {
        let at = |second, ticks: u32, cpu: f64, rss: u32| {
            let bucket =
                format!("{TICK}_bucket{{le=\"0.01\"}} {ticks}\n{TICK}_bucket{{le=\"+Inf\"}} {ticks}\n");
            scrape(second, &format!("{bucket}emberdrift_ticks_total {ticks}\n{CPU} {cpu}\n{RSS} {rss}\n"))
        };
        let first = at(0, 100, 5.0, 7);
        let address = ([127, 0, 0, 1], 1).into();
        let none = None;
        let mut watch =
            Watch { address, last: first.clone(), first, rss_bytes_max: Some(7.0), overload_level_max: none };
        let seconds = [watch.add(at(1, 120, 5.5, 9)), watch.add(at(2, 140, 6.5, 8))];
        assert_eq!(seconds.map(|second| second.cpu_cores), [Some(0.5), Some(1.0)]);
        let figures = watch.figures(1_000_000);
        assert_eq!((figures.seconds, figures.ticks, figures.cpu_seconds), (2.0, Some(40.0), Some(1.5)));
        assert_eq!(figures.cpu_us_per_client_tick, Some(1.5));
        assert_eq!((figures.rss_bytes_start, figures.rss_bytes_max), (Some(7.0), Some(9.0)));
        assert_eq!(figures.tick_ms.unwrap().max, Some(10.0));
        assert_eq!((figures.overload_level_max, figures.frames_skipped), (None, None));
    }
}
