//! Compares what the client's pure half computes natively with what it computes as WASM.
//!
//! Both come from one example of the client's crate, `golden`: as a program it prints `golden_NAME=HEX` lines, as
//! WASM it exports a function for each. The comparison itself is `xtask/tests/golden.rs`, which has a WASM
//! interpreter; this builds both halves for it.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::client;
use crate::steps::{Outcome, tests};
use crate::test::SCHEMA;
use crate::wasm_std::WasmStd;
use crate::workspace::{Workspace, output, run};

/// Builds both halves and compares them.
pub(crate) fn compare(workspace: &Workspace, std: &WasmStd) -> Result<Outcome> {
    let wasm = client::build_example(workspace, std, "golden")?;
    let native = workspace.target("golden-native.txt");
    // Of the whole workspace, here and below: another choice of packages is another choice of their dependencies'
    // features, and would build them once more.
    run(&mut workspace.cargo(["build", "--workspace", "--features", SCHEMA, "--example", "golden"]))?;
    let printed = output(&mut Command::new(workspace.target("debug/examples/golden")))?;
    fs::write(&native, printed).with_context(|| format!("cannot write {}", native.display()))?;
    tests(
        workspace
            .cargo(["test", "--workspace", "--features", SCHEMA, "--test", "golden", "--", "--nocapture"])
            .env("EMBERDRIFT_GOLDEN_WASM", wasm)
            .env("EMBERDRIFT_GOLDEN_NATIVE", native),
    )
}
