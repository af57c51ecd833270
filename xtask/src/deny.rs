//! `cargo deny check`: known vulnerabilities, licences, sources and doubles among the dependencies. `.cargo/deny.toml` has the
//! rules.

use std::process::Output;

use anyhow::{Context, Result, ensure};

use crate::programs;
use crate::steps::Outcome;
use crate::workspace::{Workspace, run};

/// What can be checked with the files of this machine.
const LOCAL: [&str; 3] = ["bans", "licenses", "sources"];

/// Runs all checks. That of vulnerabilities needs a database from the network: without it the summary says so. Without
/// cargo-deny the step is skipped, unless it `must`.
pub(crate) fn check(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let cargo_deny = match programs::from_python(workspace, "cargo-deny") {
        Ok(cargo_deny) => cargo_deny,
        Err(missing) => return Outcome::skipped(missing, must),
    };
    run(workspace.command(&cargo_deny).args(["check", "--hide-inclusion-graph"]).args(LOCAL))?;
    let mut advisories = workspace.command(&cargo_deny);
    advisories.args(["check", "--hide-inclusion-graph", "advisories"]);
    judge(&advisories.output().context("cannot start cargo-deny")?)
}

/// What became of the check of vulnerabilities.
fn judge(Output { status, stderr, .. }: &Output) -> Result<Outcome> {
    if status.success() {
        return Ok(Outcome::Noted("advisories, bans, licences and sources".to_owned()));
    }
    let said = String::from_utf8_lossy(stderr);
    ensure!(said.contains("failed to fetch advisory database"), "a dependency has an advisory:\n{said}");
    Ok(Outcome::Noted("bans, licences and sources; the database of advisories cannot be reached".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What a check ended with that wrote this.
    fn ended(script: &str) -> Output {
        Command::new("sh").args(["-c", script]).output().expect("there is a shell")
    }

    #[test]
    fn unreachable_database_is_noted_and_an_advisory_fails() {
        let noted = |script| match judge(&ended(script)) {
            Ok(Outcome::Noted(note)) => note,
            other => panic!("{:?}", other.err()),
        };
        assert_eq!(noted("exit 0"), "advisories, bans, licences and sources");
        let unreachable = "echo '2026 [ERROR] failed to fetch advisory database x: no route' >&2; exit 1";
        assert!(noted(unreachable).ends_with("cannot be reached"));
        let found = judge(&ended("echo 'error[vulnerability]: use after free' >&2; exit 4"));
        assert!(found.err().is_some_and(|error| error.to_string().contains("use after free")));
    }
}
