//! Axes: from numbers to places in the drawing, and round numbers to write beside them.

#![allow(clippy::disallowed_methods, reason = "a chart is only looked at")]

/// How an axis runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// Each factor of ten takes the same way; for numbers above 0.
    Log,
    /// For percentiles, 0 to below 100: 90, 99, 99.9 lie evenly, so that the worst is not squeezed into the edge.
    Percentile,
}

/// Percentiles that may be written at an axis.
const PERCENTILES: [f64; 7] = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999];

impl Scale {
    /// Where a value lies along the scale; not finite if it lies nowhere.
    pub(super) fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.log10(),
            Self::Percentile => -(1.0 - value / 100.0).log10(),
        }
    }
}

/// An axis that is fitted to what is on it.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    scale: Scale,
    /// Along the scale.
    low: f64,
    high: f64,
    /// In the drawing: where `low` and where `high` are.
    ends: (f64, f64),
    ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// From the least to the greatest of `values`, which must lie on the scale.
    pub(super) fn fitted(scale: Scale, values: &[f64], wanted: usize, ends: (f64, f64)) -> Self {
        let (low, high) = bounds(values);
        match scale {
            Scale::Linear => {
                let (low, high) = if low == high { (low, low + 1.0) } else { (low, high) };
                let step = round_step((high - low) / wanted as f64);
                let ticks = multiples(step, low, high);
                Self { scale, low, high, ends, ticks, decimals: decimals(step) }
            }
            Scale::Log => {
                let (from, to) = (low.log10(), high.log10());
                let (from, to) = if from == to { (from - 0.5, to + 0.5) } else { (from, to) };
                let factors: &[f64] = if to - from > 3.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
                let decades = (from.floor() as i32)..=(to.ceil() as i32);
                let all =
                    decades.flat_map(|decade| factors.iter().map(move |factor| factor * 10_f64.powi(decade)));
                let ticks = all.filter(|tick| (from - 1e-9..=to + 1e-9).contains(&tick.log10())).collect();
                Self { scale, low: from, high: to, ends, ticks, decimals: decimals(low) }
            }
            Scale::Percentile => {
                let to = scale.place(high).max(0.5);
                let ticks = PERCENTILES.into_iter().filter(|tick| scale.place(*tick) <= to + 1e-9).collect();
                Self { scale, low: 0.0, high: to, ends, ticks, decimals: 3 }
            }
        }
    }

    /// Linear, from 0 or the least value to a round number that is not below any.
    pub(super) fn from_zero(values: &[f64], wanted: usize, ends: (f64, f64)) -> Self {
        let (low, high) = bounds(values);
        let (low, high) = (low.min(0.0), high.max(0.0));
        let span = if high > low { high - low } else { 1.0 };
        let step = round_step(span / wanted as f64);
        let (low, high) = ((low / step).floor() * step, ((low + span) / step).ceil() * step);
        let ticks = multiples(step, low, high);
        Self { scale: Scale::Linear, low, high, ends, ticks, decimals: decimals(step) }
    }

    /// The place of a value in the drawing.
    pub(super) fn at(&self, value: f64) -> f64 {
        let part = (self.scale.place(value) - self.low) / (self.high - self.low);
        self.ends.0 + part * (self.ends.1 - self.ends.0)
    }

    /// Round values and how they are written.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (f64, String)> + '_ {
        self.ticks.iter().map(|tick| {
            let label = match self.scale {
                Scale::Linear => grouped(*tick, self.decimals),
                Scale::Log | Scale::Percentile => readable(*tick),
            };
            (*tick, label)
        })
    }
}

fn bounds(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// The least of 1, 2, 2.5, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

fn multiples(step: f64, low: f64, high: f64) -> Vec<f64> {
    let first = (low / step - 1e-9).ceil();
    let count = ((high / step + 1e-9).floor() - first) as usize + 1;
    (0..count).map(|n| (first + n as f64) * step).collect()
}

/// Decimals that tell multiples of a round step apart.
fn decimals(step: f64) -> usize {
    (0..9)
        .find(|places| {
            let shifted = step * 10_f64.powi(*places);
            (shifted - shifted.round()).abs() < 1e-6 * shifted
        })
        .unwrap_or(9) as usize
}

/// With so many decimals, and thin spaces between the thousands.
fn grouped(value: f64, decimals: usize) -> String {
    let written = format!("{:.decimals$}", value.abs());
    let (whole, rest) = written.find('.').map_or((written.as_str(), ""), |at| written.split_at(at));
    let mut out = String::new();
    if value < 0.0 {
        out.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out + rest
}

/// Four digits or so, without zeros at the end.
pub(super) fn readable(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 1000.0 => 0,
        // 99.99 % must not become 100.
        size if size >= 10.0 => 3,
        _ => 4,
    };
    let text = grouped(value, places);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_the_top_is_not_below_the_values() {
        let axis = Axis::from_zero(&[3.0, 87.3], 5, (100.0, 0.0));
        assert_eq!(labels(&axis), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!((axis.at(0.0), axis.at(100.0)), (100.0, 0.0));
        let small = Axis::from_zero(&[0.0007], 5, (100.0, 0.0));
        assert_eq!(labels(&small), ["0.0000", "0.0002", "0.0004", "0.0006", "0.0008"]);
        assert_eq!(labels(&Axis::from_zero(&[0.0], 5, (1.0, 0.0))).len(), 6);
    }

    #[test]
    fn thousands_are_grouped_and_less_than_nothing_has_a_sign() {
        let axis = Axis::from_zero(&[-1500.0, 2000.0], 5, (100.0, 0.0));
        assert_eq!(labels(&axis), ["−2\u{2009}000", "−1\u{2009}000", "0", "1\u{2009}000", "2\u{2009}000"]);
    }

    #[test]
    fn percentiles_lie_by_what_is_left_above_them() {
        let axis = Axis::fitted(Scale::Percentile, &[0.0, 99.99], 8, (0.0, 400.0));
        assert_eq!(labels(&axis), ["0", "50", "90", "99", "99.9", "99.99"]);
        assert!((axis.at(99.0) - 200.0).abs() < 0.1);
        assert!(!Scale::Percentile.place(100.0).is_finite());
    }

    #[test]
    fn a_logarithm_has_its_own_round_numbers() {
        let axis = Axis::fitted(Scale::Log, &[100.0, 3000.0], 8, (0.0, 1.0));
        assert_eq!(labels(&axis), ["100", "200", "500", "1\u{2009}000", "2\u{2009}000"]);
    }
}
