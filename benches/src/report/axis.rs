//! Axes: from values to places in the drawing, and round values to label.

#![allow(clippy::disallowed_methods, reason = "a chart is only looked at")]

use super::numbers::{grouped, readable};

/// How an axis runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    #[default]
    Linear,
    /// For percentiles, 0 to below 100: 90, 99 and 99.9 are equally far apart, so that the worst have room.
    Percentile,
}

/// Percentiles that may be labelled.
const PERCENTILES: [f64; 7] = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999];

impl Scale {
    /// Where a value lies along the scale; not finite if it lies nowhere.
    pub(super) fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Percentile => -(1.0 - value / 100.0).log10(),
        }
    }
}

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
    /// An x-axis: from the least to the greatest of `values`, which must lie on the scale.
    pub(super) fn fitted(scale: Scale, values: &[f64], wanted_ticks: usize, ends: (f64, f64)) -> Self {
        let (low, high) = bounds(values);
        match scale {
            Scale::Linear => {
                let high = if low == high { low + 1.0 } else { high };
                Self::linear(round_step((high - low) / wanted_ticks as f64), low, high, ends)
            }
            Scale::Percentile => {
                let high = scale.place(high).max(0.5);
                let is_inside = |tick: &f64| scale.place(*tick) <= high + 1e-9;
                let ticks = PERCENTILES.into_iter().filter(is_inside).collect();
                Self { scale, low: 0.0, high, ends, ticks, decimals: 3 }
            }
        }
    }

    /// A y-axis: linear, from 0 or the least value to a round value that is not below any.
    pub(super) fn from_zero(values: &[f64], wanted_ticks: usize, ends: (f64, f64)) -> Self {
        let (low, high) = bounds(values);
        let (low, high) = (low.min(0.0), high.max(0.0));
        let span = if high > low { high - low } else { 1.0 };
        let step = round_step(span / wanted_ticks as f64);
        let (low, high) = ((low / step).floor() * step, ((low + span) / step).ceil() * step);
        Self::linear(step, low, high, ends)
    }

    fn linear(step: f64, low: f64, high: f64, ends: (f64, f64)) -> Self {
        let first = (low / step - 1e-9).ceil();
        let count = ((high / step + 1e-9).floor() - first) as usize + 1;
        let ticks = (0..count).map(|n| (first + n as f64) * step).collect();
        Self { scale: Scale::Linear, low, high, ends, ticks, decimals: decimals(step) }
    }

    /// The place of a value in the drawing.
    pub(super) fn at(&self, value: f64) -> f64 {
        let part = (self.scale.place(value) - self.low) / (self.high - self.low);
        self.ends.0 + part * (self.ends.1 - self.ends.0)
    }

    /// Round values and their labels.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (f64, String)> + '_ {
        self.ticks.iter().map(|&tick| match self.scale {
            Scale::Linear => (tick, grouped(tick, self.decimals)),
            Scale::Percentile => (tick, readable(tick)),
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
    let steps = [1.0, 2.0, 2.5, 5.0].map(|factor| factor * power);
    steps.into_iter().find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// Decimals that tell multiples of a round step apart.
fn decimals(step: f64) -> usize {
    let is_whole = |value: f64| (value - value.round()).abs() < 1e-6 * value;
    (0..9).find(|decimals| is_whole(step * 10_f64.powi(*decimals))).unwrap_or(9) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        let axis = Axis::from_zero(&[3.0, 87.3], 5, (100.0, 0.0));
        assert_eq!(labels(&axis), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!((axis.at(0.0), axis.at(100.0)), (100.0, 0.0));
        let small = Axis::from_zero(&[0.0007], 5, (100.0, 0.0));
        assert_eq!(labels(&small), ["0.0000", "0.0002", "0.0004", "0.0006", "0.0008"]);
        assert_eq!(labels(&Axis::from_zero(&[0.0], 5, (1.0, 0.0))).len(), 6);
        let below = Axis::from_zero(&[-1500.0, 2000.0], 5, (100.0, 0.0));
        assert_eq!(labels(&below), ["−2000", "−1000", "0", "1000", "2000"]);
        assert_eq!(labels(&Axis::fitted(Scale::Linear, &[7.0], 8, (0.0, 1.0))).first().unwrap(), "7.0");
    }

    #[test]
    fn percentiles_are_spaced_by_the_share_above_them() {
        let axis = Axis::fitted(Scale::Percentile, &[0.0, 99.99], 8, (0.0, 400.0));
        assert_eq!(labels(&axis), ["0", "50", "90", "99", "99.9", "99.99"]);
        assert!((axis.at(99.0) - 200.0).abs() < 0.1);
        assert!(!Scale::Percentile.place(100.0).is_finite());
    }
}
