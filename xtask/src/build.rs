//! What is built, in order: the client and its site first, because the server embeds `target/web`.

use anyhow::Result;

use crate::client;
use crate::site;
use crate::wasm_std::WasmStd;
use crate::workspace::{Workspace, run};

/// `cargo xtask build`.
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    web(workspace, &WasmStd::find(workspace)?)?;
    release(workspace, &["--bins"])
}

/// What `cargo xtask play` serves.
pub(crate) fn playable(workspace: &Workspace, with_conditioner: bool) -> Result<()> {
    web(workspace, &WasmStd::find(workspace)?)?;
    let bins = ["--bin", "emberdrift", "--bin", "emberdrift-conditioner"];
    release(workspace, if with_conditioner { &bins } else { &bins[..2] })
}

/// Builds the client and lays out its site in `target/web`; returns what a first visit downloads, in bytes, as gzip.
pub(crate) fn web(workspace: &Workspace, std: &WasmStd) -> Result<u64> {
    site::build(workspace, &client::build(workspace, std)?)
}

/// Builds programs for release. Both packages are always selected: another selection is another set of dependencies'
/// features, and would build them a second time.
pub(crate) fn release(workspace: &Workspace, targets: &[&str]) -> Result<()> {
    let mut command =
        workspace.cargo(["build", "--release", "-p", "emberdrift-server", "-p", "emberdrift-benches"]);
    run(command.args(targets))
}

/// `cargo xtask bench`.
pub(crate) fn bench(workspace: &Workspace, quick: bool, criterion: &[String]) -> Result<()> {
    let mut command = workspace.cargo(["bench", "-p", "emberdrift-benches", "--bench", "*", "--"]);
    if quick {
        command.arg("--quick");
    }
    run(command.arg("--noplot").args(criterion))
}
