//! The committed figures, and whether others are as good.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::steps::{Counts, Outcome};

/// Values by the names of figures. A name ends in what is counted.
pub(super) type Figures = BTreeMap<String, f64>;

/// How far a figure may rise, in per cent, by the end of its name.
const TOLERANCES: [(&str, f64); 2] = [("_bytes", 1.0), ("", 3.0)];
/// Verdicts that fail the comparison.
const FAULTS: [&str; 3] = ["WORSE", "NEW", "MISSING"];

/// Figures, and what they were made with.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Baseline {
    /// With another compiler no figure can be compared.
    pub(super) compiler: String,
    pub(super) figures: Figures,
    /// With another C library, whose code is counted too, instructions cannot be compared.
    pub(super) libc: String,
}

/// A figure beside its baseline.
struct Row<'a> {
    name: &'a str,
    before: Option<f64>,
    after: Option<f64>,
    /// In per cent; infinite if something was nothing before.
    change: Option<f64>,
    verdict: &'static str,
}

impl Baseline {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| {
            format!("no baseline in {}: `cargo xtask cost --update` makes one", path.display())
        })?;
        serde_json::from_str(&text).with_context(|| {
            format!("{}: not a baseline; `cargo xtask cost --update` replaces it", path.display())
        })
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{} is new: commit it, and say in the message why it changed", path.display());
        Ok(())
    }

    /// Each figure beside its baseline.
    pub(super) fn table(&self, now: &Self) -> String {
        let mut table =
            format!("| {:<28} | {:>11} | {:>11} | {:>8} | verdict\n", "figure", "baseline", "now", "change");
        for Row { name, before, after, change, verdict } in self.rows(now) {
            let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
            let change = change.map_or("-".to_owned(), |change| format!("{change:+.2} %"));
            let (before, after) = (number(before), number(after));
            let _ = writeln!(table, "| {name:<28} | {before:>11} | {after:>11} | {change:>8} | {verdict}");
        }
        table
    }

    /// Compares figures with this baseline: an error if one is worse, and a passed test for each otherwise.
    pub(super) fn check(&self, now: &Self) -> Result<Outcome> {
        if self.compiler != now.compiler {
            return Ok(Outcome::Skipped(format!(
                "the baseline is of {}, this is {}: counts of different compilers cannot be compared",
                self.compiler, now.compiler
            )));
        }
        let rows = self.rows(now);
        let faults = rows.iter().filter(|row| FAULTS.contains(&row.verdict));
        let faults: Vec<_> = faults.map(|row| format!("{} {}", row.verdict, row.name)).collect();
        ensure!(
            faults.is_empty(),
            "{}: make it cheaper, or run `cargo xtask cost --update` in the same commit and say why in its message",
            faults.join(", ")
        );
        if rows.iter().any(|row| row.verdict == "better") {
            println!("to keep what is better, run `cargo xtask cost --update` in the same commit");
        }
        Ok(Outcome::Done(Counts::passed(rows.len() as u32)))
    }

    fn rows<'a>(&'a self, now: &'a Self) -> Vec<Row<'a>> {
        let names: BTreeSet<_> = self.figures.keys().chain(now.figures.keys()).collect();
        let value = |figures: &Figures, name| figures.get(name).copied().map(rounded);
        let row = |name: &'a String| {
            let (before, after) = (value(&self.figures, name), value(&now.figures, name));
            let change = before.zip(after).map(|(before, after)| match after - before {
                0.0 => 0.0,
                change => change / before * 100.0,
            });
            let is_other_code = self.libc != now.libc && name.ends_with("_instructions");
            let tolerance = TOLERANCES.iter().find(|(end, _)| name.ends_with(end));
            let tolerance = tolerance.map_or(0.0, |(_, tolerance)| *tolerance);
            let verdict = match change {
                None if before.is_none() => "NEW",
                None => "MISSING",
                Some(_) if is_other_code => "other libc",
                Some(change) if change > tolerance => "WORSE",
                Some(change) if change < -tolerance => "better",
                Some(_) => "ok",
            };
            Row { name, before, after, change, verdict }
        };
        names.into_iter().map(row).collect()
    }
}

/// To three places, which is all that is kept.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(figures: &[(&str, f64)]) -> Baseline {
        let figures = figures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Baseline { compiler: "rustc 1".to_owned(), libc: "glibc 1".to_owned(), figures }
    }

    /// The verdicts on figures, by a baseline.
    fn verdicts(before: &[(&str, f64)], after: &[(&str, f64)]) -> Vec<&'static str> {
        of(before).rows(&of(after)).iter().map(|row| row.verdict).collect()
    }

    #[test]
    fn figure_may_rise_by_its_tolerance() {
        let verdict = |name, value| verdicts(&[(name, 1000.0)], &[(name, value)])[0];
        for (instructions, verdict_of_it) in
            [(1031.0, "WORSE"), (1029.0, "ok"), (971.0, "ok"), (900.0, "better")]
        {
            assert_eq!(verdict("ship_step_instructions", instructions), verdict_of_it);
        }
        assert_eq!(verdict("page_wasm_bytes", 1011.0), "WORSE");
        assert_eq!(verdict("page_wasm_bytes", 1009.0), "ok");
        assert_eq!(verdicts(&[("tick_allocations", 0.0)], &[("tick_allocations", 0.017)]), ["WORSE"]);
        assert_eq!(verdicts(&[("tick_allocations", 0.0)], &[("tick_allocations", 0.0001)]), ["ok"]);
    }

    #[test]
    fn worse_new_and_missing_figures_fail_and_the_error_says_what_to_do() {
        let error = |before, after| of(before).check(&of(after)).err().map(|error| error.to_string());
        let (one, two) = ([("a", 1.0)], [("a", 1.0), ("b", 1.0)]);
        assert!(error(&one, &two).is_some_and(|error| error.starts_with("NEW b: ")));
        assert!(error(&two, &one).is_some_and(|error| error.starts_with("MISSING b: ")));
        assert!(error(&one, &[("a", 2.0)]).is_some_and(|error| error.contains("cargo xtask cost --update")));
        assert_eq!(error(&two, &two), None);
    }

    #[test]
    fn other_compiler_skips_all_and_other_libc_instructions() {
        let before = of(&[("a_instructions", 1.0), ("b_bytes", 1.0)]);
        let other = Baseline { compiler: "rustc 2".to_owned(), ..of(&[("b_bytes", 9.0)]) };
        assert!(matches!(before.check(&other), Ok(Outcome::Skipped(_))));
        let other =
            Baseline { libc: "glibc 2".to_owned(), ..of(&[("a_instructions", 9.0), ("b_bytes", 9.0)]) };
        let verdicts: Vec<_> = before.rows(&other).iter().map(|row| row.verdict).collect();
        assert_eq!(verdicts, ["other libc", "WORSE"]);
    }

    #[test]
    fn committed_baseline_can_be_read() -> Result<()> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/cost.json");
        ensure!(Baseline::read(Path::new(path))?.figures.len() >= 16);
        Ok(())
    }
}
