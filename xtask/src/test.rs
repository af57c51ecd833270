//! `cargo xtask test`: every check and test of the project, as steps.

use std::env;
use std::fs;

use anyhow::{Context, Result};

use crate::browser::BROWSER_TEST;

use crate::steps::{Counts, Outcome, Steps, check, tests};
use crate::wasm_std::WasmStd;
use crate::workspace::Workspace;
use crate::{browser, build, client, conformance, cost, feel, golden, identity, site};

/// The feature with which the messages describe themselves, for the vectors' test. Every step has it: other features are
/// other builds of all that depends on them.
pub(crate) const SCHEMA: &str = "emberdrift-shared/schema";

/// Runs all steps; an error at the end if one failed.
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    // The server's crate embeds this folder and does not compile without it, be it empty.
    let web = workspace.target("web");
    fs::create_dir_all(&web).with_context(|| format!("cannot make {}", web.display()))?;

    let mut steps = Steps::default();
    steps.run("fmt", || check(&mut workspace.cargo(["fmt", "--all", "--check"])));

    let mut found = None;
    steps.run("wasm-std", || {
        found = Some(WasmStd::find(workspace)?);
        Ok(Outcome::Done(Counts::default()))
    });
    let std = found.as_ref();

    steps.run("web", || with_std(std, |std| client_site(workspace, std)));
    steps.run("clippy", || clippy(workspace));
    steps.run("clippy-wasm", || with_std(std, |std| clippy_wasm(workspace, std)));
    steps.run("doc", || {
        check(workspace.cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    steps.run("test", || {
        tests(&mut workspace.cargo(["test", "--workspace", "--features", SCHEMA, "--no-fail-fast"]))
    });
    steps.run("benches", || {
        tests(&mut workspace.cargo([
            "test",
            "--workspace",
            "--features",
            SCHEMA,
            "--bench",
            "*",
            "--no-fail-fast",
        ]))
    });
    let must = env::var("CI").is_ok_and(|ci| ci == "true");
    steps.run("identity", || with_std(std, |std| identity::compare(workspace, std, must)));
    steps.run("feel", || feel::test(workspace));
    steps.run("cost", || with_std(std, |std| cost::test(workspace, std, must)));
    steps.run("golden", || with_std(std, |std| golden::compare(workspace, std)));
    steps.run("browser", || with_std(std, |_| browser::test(workspace, must)));
    steps.run("engines", || with_std(std, |_| browser::engines(workspace, must)));
    steps.run("conformance", || conformance::test(workspace).or_else(|error| Outcome::skipped(error, must)));
    steps.finish()
}

/// Runs a step that needs the std for WASM, or skips it: that there is none has failed already.
fn with_std(std: Option<&WasmStd>, step: impl FnOnce(&WasmStd) -> Result<Outcome>) -> Result<Outcome> {
    match std {
        Some(std) => step(std),
        None => Ok(Outcome::Skipped("there is no std for wasm32-unknown-unknown".to_owned())),
    }
}

fn client_site(workspace: &Workspace, std: &WasmStd) -> Result<Outcome> {
    site::check_budget(build::web(workspace, std)?)?;
    Ok(Outcome::Done(Counts::default()))
}

fn clippy(workspace: &Workspace) -> Result<Outcome> {
    let lint = |targets: &[&str]| {
        let mut command = workspace.cargo(["clippy", "--workspace", "--features", SCHEMA]);
        command.args(targets).args(["--", "-D", "warnings"]);
        check(&mut command)
    };
    lint(&["--all-targets"])?;
    // "All" leaves out those that are only ever run by name.
    lint(&["--features", BROWSER_TEST, "--test", "browser", "--test", "golden", "--test", "fuel"])
}

fn clippy_wasm(workspace: &Workspace, std: &WasmStd) -> Result<Outcome> {
    if !std.has_clippy() {
        return Ok(Outcome::Skipped("the compiler that builds the client here has no clippy".to_owned()));
    }
    let mut command = std.cargo(workspace, &["clippy", "-p", client::PACKAGE, "--lib"]);
    check(command.args(["--", "-D", "warnings"]))
}
