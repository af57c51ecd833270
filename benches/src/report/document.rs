//! What every report is made of: a verdict, sections with a table each, and charts. Numbers that are only shown are words
//! here already; a [`Check`] keeps its number, because its outcome follows from it.

use serde::Serialize;

use super::numbers::short;

#[derive(Clone, Debug, Default)]
pub struct Document {
    pub title: String,
    /// What was measured, on what, for how long.
    pub lead: String,
    pub verdict: String,
    pub sections: Vec<Section>,
    pub charts: Vec<Chart>,
}

#[derive(Clone, Debug, Default)]
pub struct Section {
    pub title: String,
    pub head: Vec<String>,
    /// All rows are as long as the head.
    pub rows: Vec<Vec<String>>,
    /// Stands below the table; may be empty.
    pub note: String,
}

/// Lines over common values of x.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    pub title: String,
    /// What x is, and in what unit.
    pub x_label: String,
    /// What y is, and in what unit.
    pub y_label: String,
    pub x: Vec<f64>,
    /// Each line's name and its y for each x.
    pub lines: Vec<(String, Vec<f64>)>,
}

/// A figure and its threshold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What it is, with its unit.
    pub figure: String,
    /// None if it was not measured.
    pub measured: Option<f64>,
    pub direction: Direction,
    pub threshold: f64,
    pub outcome: Outcome,
    /// What it was computed from, or why it was not measured.
    pub note: String,
}

/// On which side of its threshold a figure passes; on the threshold it passes too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    AtMost,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pass,
    Miss,
    NotMeasured,
}

impl Section {
    pub fn new<'a>(title: &str, head: impl IntoIterator<Item = &'a str>, rows: Vec<Vec<String>>) -> Self {
        let head = head.into_iter().map(str::to_owned).collect();
        Self { title: title.to_owned(), head, rows, note: String::new() }
    }

    pub fn checks(title: &str, checks: &[Check]) -> Self {
        let head = ["figure", "measured", "threshold", "", "from"];
        Self::new(title, head, checks.iter().map(Check::cells).collect())
    }
}

impl Check {
    /// `measured` is the value and what it was computed from, or why there is none.
    pub fn new(
        figure: impl Into<String>,
        direction: Direction,
        threshold: f64,
        measured: Result<(f64, String), String>,
    ) -> Self {
        let (measured, note) = match measured {
            Ok((value, note)) => (Some(value), note),
            Err(why) => (None, why),
        };
        let outcome = match (measured, direction) {
            (None, _) => Outcome::NotMeasured,
            (Some(value), Direction::AtMost) if value <= threshold => Outcome::Pass,
            (Some(value), Direction::AtLeast) if value >= threshold => Outcome::Pass,
            _ => Outcome::Miss,
        };
        Self { figure: figure.into(), measured, direction, threshold, outcome, note }
    }

    fn cells(&self) -> Vec<String> {
        let side = match self.direction {
            Direction::AtMost => "≤",
            Direction::AtLeast => "≥",
        };
        let outcome = match self.outcome {
            Outcome::Pass => "pass",
            Outcome::Miss => "MISS",
            Outcome::NotMeasured => "not measured",
        };
        vec![
            self.figure.clone(),
            self.measured.map_or_else(|| "–".to_owned(), short),
            format!("{side} {}", short(self.threshold)),
            outcome.to_owned(),
            self.note.clone(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_on_the_threshold_passes_and_nan_never_does() {
        for (direction, value, outcome) in [
            (Direction::AtMost, 0.5, Outcome::Pass),
            (Direction::AtMost, 0.51, Outcome::Miss),
            (Direction::AtMost, f64::NAN, Outcome::Miss),
            (Direction::AtLeast, 0.5, Outcome::Pass),
            (Direction::AtLeast, 0.49, Outcome::Miss),
            (Direction::AtLeast, f64::NAN, Outcome::Miss),
        ] {
            let check = Check::new("x", direction, 0.5, Ok((value, String::new())));
            assert_eq!(check.outcome, outcome, "{check:?}");
        }
    }

    #[test]
    fn unmeasured_check_says_why() {
        let check = Check::new("x", Direction::AtMost, 1.5, Err("no server".to_owned()));
        assert_eq!(check.cells(), ["x", "–", "≤ 1.50", "not measured", "no server"]);
    }
}
