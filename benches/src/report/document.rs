//! What every report is made of: a verdict, then sections of figures, checks, tables and charts. Numbers that are
//! only shown are words here already; a [`Check`] keeps its number, because its outcome follows from it.

use serde::Serialize;

use super::{Chart, numbers::short};

#[derive(Clone, Debug)]
pub struct Document {
    pub title: String,
    /// What was measured, on what, for how long.
    pub lead: String,
    pub verdict: Verdict,
    pub sections: Vec<Section>,
}

/// What a report says first.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub tone: Tone,
    /// A word or two, such as "Passed."
    pub word: String,
    pub sentence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    /// The figures cannot be relied on, or are not complete.
    Doubtful,
    Bad,
}

#[derive(Clone, Debug)]
pub struct Section {
    pub title: String,
    pub content: Content,
    /// Shown below the content; may be empty.
    pub note: String,
}

#[derive(Clone, Debug)]
pub enum Content {
    Figures(Vec<Figure>),
    Checks(Vec<Check>),
    Table(Table),
    /// Only the HTML page shows them.
    Charts(Vec<Chart>),
}

impl Content {
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Figures(figures) => figures.is_empty(),
            Self::Checks(checks) => checks.is_empty(),
            Self::Table(table) => table.rows.is_empty(),
            Self::Charts(charts) => charts.is_empty(),
        }
    }
}

impl Section {
    pub fn new(title: &str, content: Content) -> Self {
        Self { title: title.to_owned(), content, note: String::new() }
    }
}

/// One figure without a threshold.
#[derive(Clone, Debug)]
pub struct Figure {
    pub name: String,
    /// With its unit.
    pub value: String,
    /// May be empty.
    pub note: String,
}

impl Figure {
    pub fn new(name: &str, value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: value.into(), note: note.into() }
    }
}

/// All rows are as long as the head.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
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

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Miss => "MISS",
            Self::NotMeasured => "not measured",
        }
    }

    pub fn tone(self) -> Tone {
        match self {
            Self::Pass => Tone::Good,
            Self::Miss => Tone::Bad,
            Self::NotMeasured => Tone::Doubtful,
        }
    }
}

impl Check {
    pub const HEAD: [&'static str; 5] = ["figure", "measured", "threshold", "", "from"];

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

    /// The words under [`Self::HEAD`].
    pub fn cells(&self) -> [String; 5] {
        let side = match self.direction {
            Direction::AtMost => "≤",
            Direction::AtLeast => "≥",
        };
        [
            self.figure.clone(),
            self.measured.map_or_else(|| "–".to_owned(), short),
            format!("{side} {}", short(self.threshold)),
            self.outcome.word().to_owned(),
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
