//! Runs named steps one after the other, continues after a failure, and ends with a table and a line of totals.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{run, shown};

/// How a step ended that returned no error.
pub(crate) enum Outcome {
    /// With these tests, none for a step that is not a test. It failed if one of them did.
    Done(Counts),
    /// With something that the summary tells.
    Noted(String),
    /// It could not run, and why.
    Skipped(String),
}

impl Outcome {
    /// What a step returns that cannot run here: an error if it `must`.
    pub(crate) fn skipped(error: anyhow::Error, must: bool) -> Result<Self> {
        if must { Err(error) } else { Ok(Self::Skipped(format!("{error:#}"))) }
    }
}

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl Counts {
    pub(crate) fn passed(passed: u32) -> Self {
        Self { passed, ..Self::default() }
    }

    /// What a line of output adds: libtest's `test result:`, node's `# pass`, the `Success` that Criterion prints for a benchmark it tried
    /// once, or a figure of the netcode harness with its verdict.
    fn of_line(line: &str) -> Self {
        let line = line.trim();
        let has_cell = |word| line.split('|').any(|cell| cell.trim() == word);
        if line == "Success" || has_cell("pass") {
            return Self::passed(1);
        }
        if has_cell("MISS") || has_cell("not measured") {
            return Self { failed: 1, ..Self::default() };
        }
        // The end of node's output (TAP).
        let total = |name| line.strip_prefix(name)?.trim().parse().ok();
        if let Some(failed) = total("# fail ") {
            return Self { failed, ..Self::default() };
        }
        if let Some(passed) = total("# pass ") {
            return Self::passed(passed);
        }
        let result = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "));
        let Some((_, result)) = result else { return Self::default() };
        let count =
            |name| result.split("; ").find_map(|part| part.strip_suffix(name)?.parse().ok()).unwrap_or(0);
        Self { passed: count(" passed"), failed: count(" failed"), skipped: count(" ignored") }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

/// The steps that ran so far: a line of the table for each, the sum of their counts, and the names of those that failed.
#[derive(Default)]
pub(crate) struct Steps {
    /// Whether a skipped step or test is a failure.
    must_run: bool,
    table: String,
    counts: Counts,
    failed: Vec<String>,
}

impl Steps {
    /// Steps of which nothing may be skipped, if it `must` run. A test that skips itself, because it takes root for example, counts too.
    pub(crate) fn that(must_run: bool) -> Self {
        Self { must_run, ..Self::default() }
    }

    /// Runs one step and keeps its result.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<Outcome>) {
        println!("\n=== {name} ===");
        let started = Instant::now();
        let (mut counts, mut state, note) = match step() {
            Ok(Outcome::Done(counts)) if counts == Counts::default() => (counts, "ok", String::new()),
            Ok(Outcome::Done(counts)) => (counts, "ok", counts.to_string()),
            Ok(Outcome::Noted(note)) => (Counts::default(), "ok", note),
            Ok(Outcome::Skipped(why)) => {
                println!("skipped: {why}");
                (Counts { skipped: 1, ..Counts::default() }, "skipped", why)
            }
            // It could not even say which test failed, so it counts as one.
            Err(error) => {
                println!("FAILED: {error:#}");
                (Counts { failed: 1, ..Counts::default() }, "FAILED", error.to_string())
            }
        };
        if self.must_run && counts.skipped > 0 {
            println!("FAILED: {} skipped, but with CI=true everything must run", counts.skipped);
            counts = Counts { failed: counts.failed + counts.skipped, skipped: 0, ..counts };
        }
        if counts.failed > 0 {
            state = "FAILED";
            self.failed.push(name.to_owned());
        }
        self.counts += counts;
        let line = format!("{name:<14} {state:<8} {:>7.1} s  {note}", started.elapsed().as_secs_f64());
        self.table += &format!("{}\n", line.trim_end());
    }

    /// Prints the table and the totals; an error if a step failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n=== summary ===\n{}\n{}", self.table, self.counts);
        ensure!(self.failed.is_empty(), "failed: {}", self.failed.join(", "));
        Ok(())
    }
}

/// Runs a command that is not a test.
pub(crate) fn check(command: &mut Command) -> Result<Outcome> {
    run(command)?;
    Ok(Outcome::Done(Counts::default()))
}

/// Runs a command that prints test results, shows what it prints, and counts its tests.
pub(crate) fn tests(command: &mut Command) -> Result<Outcome> {
    let name = shown(command);
    eprintln!("  $ {name}");
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{name}`"))?;
    let mut counts = Counts::default();
    let mut stdout = BufReader::new(child.stdout.take().context("the output is not piped")?);
    let mut line = Vec::new();
    while stdout.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        counts += Counts::of_line(&text);
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        bail!("`{name}` failed ({status})");
    }
    Ok(Outcome::Done(counts))
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    const RESULT: &str = "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 1 filtered out";

    #[test]
    fn result_lines_are_counted() {
        assert_eq!(Counts::of_line(RESULT), Counts { passed: 12, failed: 0, skipped: 3 });
        assert_eq!(Counts::of_line("Success\n"), Counts::passed(1));
        assert_eq!(Counts::of_line("# pass 39\n"), Counts::passed(39));
        assert_eq!(Counts::of_line("# fail 2\n").failed, 2);
        assert_eq!(Counts::of_line("| hits | 0.97 | ≥ 0.95 | pass | of 9 |\n"), Counts::passed(1));
        assert_eq!(Counts::of_line("| hits | 0.90 | ≥ 0.95 | MISS         | of 9 |\n").failed, 1);
        for line in ["", "running 3 tests", "test a ... ok", "Testing tick/1000", "test result: "] {
            assert_eq!(Counts::of_line(line), Counts::default(), "{line}");
        }
    }

    #[test]
    fn a_failed_step_does_not_stop_the_others_and_is_named_at_the_end() {
        let sh = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let mut steps = Steps::default();
        steps.run("one", || check(&mut sh("exit 3")));
        steps.run("two", || tests(&mut sh(&format!("echo '{RESULT}'"))));
        steps.run("three", || Ok(Outcome::Skipped("not here".to_owned())));
        // It fails without a failed test.
        steps.run("four", || tests(&mut sh(&format!("echo '{RESULT}'; exit 1"))));
        let lines: Vec<_> = steps.table.lines().collect();
        assert!(lines[0].starts_with("one            FAILED"), "{}", lines[0]);
        assert!(lines[1].ends_with("12 passed, 0 failed, 3 skipped"), "{}", lines[1]);
        assert!(lines[2].ends_with("not here"), "{}", lines[2]);
        assert_eq!(steps.counts, Counts { passed: 12, failed: 2, skipped: 4 });
        assert_eq!(steps.finish().unwrap_err().to_string(), "failed: one, four");
    }

    #[test]
    fn skipped_test_or_step_is_a_failure_where_everything_must_run() {
        let mut steps = Steps::that(true);
        steps.run("whole", || Ok(Outcome::Done(Counts::passed(3))));
        steps.run("part", || tests(Command::new("echo").arg(RESULT)));
        steps.run("none", || Ok(Outcome::Skipped("not here".to_owned())));
        assert_eq!(steps.counts, Counts { passed: 15, failed: 4, skipped: 0 });
        assert_eq!(steps.finish().unwrap_err().to_string(), "failed: part, none");
    }
}
