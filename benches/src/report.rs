//! One model for every report, written as Markdown for people and as JSON for programs. The programs fill in a
//! [`Document`]; only this module knows how it is set.

mod document;
mod numbers;

use serde::Serialize;

pub use document::{Check, Direction, Document, Outcome, Section, figures, markdown};
pub use numbers::{Spread, Times, fixed, rank, ratio, short};

/// The measured data behind a report, for other programs.
///
/// # Errors
/// If the data has a map whose keys are no strings.
pub fn json(data: &impl Serialize) -> Result<String, String> {
    serde_json::to_string_pretty(data).map(|text| text + "\n").map_err(|error| error.to_string())
}
