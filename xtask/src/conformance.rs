//! `cargo xtask conformance`: Autobahn's cases for WebSocket servers, run by kosoku against the real server's `/echo`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::build;
use crate::programs;
use crate::steps::{Counts, Outcome};
use crate::workspace::{Workspace, run};

/// Verdicts that are no failure. "Non-strict" is an error that the server found, but not at the first possible byte.
const GOOD: [&str; 3] = ["OK", "INFORMATIONAL", "NON-STRICT"];

/// Runs every case except those of compression, which the server does not offer. Each counts as a test.
pub(crate) fn test(workspace: &Workspace) -> Result<Outcome> {
    let python = programs::python(workspace)?;
    build::tested(workspace)?;
    let reports = workspace.target("conformance");
    if reports.exists() {
        fs::remove_dir_all(&reports).with_context(|| format!("cannot clear {}", reports.display()))?;
    }
    let mut server = Command::new(workspace.target("release/emberdrift"));
    server.args(["--listen", "127.0.0.1:0", "--drones", "0", "--echo"]).stdout(Stdio::piped());
    let mut server = server.spawn().context("cannot start the server")?;
    let ran = run_cases(&mut server, &python.join("kosoku"), &reports);
    let _ = server.kill().and_then(|()| server.wait());

    // The exit code says whether a case failed; the reports say which.
    let index = reports.join("index.json");
    let index = fs::read_to_string(&index).with_context(|| format!("no {}: {ran:?}", index.display()))?;
    let (mut counts, mut totals) = (Counts::default(), BTreeMap::<_, u32>::new());
    for (case, verdict) in verdicts(&index)? {
        if GOOD.contains(&&*verdict) {
            counts.passed += 1;
        } else {
            println!("case {case}: {verdict}");
            counts.failed += 1;
        }
        *totals.entry(verdict).or_default() += 1;
    }
    ensure!(counts.passed > 0, "no case passed: {totals:?}; see the reports in {}", reports.display());
    println!("{totals:?}; reports in {}", reports.display());
    Ok(Outcome::Done(counts))
}

/// Runs the cases against `server` as soon as it prints its address.
fn run_cases(server: &mut Child, kosoku: &Path, reports: &Path) -> Result<()> {
    let output = server.stdout.take().context("the server's output is not piped")?;
    let address = BufReader::new(output).lines().map_while(Result::ok).find_map(|line| {
        let (_, rest) = line.split_once("open http://")?;
        rest.split_whitespace().next().map(str::to_owned)
    });
    let address = address.context("the server ended before it listened")?;
    let mut cases = Command::new(kosoku);
    cases.args(["-m", "fuzzingclient", "-p", "8", "-x", "12.*", "-x", "13.*", "-o"]).arg(reports);
    run(cases.arg(format!("ws://{address}/echo")))
}

/// Each case of a report with its verdict: the worse of its behaviour and of how it was closed.
fn verdicts(index: &str) -> Result<Vec<(String, String)>> {
    let agents: BTreeMap<String, BTreeMap<String, serde_json::Value>> = serde_json::from_str(index)?;
    let verdict = |case: &serde_json::Value| {
        let verdicts = ["behaviorClose", "behavior"].map(|part| case[part].as_str().unwrap_or("no verdict"));
        let bad = verdicts.iter().find(|verdict| !GOOD.contains(*verdict));
        bad.unwrap_or(&verdicts[1]).to_string()
    };
    Ok(agents.into_values().flatten().map(|(id, case)| (id, verdict(&case))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_verdict_of_a_case_counts() -> Result<()> {
        let index = r#"{"server": {"1.1": {"behavior": "NON-STRICT", "behaviorClose": "OK", "duration": 3},
            "1.2": {"behavior": "FAILED", "behaviorClose": "OK"}, "1.3": {"behavior": "OK", "behaviorClose": "UNCLEAN"},
            "1.4": {"behavior": "OK"}}}"#;
        let verdicts = verdicts(index)?;
        let verdicts: Vec<_> = verdicts.iter().map(|(_, verdict)| verdict.as_str()).collect();
        assert_eq!(verdicts, ["NON-STRICT", "FAILED", "UNCLEAN", "no verdict"]);
        Ok(())
    }
}
