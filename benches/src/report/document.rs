//! What every report is made of (a verdict, and sections with a table each) as Markdown. Tables are aligned, so that they
//! can be read in a terminal too. Numbers that are only shown are words here already; a [`Check`] keeps its number,
//! because its outcome follows from it.

use std::fmt::Write as _;

use serde::Serialize;

use super::numbers::short;

#[derive(Clone, Debug, Default)]
pub struct Document {
    pub title: String,
    /// What was measured, on what, for how long.
    pub lead: String,
    pub verdict: String,
    pub sections: Vec<Section>,
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

pub fn markdown(document: &Document) -> String {
    let Document { title, lead, verdict, sections } = document;
    let mut out = format!("# {title}\n\n{lead}\n\n{verdict}\n");
    sections.iter().for_each(|section| add_section(&mut out, section));
    out
}

/// What was measured on what, and the tables: the part that stands in another document.
pub fn figures(document: &Document) -> String {
    let mut out = format!("{}\n", document.lead);
    document.sections.iter().for_each(|section| add_section(&mut out, section));
    out
}

fn add_section(out: &mut String, Section { title, head, rows, note }: &Section) {
    if rows.is_empty() && note.is_empty() {
        return;
    }
    if !title.is_empty() {
        let _ = writeln!(out, "\n**{title}**");
    }
    if !rows.is_empty() {
        out.push('\n');
        let clean =
            |row: &Vec<String>| row.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).map(clean).collect();
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(3);
        let mut widths: Vec<_> = (0..head.len()).map(width).collect();
        // Notes are long, and nothing stands behind them.
        if let Some(last) = widths.last_mut() {
            *last = 0;
        }
        for (index, row) in rows.iter().enumerate() {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("| {cell:<width$} "));
            let _ = writeln!(out, "{}|", cells.collect::<String>());
            if index == 0 {
                let rules = widths.iter().map(|width| format!("| {} ", "-".repeat((*width).max(3))));
                let _ = writeln!(out, "{}|", rules.collect::<String>());
            }
        }
    }
    if !note.is_empty() {
        let _ = writeln!(out, "\n{}", note.replace('\n', " "));
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

    fn document() -> Document {
        let checks = [
            Check::new("a|b", Direction::AtMost, 1.5, Ok((1.234, "from\nhere".to_owned()))),
            Check::new("ä", Direction::AtLeast, 9.0, Err("no server".to_owned())),
        ];
        let note = "500: it broke".to_owned();
        Document {
            title: "A run".into(),
            lead: "for 2 s".into(),
            verdict: "**Passed.** All of it.".into(),
            sections: vec![
                Section::checks("Checks", &checks),
                Section::new("Nothing", ["N"], Vec::new()),
                Section { note, ..Section::new("Broken", ["N"], Vec::new()) },
            ],
        }
    }

    #[test]
    fn tables_are_whole_and_aligned() {
        let text = markdown(&document());
        assert!(text.starts_with("# A run\n\nfor 2 s\n\n**Passed.** All of it.\n\n**Checks**\n"), "{text}");
        assert!(text.contains("\n| a\\|b   | 1.23     | ≤ 1.50    | pass         | from here |\n"), "{text}");
        assert!(text.contains("\n| ä      | –        | ≥ 9       | not measured | no server |\n"), "{text}");
        assert!(text.contains("\n| ------ | -------- | --------- | ------------ | --- |\n"), "{text}");
        assert!(text.contains("\n**Broken**\n\n500: it broke\n") && !text.contains("Nothing"), "{text}");
    }

    #[test]
    fn figures_have_neither_title_nor_verdict() {
        let text = figures(&document());
        assert!(text.starts_with("for 2 s\n\n**Checks**\n") && text.ends_with("500: it broke\n"), "{text}");
        assert!(!text.contains("A run") && !text.contains("Passed"), "{text}");
    }
}
