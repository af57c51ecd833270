//! Runs named steps one after the other, goes on when one fails, and closes with a table and one line.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::counts::Counts;
use crate::workspace::shown;

/// What became of a step that was not an error.
pub(crate) enum Outcome {
    /// It ended, with these tests (none for a step that is not a test); it failed if one of them did.
    Done(Counts),
    /// It could not be tried, and why.
    Skipped(String),
}

/// The result of a step, for the table.
struct Row {
    name: &'static str,
    outcome: Result<Outcome>,
    took: Duration,
}

impl Row {
    fn counts(&self) -> Counts {
        match &self.outcome {
            Ok(Outcome::Done(counts)) => *counts,
            Ok(Outcome::Skipped(_)) => Counts { skipped: 1, ..Counts::default() },
            // A step that could not even tell which test failed is one failure.
            Err(_) => Counts { failed: 1, ..Counts::default() },
        }
    }

    fn failed(&self) -> bool {
        self.counts().failed > 0
    }

    fn line(&self) -> String {
        let state = match &self.outcome {
            _ if self.failed() => "FAILED",
            Ok(Outcome::Skipped(_)) => "skipped",
            _ => "ok",
        };
        let tests = match &self.outcome {
            Ok(Outcome::Done(counts)) if counts.total() > 0 => counts.to_string(),
            Ok(Outcome::Done(_)) => String::new(),
            Ok(Outcome::Skipped(why)) => why.clone(),
            Err(error) => error.to_string(),
        };
        let line = format!("{:<14} {:<8} {:>7.1} s  {}", self.name, state, self.took.as_secs_f64(), tests);
        line.trim_end().to_owned()
    }
}

/// The steps run so far.
#[derive(Default)]
pub(crate) struct Steps {
    rows: Vec<Row>,
}

impl Steps {
    /// Runs one step and keeps its result.
    pub(crate) fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<Outcome>) {
        println!("\n=== {name} ===");
        let started = Instant::now();
        let outcome = step();
        match &outcome {
            Ok(Outcome::Skipped(why)) => println!("skipped: {why}"),
            Err(error) => println!("FAILED: {error:#}"),
            Ok(Outcome::Done(_)) => {}
        }
        self.rows.push(Row { name, outcome, took: started.elapsed() });
    }

    /// Prints the table and the closing line; an error if a step failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n=== summary ===");
        let mut all = Counts::default();
        for row in &self.rows {
            println!("{}", row.line());
            all += row.counts();
        }
        println!("\n{all}");
        let failed: Vec<_> = self.rows.iter().filter(|row| row.failed()).map(|row| row.name).collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}

/// Runs a command that is not a test.
pub(crate) fn check(command: &mut Command) -> Result<Outcome> {
    crate::workspace::run(command)?;
    Ok(Outcome::Done(Counts::default()))
}

/// Runs a command that prints test results, shows what it prints and counts its tests.
pub(crate) fn tests(command: &mut Command) -> Result<Outcome> {
    eprintln!("  $ {}", shown(command));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let mut counts = Counts::default();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        let mut line = Vec::new();
        while stdout.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            counts += Counts::of_line(&text);
            line.clear();
        }
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(Outcome::Done(counts))
}

#[cfg(test)]
mod tests_of_steps {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn goes_on_after_a_failure_and_tells_it_in_the_end() {
        let mut steps = Steps::default();
        steps.run("one", || check(&mut sh("exit 3")));
        steps.run("two", || tests(&mut sh("echo 'test result: ok. 2 passed; 0 failed; 0 ignored'")));
        steps.run("three", || Ok(Outcome::Skipped("not here".to_owned())));
        assert_eq!(steps.rows.len(), 3);
        assert!(steps.rows[0].line().contains("FAILED"));
        assert!(steps.rows[1].line().ends_with("2 passed, 0 failed"));
        assert!(steps.rows[2].line().ends_with("not here"));
        assert_eq!(steps.finish().unwrap_err().to_string(), "failed: one");
    }

    #[test]
    fn a_test_command_that_dies_without_a_result_is_one_failure() {
        let mut steps = Steps::default();
        steps.run("dies", || tests(&mut sh("echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; exit 1")));
        assert_eq!(steps.rows[0].counts().failed, 1);
    }

    #[test]
    fn all_good_is_no_error() {
        let mut steps = Steps::default();
        steps.run("good", || check(&mut sh("true")));
        assert!(steps.finish().is_ok());
    }
}
