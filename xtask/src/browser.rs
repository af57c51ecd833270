//! Lets real browsers play a real server: runs the server's browser tests with what they need. Where that comes from is
//! told in its rooms and in `foreign`.

mod programs;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::debian::find_or_install;
use crate::foreign::{self, Python};
use crate::steps::{Outcome, tests};
use crate::test::SCHEMA;
use crate::workspace::Workspace;
use crate::{build, wasm_std::WasmStd};
use programs::Programs;

/// The feature of the server's crate that lets its browser tests be built.
pub(crate) const BROWSER_TEST: &str = "emberdrift-server/browser-test";

/// Where the clients in other languages are.
const CLIENTS: &str = "server/tests/browser/clients";
/// The tests that need the other engines.
const OTHER_ENGINES: &str = "engines::";
/// Not tests: they take the pictures of the documents.
const PICTURES: &str = "pictures::";

/// The browser tests in Chromium, and with clients of every kind. Where one of the programs cannot be had they are
/// skipped, or fail if `must`.
pub(crate) fn test(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let needed = || -> Result<(Programs, Python, PathBuf)> {
        let chromium = programs::chromium()?;
        let node = foreign::node(&workspace.root().join(CLIENTS))?;
        Ok((chromium, Python::ready(workspace)?, node))
    };
    let (mut programs, python, node) = match needed() {
        Ok(needed) => needed,
        Err(error) => return Outcome::skipped(error, must),
    };
    programs.extend([("EMBERDRIFT_PYTHON", python.program("python")), ("EMBERDRIFT_NODE", node)]);
    run_tests(workspace, programs, &["--skip", OTHER_ENGINES, "--skip", PICTURES])
}

/// The same visit in Firefox and WebKit.
pub(crate) fn engines(workspace: &Workspace, must: bool) -> Result<Outcome> {
    match programs::others(workspace) {
        Ok(programs) => run_tests(workspace, programs, &[OTHER_ENGINES]),
        Err(error) => Outcome::skipped(error, must),
    }
}

/// `cargo xtask screenshots`: takes the documents' pictures anew.
pub(crate) fn screenshots(workspace: &Workspace) -> Result<()> {
    let mut programs = programs::chromium()?;
    find_or_install(programs::chinese_font, &["fontconfig", "fonts-noto-cjk"])?;
    let std = WasmStd::find(workspace)?;
    build::web(workspace, &std)?;
    programs.push(("EMBERDRIFT_PICTURES", workspace.root().join("assets/screenshots")));
    match run_tests(workspace, programs, &[PICTURES, "--ignored"])? {
        Outcome::Done(counts) if counts.failed == 0 => Ok(()),
        _ => bail!("not all pictures could be taken"),
    }
}

/// Builds the server and runs the tests that the filter leaves, one browser after the other: a slow machine has enough
/// to do with one.
fn run_tests(workspace: &Workspace, programs: Programs, filter: &[&str]) -> Result<Outcome> {
    for (_, program) in &programs {
        println!("with {}", program.display());
    }
    build::binaries(workspace)?;
    tests(
        workspace
            .cargo(["test", "--workspace", "--test", "browser"])
            .args(["--features", SCHEMA, "--features", BROWSER_TEST])
            .args(["--", "--nocapture", "--test-threads=1"])
            .args(filter)
            .env("EMBERDRIFT_BIN", workspace.target("release/emberdrift"))
            .envs(programs),
    )
}
