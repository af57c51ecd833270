//! One model for every report, and its renderers: text for a terminal, Markdown, a self-contained HTML page with
//! charts, and JSON. The programs fill in a [`Document`]; only this module knows how it is set.

mod axis;
mod chart;
mod document;
mod html;
mod numbers;
mod text;

use serde::Serialize;

pub use axis::Scale;
pub use chart::{Chart, Mark, Series};
pub use document::{Check, Content, Direction, Document, Figure, Outcome, Section, Table, Tone, Verdict};
pub use html::html;
pub use numbers::{Percentiles, Spread, Times, fixed, grouped, rank, ratio};
pub use text::{check_row, check_rows_head, markdown, text};

/// The measured data behind a report, for other programs.
///
/// # Errors
/// If the data has a map whose keys are no strings.
pub fn json(data: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(data).map(|text| text + "\n")
}
