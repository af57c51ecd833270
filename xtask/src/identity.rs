//! Proves that native code and WASM compute the same, to the bit and at every tick.
//!
//! Both come from one example of the client's crate, `identity`, built as each is shipped: for release, and for the
//! browser. Each reports the checksum of all that moves after each of ten thousand ticks; the WASM is run by node, whose
//! engine is a browser's. What is computed is the example's business. `golden` compares what the client makes of it all.

use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::steps::{Counts, Outcome};
use crate::wasm_std::WasmStd;
use crate::workspace::{Workspace, output, output_of, which};
use crate::{build, client};

/// Has node print what the module named by its first argument reports.
const PRINT_REPORT: &str = "try { process.stdout.write(require(process.argv[1]).report()) } \
                            catch (error) { console.error(`error: ${error}`); process.exitCode = 1 }";

/// Builds both halves, runs them and compares their reports. `must` makes it a failure that there is no node.
pub(crate) fn compare(workspace: &Workspace, std: &WasmStd, must: bool) -> Result<Outcome> {
    let Some(node) = which("node") else {
        const WHY: &str = "no node on the PATH, which runs the WASM: install Node.js";
        ensure!(!must, WHY);
        return Ok(Outcome::Skipped(WHY.to_owned()));
    };
    let module = client::build_identity(workspace, std)?;
    build::identity(workspace)?;
    let native = output(&mut Command::new(workspace.target("release/examples/identity")))?;
    let mut wasm = Command::new(node);
    let wasm = output_of(wasm.args(["-e", PRINT_REPORT]).arg(module), "node identity.js")?;
    println!("{}", agreed(&native, &wasm)?);
    Ok(Outcome::Done(Counts { passed: 1, ..Counts::default() }))
}

/// What was agreed on, or where the two reports part. Each has a line for each tick, and the last is a tally.
fn agreed(native: &str, wasm: &str) -> Result<String> {
    for (tick, (native, wasm)) in (1..).zip(native.lines().zip(wasm.lines())) {
        if native != wasm {
            bail!(
                "native and WASM part at tick {tick}: native {native}, WASM {wasm}. Look for arithmetic that \
                 differs between targets, such as std's `sin` or `exp`, in what moved last; `libm` has one for all"
            );
        }
    }
    let (native_lines, wasm_lines) = (native.lines().count(), wasm.lines().count());
    ensure!(native_lines == wasm_lines, "native reports {native_lines} lines, WASM {wasm_lines}");
    let Some(tally) = native.lines().last() else { bail!("both reports are empty") };
    Ok(format!("native and WASM agree at each of {} ticks: {tally}", native_lines - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tick_that_differs_is_named() {
        let error = agreed("a1\nb2\nc3\ntally\n", "a1\nb4\nc5\ntally\n").unwrap_err().to_string();
        assert!(error.starts_with("native and WASM part at tick 2: native b2, WASM b4."), "{error}");
    }

    #[test]
    fn reports_of_different_length_do_not_agree() {
        assert!(agreed("a1\ntally\n", "a1\n").is_err());
        assert!(agreed("", "").is_err());
    }

    #[test]
    fn equal_reports_agree() {
        let said = agreed("a1\nb2\n3 hits\n", "a1\nb2\n3 hits\n").expect("they are equal");
        assert_eq!(said, "native and WASM agree at each of 2 ticks: 3 hits");
    }
}
