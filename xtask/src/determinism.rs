//! `cargo xtask determinism`: proves that native code and WASM compute the same, to the bit and at every tick.
//!
//! Both come from one program of the client's crate, built with the page's profile: with the release profile rustc needs more
//! than five minutes for this program. It prints a checksum of the whole state after each of ten thousand ticks. Node runs the
//! WASM, on the engine of a browser.

use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::build;
use crate::steps::{Counts, Outcome};
use crate::wasm_std::{TARGET, WasmStd};
use crate::workspace::{Workspace, output, run, which};

/// Makes node print the report of the module that its first argument names.
const PRINT_REPORT: &str = "process.stdout.write(require(process.argv[1]).report())";

/// Builds both, runs both and compares their reports. Without node it is skipped, or fails if it `must` run.
pub(crate) fn compare(workspace: &Workspace, std: &WasmStd, must: bool) -> Result<Outcome> {
    let Some(node) = which("node") else {
        return Outcome::skipped(
            anyhow!("node, which runs the WASM, is not on the PATH: install Node.js"),
            must,
        );
    };
    let folder = workspace.target("determinism-bindings");
    // One build for both targets: the macros they need are those of the page's build.
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let program = ["build", "-p", crate::game::CLIENT, "--profile", "client", "--bin", "determinism"];
    run(std.cargo(workspace, &program).args(["--target", host.trim()]))?;
    let wasm = workspace.target(TARGET).join("client/determinism.wasm");
    build::bind(Bindgen::new().nodejs(true)?, "determinism", &wasm, &folder)?;

    let native = output(&mut Command::new(workspace.target(host.trim()).join("client/determinism")))?;
    let wasm = output(Command::new(node).args(["-e", PRINT_REPORT]).arg(folder.join("determinism.js")))?;
    println!("{}", agreement(&native, &wasm)?);
    Ok(Outcome::Done(Counts::passed(1)))
}

/// What both reports agree on, or where they differ. Each has a line for each tick, and the last is a tally of events.
fn agreement(native: &str, wasm: &str) -> Result<String> {
    for (tick, (native, wasm)) in (1..).zip(native.lines().zip(wasm.lines())) {
        if native != wasm {
            bail!(
                "native code and WASM differ at tick {tick}: native {native}, WASM {wasm}. Look for arithmetic that \
                 differs between targets, such as std's `sin` or `exp`; `libm` has one version for all"
            );
        }
    }
    let ticks = native.lines().count();
    ensure!(ticks == wasm.lines().count(), "the reports of native code and WASM differ in length");
    let tally = native.lines().last().context("both reports are empty")?;
    Ok(format!("native code and WASM agree at each of {} ticks: {tally}", ticks - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tick_that_differs_is_named() {
        let error = agreement("a1\nb2\nc3\ntally\n", "a1\nb4\nc5\ntally\n").unwrap_err().to_string();
        assert!(error.starts_with("native code and WASM differ at tick 2: native b2, WASM b4."), "{error}");
        assert!(agreement("a1\ntally\n", "a1\n").is_err());
        assert!(agreement("", "").is_err());
        assert!(
            agreement("a1\nb2\n3 hits\n", "a1\nb2\n3 hits\n")
                .is_ok_and(|text| text.ends_with("2 ticks: 3 hits"))
        );
    }
}
