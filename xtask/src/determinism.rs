//! `cargo xtask determinism`: proves that native code and WASM compute the same, to the bit and at every tick.
//!
//! For each game both come from one program. It prints a checksum of the whole state after each of ten thousand ticks. Node runs the WASM,
//! on the engine of a browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::build;
use crate::game::Game;
use crate::steps::{Counts, Outcome};
use crate::wasm_std::{TARGET, WasmStd};
use crate::workspace::{FEATURES, Workspace, output, run, which};

/// Makes node print the report of the module that its first argument names.
const PRINT_REPORT: &str = "process.stdout.write(require(process.argv[1]).report())";

/// A program that reports.
struct Course<'a> {
    package: &'a str,
    program: String,
    /// The feature that it needs, if it is not on by default.
    feature: Option<String>,
    /// A test of the same package.
    test: &'a str,
}

impl<'a> Course<'a> {
    fn of(game: &'a Game) -> Self {
        let package = game.client();
        match game {
            Game::Emberdrift => {
                Self { package, program: "determinism".to_owned(), feature: None, test: "page" }
            }
            Game::Other(..) => Self {
                package,
                program: format!("{package}-determinism"),
                feature: Some(format!("{package}/determinism")),
                test: "plays",
            },
        }
    }

    /// Builds the native program with the profile of the tests. In the engine's workspace cargo builds it for a test of its package,
    /// so that every crate that it needs has the features that the tests have, and is built already.
    fn native(&self, workspace: &Workspace) -> Result<PathBuf> {
        let is_engine = workspace.root() == workspace.engine();
        let mut build = if is_engine {
            workspace.cargo(["test", "--no-run", "--workspace", "--features", FEATURES, "--test", self.test])
        } else {
            let feature = self.feature.as_deref().unwrap_or_default();
            workspace.cargo(["build", "-p", self.package, "--features", feature, "--bin", &self.program])
        };
        run(&mut build)?;
        Ok(workspace.target("debug").join(&self.program))
    }

    /// Builds the WASM, and its JavaScript for node.
    fn wasm(&self, workspace: &Workspace, std: &WasmStd) -> Result<PathBuf> {
        let folder = workspace.target("determinism-bindings").join(self.package);
        let mut build = std.cargo(workspace, &["build", "-p", self.package, "--bin", &self.program]);
        build.args(["--profile", "client"]);
        build.args(self.feature.iter().flat_map(|feature| ["--features", feature]));
        run(&mut build)?;
        let wasm = workspace.target(TARGET).join("client").join(format!("{}.wasm", self.program));
        build::bind(Bindgen::new().nodejs(true)?, &self.program, &wasm, &folder)?;
        Ok(folder.join(format!("{}.js", self.program)))
    }

    /// What the native program and the WASM report.
    fn reports(&self, workspace: &Workspace, std: &WasmStd, node: &Path) -> Result<[String; 2]> {
        let module = self.wasm(workspace, std)?;
        let native = output(&mut Command::new(self.native(workspace)?))?;
        Ok([native, output(Command::new(node).args(["-e", PRINT_REPORT]).arg(module))?])
    }
}

/// Emberdrift and tag. Without node it is skipped, or fails if it `must` run.
pub(crate) fn compare(workspace: &Workspace, std: &WasmStd, must: bool) -> Result<Outcome> {
    compare_games(workspace, std, must, &[Game::Emberdrift, Game::find(workspace, Some("tag"))?])
}

/// Builds both programs of each game, runs both and compares their reports.
pub(crate) fn compare_games(
    workspace: &Workspace,
    std: &WasmStd,
    must: bool,
    games: &[Game],
) -> Result<Outcome> {
    let Some(node) = which("node") else {
        return Outcome::skipped(
            anyhow!("node, which runs the WASM, is not on the PATH: install Node.js"),
            must,
        );
    };
    for game in games {
        let [native, wasm] = Course::of(game).reports(workspace, std, &node)?;
        println!("{}: {}", game.client(), agreement(&native, &wasm)?);
    }
    Ok(Outcome::Done(Counts::passed(games.len() as u32)))
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
