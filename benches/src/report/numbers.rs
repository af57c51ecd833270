//! Times and their percentiles, and how numbers are written.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Longer times count as this long.
const TIME_US_MAX: u64 = 60_000_000;
/// Two significant figures: to a hundredth, in ten kilobytes a histogram.
const SIGNIFICANT_FIGURES: u8 = 2;

/// Many times, in microseconds.
#[derive(Clone, Debug)]
pub struct Times(Histogram<u32>);

impl Default for Times {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, TIME_US_MAX, SIGNIFICANT_FIGURES);
        Self(histogram.expect("constant bounds are valid"))
    }
}

impl Times {
    pub fn add_us(&mut self, us: u64) {
        self.0.saturating_record(us);
    }

    pub fn add_ms(&mut self, ms: f64) {
        self.add_us((ms * 1000.0) as u64);
    }

    pub fn merge(&mut self, other: &Self) {
        // It fails only if the bounds differ.
        let _ = self.0.add(&other.0);
    }

    /// In milliseconds; none without times.
    pub fn percentile_ms(&self, percentile: f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.value_at_percentile(percentile) as f64 / 1000.0)
    }

    /// p50, p99, p99.9 and the longest, in milliseconds.
    pub fn percentiles_ms(&self) -> Spread {
        let at = |percentile| self.percentile_ms(percentile);
        Spread { p50: at(50.0), p99: at(99.0), p999: at(99.9), max: at(100.0), ..Spread::default() }
    }
}

/// The mean, percentiles and the maximum of one measure; which are known depends on who measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spread {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p1: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p999: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// None if `by` is 0.
pub fn ratio(value: f64, by: f64) -> Option<f64> {
    (by > 0.0).then(|| value / by)
}

/// The value with this share, 0 to 1, of the others below it; sorts the values.
pub fn rank(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    values.get((last as f64 * share).round() as usize).copied()
}

/// A number with `decimals` decimals, or a dash if it is unknown.
pub fn fixed(value: impl Into<Option<f64>>, decimals: usize) -> String {
    value.into().map_or_else(|| "–".to_owned(), |value| grouped(value, decimals))
}

/// A number with `decimals` decimals, and with thin spaces between the thousands from 10,000 on.
fn grouped(value: f64, decimals: usize) -> String {
    let written = format!("{:.decimals$}", value.abs());
    let (whole, rest) = written.find('.').map_or((written.as_str(), ""), |at| written.split_at(at));
    let mut out = String::from(if value < 0.0 { "−" } else { "" });
    for (index, digit) in whole.chars().enumerate() {
        if whole.len() > 4 && index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out + rest
}

/// Two decimals, but none if the number is large or whole.
pub fn short(value: f64) -> String {
    grouped(value, if value.abs() >= 100.0 || value.fract() == 0.0 { 0 } else { 2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_to_a_hundredth_and_bounded() {
        let mut times = Times::default();
        assert_eq!(times.percentiles_ms(), Spread::default());
        (1..=1000).for_each(|ms| times.add_ms(f64::from(ms)));
        let p50 = times.percentile_ms(50.0).unwrap();
        assert!((p50 - 500.0).abs() < 5.0, "{p50}");
        times.add_ms(1e12);
        assert!((times.percentiles_ms().max.unwrap() - 60_000.0).abs() < 600.0);
        let mut other = Times::default();
        other.merge(&times);
        assert_eq!(other.percentiles_ms(), times.percentiles_ms());
    }

    #[test]
    fn rank_is_of_the_sorted_values() {
        assert_eq!(rank(&mut [3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(rank(&mut [], 0.5), None);
        assert_eq!((ratio(1.0, 4.0), ratio(1.0, 0.0)), (Some(0.25), None));
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([grouped(-1_234_567.8, 1), grouped(1234.0, 0)], ["−1\u{2009}234\u{2009}567.8", "1234"]);
        assert_eq!([fixed(None, 2), fixed(0.125, 2)], ["–", "0.12"]);
        assert_eq!([short(0.5), short(15.0), short(102.4)], ["0.50", "15", "102"]);
    }
}
