//! What is built, in order: the client and its site first, because the server embeds `target/web`. And the files for
//! clients in other languages, which a test writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::game::{CLIENT, Game};
use crate::site;
use crate::wasm_std::{TARGET, WasmStd};
use crate::workspace::{FEATURES, Workspace, run};

/// `cargo xtask build`.
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    web(workspace, &WasmStd::find(workspace)?)?;
    release(workspace, &["--bins"])
}

/// What `cargo xtask play` serves of this game; returns the server.
pub(crate) fn game(workspace: &Workspace, game: &Game) -> Result<PathBuf> {
    page(workspace, &WasmStd::find(workspace)?, game)?;
    let (package, program) = game.server();
    match game {
        Game::Emberdrift => release(workspace, &["--bin", &program])?,
        Game::Other(..) => {
            run(&mut workspace.cargo(["build", "--release", "-p", package, "--bin", &program]))?;
        }
    }
    Ok(workspace.target("release").join(program))
}

/// All of a game that is for others: its page and its programs. Says where they are.
pub(crate) fn whole_game(workspace: &Workspace, std: &WasmStd, game: &Game) -> Result<()> {
    page(workspace, std, game)?;
    let (package, server) = game.server();
    run(&mut workspace.cargo(["build", "--release", "-p", package, "--bins"]))?;
    let (programs, site) = (workspace.target("release"), game.site(workspace));
    println!("\nthe page:   {}", site.web().display());
    println!("the server: {}", programs.join(&server).display());
    println!(
        "To publish the game, copy both into one folder of a machine, and run ./{server} --listen 0.0.0.0:8080 there; the server finds \
         the page beside itself. Try it here:\n  {} --listen 127.0.0.1:8080",
        programs.join(&server).display()
    );
    Ok(())
}

/// The programs that tests run.
pub(crate) const TESTED: [&str; 3] = ["emberdrift", "emberdrift-conditioner", "emberdrift-bots"];

/// Builds the programs that tests run.
pub(crate) fn tested(workspace: &Workspace) -> Result<()> {
    release(workspace, &TESTED.map(|program| ["--bin", program]).concat())
}

/// Builds programs for release. Both packages are always selected: another selection is another set of dependencies'
/// features, and would build them a second time. So does the server without a program of the other package.
pub(crate) fn release(workspace: &Workspace, targets: &[&str]) -> Result<()> {
    let mut command =
        workspace.cargo(["build", "--release", "-p", "emberdrift-server", "-p", "emberdrift-benches"]);
    run(command.args(targets))
}

/// Emberdrift's page, in `target/web`, which its server embeds; returns what a first visit downloads, in bytes, as gzip.
pub(crate) fn web(workspace: &Workspace, std: &WasmStd) -> Result<u64> {
    page(workspace, std, &Game::Emberdrift)
}

/// Builds the client of a game and lays out its site; returns what a first visit downloads, in bytes, as gzip.
pub(crate) fn page(workspace: &Workspace, std: &WasmStd, game: &Game) -> Result<u64> {
    let package = game.client();
    run(&mut client(workspace, std, game, "client"))?;
    let bindings = workspace.target(format!("web-bindings-{package}"));
    let wasm = game.wasm(workspace, "client");
    bind(Bindgen::new().web(true)?.omit_default_module_path(false), "client", &wasm, &bindings)?;
    site::build(&game.site(workspace), &bindings)
}

/// Builds the module of a game's page. The library's manifest does not say that it is one: a library that can be a `cdylib` has the same
/// file name with all features, and so builds with different ones would overwrite each other's.
pub(crate) fn client(workspace: &Workspace, std: &WasmStd, game: &Game, profile: &str) -> Command {
    let build = ["rustc", "-p", game.client(), "--lib", "--crate-type", "cdylib", "--profile", profile];
    std.cargo(workspace, &build)
}

/// Builds one of the client's programs and returns its WASM file.
pub(crate) fn client_program(workspace: &Workspace, std: &WasmStd, name: &str) -> Result<PathBuf> {
    run(&mut std.cargo(workspace, &["build", "-p", CLIENT, "--profile", "client", "--bin", name]))?;
    Ok(workspace.target(TARGET).join(format!("client/{name}.wasm")))
}

/// Fills `folder` with `NAME.js`, which loads `wasm`, and with the file as that JavaScript needs it.
pub(crate) fn bind(bindgen: &mut Bindgen, name: &str, wasm: &Path, folder: &Path) -> Result<()> {
    // Snippets of an older build must not remain.
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    bindgen.out_name(name).input_path(wasm).typescript(false);
    let made = bindgen.remove_name_section(true).remove_producers_section(true).generate_output();
    let mut made = made.with_context(|| {
        format!(
            "cannot make the JavaScript for {}: `wasm-bindgen` in Cargo.toml must have the version of \
             `wasm-bindgen-cli-support` in xtask/Cargo.toml",
            wasm.display()
        )
    })?;
    // Names of imports that only the two files read, each with sixteen digits of a hash: 4 % of what is downloaded.
    let mut short = BTreeMap::new();
    for import in made.wasm_mut().imports.iter_mut().filter(|import| import.name.starts_with("__wb")) {
        let next = format!("${}", short.len());
        import.name = short.entry(import.name.clone()).or_insert(next).clone();
    }
    made.emit(folder)?;
    let path = folder.join(format!("{name}.js"));
    let script = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    fs::write(&path, rename_all(script, &short)).with_context(|| format!("cannot write {}", path.display()))
}

/// Replaces every name, in falling order because one may be the beginning of another.
fn rename_all(script: String, names: &BTreeMap<String, String>) -> String {
    names.iter().rev().fold(script, |script, (name, short)| script.replace(name, short))
}

/// The variable with which the tests that compare these files write them.
const WRITE: (&str, &str) = ("EMBERDRIFT_WRITE_VECTORS", "1");

/// `cargo xtask vectors`. `shared/tests/vectors.rs` decides what is in Emberdrift's files, and a test of tag's library what is in tag's.
pub(crate) fn vectors(workspace: &Workspace) -> Result<()> {
    let mut test = workspace.cargo(["test", "--workspace", "--features", FEATURES, "--test", "vectors"]);
    run(test.args(["--", "--quiet"]).env(WRITE.0, WRITE.1))?;
    vectors_of_game(workspace, &Game::find(workspace, Some("tag"))?)?;
    println!(
        "the folders vectors and schema, and the version in shared/PROTOCOL.md, are up to date; `git diff` shows changes"
    );
    Ok(())
}

/// The same of a game whose library has the test.
pub(crate) fn vectors_of_game(workspace: &Workspace, game: &Game) -> Result<()> {
    let mut test = workspace.cargo(["test", "-p", game.client(), "--lib", "--", "--quiet", "up_to_date"]);
    run(test.env(WRITE.0, WRITE.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_begins_another_is_renamed_last() {
        let names = [("__wbg_now", "$0"), ("__wbg_now_1", "$1")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let script = "x.__wbg_now(1), __wbg_now_1; __wbg_other".to_owned();
        assert_eq!(rename_all(script, &names.into()), "x.$0(1), $1; __wbg_other");
    }
}
