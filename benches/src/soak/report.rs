//! What a soak test found, whether that is a failure, and how it is shown to people.

use serde::Serialize;

use super::{
    memory::{GROWTH_MAX, HALF_GROWTH_MAX, Memory},
    strangers::Visits,
};
use crate::{
    client::LoadReport,
    machine::Machine,
    report::{Document, Section, fixed},
};

/// What a soak test found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SoakReport {
    pub machine: Machine,
    pub load: LoadReport,
    /// What strangers did, and how often.
    pub strangers: Visits,
    pub memory: Memory,
    /// What the server still held after all had left, by the name of its metric.
    pub left_behind: Vec<(String, f64)>,
    /// How the server ended, if not with exit code 0.
    pub end: Option<String>,
}

impl SoakReport {
    /// What went wrong, if anything did.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = self.load.failures();
        failures.extend(self.memory.failure());
        failures.extend(self.strangers.failure());
        let left = self.left_behind.iter();
        failures.extend(left.map(|(name, value)| format!("{name} is {value} after all have left")));
        failures.extend(self.end.iter().map(|end| format!("the server ended with {end}")));
        failures
    }
}

/// The report as a document.
pub fn document(report: &SoakReport) -> Document {
    let SoakReport { machine, load, strangers, memory, .. } = report;
    let failures = report.failures();
    let megabytes =
        |bytes: Option<u64>| bytes.map_or("not measured".to_owned(), |it| fixed(it as f64 / 1e6, 2) + " MB");
    let row = |figure: &str, value: String| vec![figure.to_owned(), value];
    let rows = vec![
        row("players that left and were replaced", load.joins.to_string()),
        row("frames that players received", load.frames_received.to_string()),
        row("players disconnected", load.players_lost.to_string()),
        row("wrong checksums", load.checksum_mismatches.to_string()),
        row("visits of strangers", format!("{}, of which {} failed", strangers.all, strangers.failed)),
        row("memory after the warm-up", megabytes(memory.early)),
        row("memory at the end", megabytes(memory.late)),
        row("growth", memory.growth().map_or("not measured".to_owned(), |it| fixed(100.0 * it, 2) + " %")),
    ];
    let mut figures = Section::new("", ["figure", "measured"], rows);
    figures.note = format!(
        "Memory is the resident memory of the server's process: the median of a fifth of the time, after a quarter of it \
         and at the end. It is a leak if it grows by {:.0} % in each half of the time between, or by {:.0} % in all.",
        100.0 * HALF_GROWTH_MAX,
        100.0 * GROWTH_MAX
    );
    Document {
        title: format!("Soak: {} players for {:.0} minutes", load.players_requested, load.seconds / 60.0),
        lead: format!("Measured on {machine}."),
        verdict: if failures.is_empty() {
            "**Passed.** Nothing was left behind.".to_owned()
        } else {
            format!("**Failed.** {}.", failures.join("; "))
        },
        sections: vec![figures],
    }
}
