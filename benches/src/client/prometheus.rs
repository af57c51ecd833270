//! Prometheus' text format, as far as a server's figures need it: sums over all labels, and differences of histograms.
//! The crate `prometheus-parse` would replace `sample` and `label` only, thirty lines, for four more dependencies
//! (chrono, itertools, once_cell, regex); `openmetrics-parser` is under the LGPL.

use std::collections::BTreeMap;

/// What a server reported at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Scrape {
    values: BTreeMap<String, f64>,
    histograms: BTreeMap<String, Histogram>,
}

/// How many observations were at most so large: cumulative, by rising bound. The last bound is infinite.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Histogram(Vec<(f64, f64)>);

impl Scrape {
    /// Skips lines that cannot be read.
    pub(super) fn parse(text: &str) -> Self {
        let mut scrape = Self::default();
        for (name, labels, value) in text.lines().filter_map(sample) {
            let bucket = name.strip_suffix("_bucket").zip(label(labels, "le"));
            // Rust reads Prometheus' "+Inf" too.
            let bucket = bucket.and_then(|(name, bound)| Some((name, bound.parse::<f64>().ok()?)));
            if let Some((name, bound)) = bucket {
                scrape.histograms.entry(name.to_owned()).or_default().add(bound, value);
            } else {
                *scrape.values.entry(name.to_owned()).or_default() += value;
            }
        }
        scrape
    }

    /// A counter or a gauge, summed over all labels.
    pub(super) fn value(&self, name: &str) -> Option<f64> {
        self.values.get(name).copied()
    }

    /// What was observed between an earlier moment and this one.
    pub(super) fn histogram_since(&self, earlier: &Self, name: &str) -> Option<Histogram> {
        let empty = Histogram::default();
        let before = earlier.histograms.get(name).unwrap_or(&empty);
        self.histograms.get(name).map(|now| now.since(before))
    }
}

impl Histogram {
    fn add(&mut self, bound: f64, count: f64) {
        match self.0.binary_search_by(|(other, _)| other.total_cmp(&bound)) {
            Ok(index) => self.0[index].1 += count,
            Err(index) => self.0.insert(index, (bound, count)),
        }
    }

    fn since(&self, earlier: &Self) -> Self {
        let before = |bound| earlier.0.iter().find(|(other, _)| *other == bound).map_or(0.0, |(_, n)| *n);
        Self(self.0.iter().map(|(bound, count)| (*bound, count - before(*bound))).collect())
    }

    fn count(&self) -> f64 {
        self.0.last().map_or(0.0, |(_, count)| *count)
    }

    /// The value with this share of the observations below it, which are taken to be spread evenly within each bucket.
    /// Observations above the last finite bound count as that bound.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.count();
        let (mut low, mut below) = (0.0, 0.0);
        for (bound, count) in &self.0 {
            if *count > 0.0 && *count >= wanted {
                let inside = count - below;
                let part = if inside > 0.0 { (wanted - below) / inside } else { 1.0 };
                return Some(if bound.is_finite() { low + (bound - low) * part } else { low });
            }
            (low, below) = (*bound, *count);
        }
        None
    }

    /// The bound of the highest bucket that is not empty; infinite if it is the last.
    pub(super) fn highest(&self) -> Option<f64> {
        let all = self.count();
        self.0.iter().find(|(_, count)| all > 0.0 && *count >= all).map(|(bound, _)| *bound)
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

    const EARLIER: &str = "\
# TYPE tick_seconds histogram
tick_seconds_bucket{arena=\"a\",le=\"0.001\"} 10
tick_seconds_bucket{arena=\"a\",le=\"0.002\"} 10
tick_seconds_bucket{arena=\"a\",le=\"+Inf\"} 10
ticks_total{arena=\"a\"} 10
";
    const LATER: &str = "\
tick_seconds_bucket{arena=\"a\",le=\"0.001\"} 60
tick_seconds_bucket{arena=\"a\",le=\"0.002\"} 110
tick_seconds_bucket{arena=\"a\",le=\"+Inf\"} 110
tick_seconds_sum{arena=\"a\"} 0.5
tick_seconds_count{arena=\"a\"} 110
ticks_total{arena=\"a\"} 110
ticks_total{arena=\"{b}, c\"} 5 1700000000
process_cpu_seconds_total 1.25
nonsense
broken{ 3
";

    #[test]
    fn values_are_summed_over_their_labels() {
        let scrape = Scrape::parse(LATER);
        assert_eq!(scrape.value("ticks_total"), Some(115.0));
        assert_eq!(scrape.value("process_cpu_seconds_total"), Some(1.25));
        assert_eq!(scrape.value("nonsense"), None);
    }

    #[test]
    fn quantiles_are_of_the_time_between_two_scrapes() {
        let (earlier, later) = (Scrape::parse(EARLIER), Scrape::parse(LATER));
        let between = later.histogram_since(&earlier, "tick_seconds").unwrap();
        assert_eq!(between.count(), 100.0);
        assert_eq!(between.quantile(0.5), Some(0.001));
        assert!((between.quantile(0.75).unwrap() - 0.0015).abs() < 1e-9);
        assert_eq!(between.highest(), Some(0.002));
        let nothing = later.histogram_since(&later, "tick_seconds").unwrap();
        assert_eq!((nothing.quantile(0.5), nothing.highest()), (None, None));
        assert_eq!(later.histogram_since(&earlier, "other_seconds"), None);
    }

    #[test]
    fn observations_above_all_bounds_count_as_the_last_bound() {
        let scrape = Scrape::parse("x_bucket{le=\"1\"} 1\nx_bucket{le=\"+Inf\"} 10\n");
        let all = scrape.histogram_since(&Scrape::default(), "x").unwrap();
        assert_eq!((all.quantile(0.99), all.highest()), (Some(1.0), Some(f64::INFINITY)));
    }
}
