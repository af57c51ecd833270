//! The committed figures, and whether others are as good.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// Values by the names of figures. A name ends in what is counted.
pub(super) type Figures = BTreeMap<String, f64>;

/// How far a figure may rise, in per cent, by the end of its name.
const TOLERANCES: [(&str, f64); 2] = [("_bytes", 1.0), ("", 3.0)];

/// What each figure counts, for the file and the table.
const UNITS: [(&str, &str); 16] = [
    ("cell_encode_instructions", "instructions per ship and tick"),
    ("client_frame_allocations", "allocations per frame"),
    ("client_frame_fuel", "WASM fuel per frame"),
    ("client_frame_instructions", "instructions per frame"),
    ("connection_allocations", "allocations per client and tick"),
    ("connection_instructions", "instructions per client and tick"),
    ("connection_syscalls", "system calls per client and tick"),
    ("full_view_bytes", "bytes per full view"),
    ("moving_ship_bytes", "bytes per moving ship and frame"),
    ("page_first_visit_gzip_bytes", "bytes"),
    ("page_js_bytes", "bytes"),
    ("page_wasm_bytes", "bytes"),
    ("ship_step_instructions", "instructions per ship and tick"),
    ("simulation_tick_instructions", "instructions per pilot and tick"),
    ("tick_allocations", "allocations per tick"),
    ("viewer_frame_instructions", "instructions per frame"),
];

/// Figures, and what they were made with.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    /// With another compiler no figure can be compared.
    pub(super) compiler: String,
    /// With another C library, whose code is counted too, instructions cannot be compared.
    pub(super) libc: String,
    pub(super) figures: Figures,
}

/// How figures compare with the baseline.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// They cannot be compared, and why.
    OtherCompiler(String),
    /// None is worse; hints about those that are better or were not compared.
    Holds(Vec<String>),
    /// What is worse or missing, and what to do.
    Broken(Vec<String>),
}

#[derive(Deserialize)]
struct File {
    compiler: String,
    figures: BTreeMap<String, Figure>,
    libc: String,
}

#[derive(Deserialize)]
struct Figure {
    value: f64,
}

impl Baseline {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| {
            format!("no baseline in {}: `cargo xtask cost --update` makes one", path.display())
        })?;
        let File { compiler, figures, libc } = serde_json::from_str(&text).with_context(|| {
            format!("{}: not a baseline; `cargo xtask cost --update` replaces it", path.display())
        })?;
        let figures = figures.into_iter().map(|(name, figure)| (name, figure.value)).collect();
        Ok(Self { compiler, libc, figures })
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        fs::write(path, self.text()).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{} is new: commit it, and say in the message why it changed", path.display());
        Ok(())
    }

    /// One figure a line, so that a diff shows which one changed.
    fn text(&self) -> String {
        let figure = |(name, value): (&String, &f64)| {
            format!("    \"{name}\": {{ \"value\": {}, \"unit\": \"{}\" }}", rounded(*value), unit(name))
        };
        let figures: Vec<_> = self.figures.iter().map(figure).collect();
        format!(
            "{{\n  \"compiler\": \"{}\",\n  \"figures\": {{\n{}\n  }},\n  \"libc\": \"{}\"\n}}\n",
            self.compiler,
            figures.join(",\n"),
            self.libc
        )
    }

    /// Each figure beside its baseline.
    pub(super) fn table(&self, now: &Self) -> String {
        let names: BTreeSet<_> = self.figures.keys().chain(now.figures.keys()).collect();
        let mut table =
            format!("| {:<28} | {:>11} | {:>11} | {:>8} |\n", "figure", "baseline", "now", "change");
        table += "|---|--:|--:|--:|\n";
        for name in names {
            let number =
                |value: Option<&f64>| value.map_or("-".to_owned(), |value| rounded(*value).to_string());
            let (before, after) = (self.figures.get(name), now.figures.get(name));
            let change =
                before.zip(after).map_or("-".to_owned(), |(before, after)| shown(change(*before, *after)));
            let (before, after) = (number(before), number(after));
            let _ = writeln!(table, "| {name:<28} | {before:>11} | {after:>11} | {change:>8} |");
        }
        table
    }

    /// Compares figures with this baseline.
    pub(super) fn judge(&self, now: &Self) -> Verdict {
        if self.compiler != now.compiler {
            return Verdict::OtherCompiler(format!(
                "the baseline is of {}, this is {}: counts of different compilers cannot be compared",
                self.compiler, now.compiler
            ));
        }
        let (mut hints, mut faults) = (Vec::new(), Vec::new());
        let is_same_libc = self.libc == now.libc;
        if !is_same_libc {
            hints.push(format!(
                "instructions are not compared: the baseline is of {}, this is {}",
                self.libc, now.libc
            ));
        }
        for (name, before) in &self.figures {
            let Some(after) = now.figures.get(name) else {
                faults.push(format!(
                    "{name} is in benches/cost.json and was not counted: mend what counts it, or drop it from the \
                     baseline with `cargo xtask cost --update`"
                ));
                continue;
            };
            if !is_same_libc && name.ends_with("_instructions") {
                continue;
            }
            let (change, tolerance) = (change(*before, *after), tolerance(name));
            let figure = format!(
                "{name} is {}, baseline {} ({}, allowed +{tolerance} %)",
                rounded(*after),
                rounded(*before),
                shown(change)
            );
            if change > tolerance {
                faults.push(format!(
                    "{figure}: make it cheaper, or run `cargo xtask cost --update` in the same commit and say why \
                     in its message"
                ));
            } else if change < -tolerance {
                hints.push(format!("{figure}: better; `cargo xtask cost --update` keeps it so"));
            }
        }
        for name in now.figures.keys().filter(|name| !self.figures.contains_key(*name)) {
            faults.push(format!("{name} has no baseline: `cargo xtask cost --update` adds it"));
        }
        if faults.is_empty() { Verdict::Holds(hints) } else { Verdict::Broken(faults) }
    }
}

fn unit(name: &str) -> &'static str {
    UNITS.iter().find(|(figure, _)| *figure == name).map_or("", |(_, unit)| unit)
}

fn tolerance(name: &str) -> f64 {
    TOLERANCES.iter().find(|(end, _)| name.ends_with(end)).map_or(0.0, |(_, tolerance)| *tolerance)
}

/// To three places, which is all that is kept.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// In per cent; whatever was nothing and is something is infinitely worse.
fn change(before: f64, after: f64) -> f64 {
    match (rounded(before), rounded(after)) {
        (before, after) if before == after => 0.0,
        (before, after) => (after - before) / before * 100.0,
    }
}

fn shown(change: f64) -> String {
    format!("{change:+.2} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(figures: &[(&str, f64)]) -> Baseline {
        let figures = figures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Baseline { compiler: "rustc 1".to_owned(), libc: "glibc 1".to_owned(), figures }
    }

    /// Compares one figure's value with a baseline of 1000.
    fn judged(name: &str, value: f64) -> Verdict {
        of(&[(name, 1000.0)]).judge(&of(&[(name, value)]))
    }

    #[test]
    fn rise_above_the_tolerance_fails_and_says_what_to_do() {
        let Verdict::Broken(faults) = judged("ship_step_instructions", 1031.0) else {
            panic!("it must fail")
        };
        assert!(
            faults[0].starts_with("ship_step_instructions is 1031, baseline 1000 (+3.10 %, allowed +3 %)")
        );
        assert!(faults[0].contains("cargo xtask cost --update"));
        assert!(matches!(judged("page_wasm_bytes", 1011.0), Verdict::Broken(_)));
    }

    #[test]
    fn rise_within_the_tolerance_passes() {
        assert_eq!(judged("ship_step_instructions", 1029.0), Verdict::Holds(Vec::new()));
        assert_eq!(judged("page_wasm_bytes", 1009.0), Verdict::Holds(Vec::new()));
    }

    #[test]
    fn improvement_passes_with_a_hint() {
        assert!(matches!(judged("ship_step_instructions", 900.0), Verdict::Holds(hints) if hints.len() == 1));
    }

    #[test]
    fn one_allocation_where_there_was_none_fails() {
        let (none, one) = (of(&[("tick_allocations", 0.0)]), of(&[("tick_allocations", 0.017)]));
        assert!(matches!(none.judge(&one), Verdict::Broken(_)));
        assert_eq!(none.judge(&none), Verdict::Holds(Vec::new()));
    }

    #[test]
    fn figure_that_is_missing_on_either_side_fails() {
        let (one, two) = (of(&[("a", 1.0)]), of(&[("a", 1.0), ("b", 1.0)]));
        assert!(matches!(two.judge(&one), Verdict::Broken(_)));
        assert!(matches!(one.judge(&two), Verdict::Broken(_)));
    }

    #[test]
    fn other_compiler_skips_the_comparison() {
        let other = Baseline { compiler: "rustc 2".to_owned(), ..of(&[("a", 9.0)]) };
        assert!(matches!(of(&[("a", 1.0)]).judge(&other), Verdict::OtherCompiler(_)));
    }

    #[test]
    fn other_libc_leaves_out_instructions_only() {
        let before = of(&[("a_instructions", 1.0), ("b_bytes", 1.0)]);
        let judged = |figures| before.judge(&Baseline { libc: "glibc 2".to_owned(), ..of(figures) });
        assert!(
            matches!(judged(&[("a_instructions", 9.0), ("b_bytes", 1.0)]), Verdict::Holds(hints) if hints.len() == 1)
        );
        assert!(matches!(judged(&[("a_instructions", 1.0), ("b_bytes", 9.0)]), Verdict::Broken(_)));
    }

    #[test]
    fn baseline_is_read_as_it_was_written() -> Result<()> {
        let path = std::env::temp_dir().join(format!("xtask-cost-{}.json", std::process::id()));
        let baseline = of(&[("ship_step_instructions", 123.4567), ("page_js_bytes", 9.0)]);
        baseline.write(&path)?;
        let read = Baseline::read(&path)?;
        fs::remove_file(&path)?;
        assert_eq!(read.text(), baseline.text());
        assert!(
            read.text().contains("{ \"value\": 123.457, \"unit\": \"instructions per ship and tick\" }\n")
        );
        Ok(())
    }
}
