//! `cargo xtask conformance`: Autobahn's cases for WebSocket servers, by kosoku, against the real server's `/echo`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::build;

use crate::foreign::Python;
use crate::steps::{Counts, Outcome};
use crate::workspace::{Workspace, run};

/// Verdicts of a case that are no failure. "Non-strict" is a fault that was found, but not at the first byte at which it
/// could have been.
const GOOD: [&str; 3] = ["OK", "INFORMATIONAL", "NON-STRICT"];

/// Runs every case but those of compression, which is not spoken; a failure is a failed test.
pub(crate) fn test(workspace: &Workspace) -> Result<Outcome> {
    let python = Python::ready(workspace)?;
    build::binaries(workspace)?;
    let (_server, address) = start(&workspace.target("release/emberdrift"))?;
    let reports = workspace.target("conformance");
    if reports.exists() {
        fs::remove_dir_all(&reports).with_context(|| format!("cannot clear {}", reports.display()))?;
    }
    let mut cases = Command::new(python.program("kosoku"));
    cases.args(["-m", "fuzzingclient", "-p", "8", "-x", "12.*", "-x", "13.*", "-o"]).arg(&reports);
    // Its exit code says whether a case failed, which the reports say better.
    let ran = run(cases.arg(format!("ws://{address}/echo")));
    let verdicts = verdicts(&reports).with_context(|| format!("{ran:?}"))?;
    let mut counts = Counts::default();
    let mut totals: BTreeMap<&str, u32> = BTreeMap::new();
    for (case, verdict) in &verdicts {
        *totals.entry(verdict).or_default() += 1;
        if GOOD.contains(&verdict.as_str()) {
            counts.passed += 1;
        } else {
            println!("case {case}: {verdict}");
            counts.failed += 1;
        }
    }
    println!("{} cases: {totals:?}; reports in {}", verdicts.len(), reports.display());
    Ok(Outcome::Done(counts))
}

/// The server, ended when dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &Path) -> Result<(Server, String)> {
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0", "--drones", "0", "--echo"]).stdout(Stdio::piped());
    let mut server = Server(command.spawn().with_context(|| format!("cannot start {}", program.display()))?);
    let output = server.0.stdout.take().context("the server's output is not piped")?;
    for line in BufReader::new(output).lines() {
        if let Some((_, rest)) = line?.split_once("open http://") {
            let address = rest.split_whitespace().next().unwrap_or_default().to_owned();
            return Ok((server, address));
        }
    }
    bail!("the server ended without saying where it listens");
}

/// Each case and what became of it: the worse of its behaviour and of how it was closed.
fn verdicts(reports: &Path) -> Result<Vec<(String, String)>> {
    let index = reports.join("index.json");
    let text = fs::read_to_string(&index).with_context(|| format!("there is no {}", index.display()))?;
    let agents: BTreeMap<String, BTreeMap<String, Case>> = serde_json::from_str(&text)?;
    let cases: Vec<_> = agents
        .into_values()
        .flatten()
        .map(|(id, case)| (id, if case.is_clean() { case.behavior } else { case.behavior_close }))
        .collect();
    if cases.is_empty() {
        bail!("{} lists no case", index.display());
    }
    Ok(cases)
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    behavior: String,
    behavior_close: String,
}

impl Case {
    fn is_clean(&self) -> bool {
        GOOD.contains(&self.behavior_close.as_str())
    }
}
