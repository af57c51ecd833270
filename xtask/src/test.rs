//! `cargo xtask test`: every check and test of the project, as steps.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::steps::{Counts, Outcome, Steps, check, tests};
use crate::wasm_std::WasmStd;
use crate::workspace::{FEATURES, Workspace, run};
use crate::{
    browser, build, cluster, conformance, cost, deny, deploy, determinism, figures, measure, new, programs,
    simulate, site,
};

/// Whether nothing may be skipped.
fn is_ci() -> bool {
    env::var("CI").is_ok_and(|ci| ci == "true")
}

/// Runs all steps; an error at the end if one failed.
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    // The server embeds this folder and does not compile without it, even if it is empty.
    let web = workspace.target("web");
    fs::create_dir_all(&web).with_context(|| format!("cannot make {}", web.display()))?;

    let must = is_ci();
    let mut steps = Steps::that(must);
    steps.run("fmt", || check(&mut workspace.cargo(["fmt", "--all", "--check"])));

    steps.run("deny", || deny::check(workspace, must));
    steps.run("deploy", || deploy::check(workspace, must));

    let mut found = None;
    steps.run("wasm-std", || {
        found = Some(WasmStd::find(workspace)?);
        Ok(Outcome::Done(Counts::default()))
    });
    // A step without it is skipped: that it is missing has already failed.
    let with_std = |step: fn(&Workspace, &WasmStd, bool) -> Result<Outcome>| match &found {
        Some(std) => step(workspace, std, must),
        None => Ok(Outcome::Skipped("there is no standard library for WASM".to_owned())),
    };
    steps.run("web", || with_std(web_site));
    steps.run("clippy", || clippy(workspace));
    steps.run("clippy-wasm", || with_std(clippy_wasm));
    steps.run("doc", || {
        // With examples, so that cargo chooses the dependencies' features as for clippy and builds nothing again.
        let mut doc = workspace.cargo(["doc", "--workspace", "--features", FEATURES, "--no-deps"]);
        check(doc.args(["--lib", "--bins", "--examples"]).env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    steps.run("test", || cargo_test(workspace, &[]));
    steps.run("benches", || cargo_test(workspace, &["--bench", "*"]));
    steps.run("determinism", || with_std(determinism::compare));
    // It runs beside the steps whose results do not depend on how busy the machine is.
    let mut soak = None;
    steps.run("programs", || {
        soak = Some(measure::Soak::start(workspace)?);
        Ok(Outcome::Done(Counts::default()))
    });
    steps.run("netcode", || measure::netcode_test(workspace));
    steps.run("figures", || figures::age(workspace, "capacity"));
    steps.run("cost", || with_std(cost::test));
    steps.run("proxies", || with_std(|workspace, _, must| proxies(workspace, must)));
    steps.run("cluster", || cluster::test(workspace, must));
    steps.run("conformance", || conformance::test(workspace).or_else(|error| Outcome::skipped(error, must)));
    steps.run("soak", || match soak {
        Some(soak) => soak.finish(),
        None => Ok(Outcome::Skipped("the programs were not built".to_owned())),
    });
    steps.run("browser", || with_std(|workspace, _, must| browser::test(workspace, must)));
    steps.run("new", || with_std(|workspace, _, must| new_game(workspace, must)));
    steps.run("javascript", || browser::javascript(workspace, must));
    steps.run("engines", || with_std(|workspace, _, must| browser::engines(workspace, must)));
    steps.finish()
}

fn cargo_test(workspace: &Workspace, targets: &[&str]) -> Result<Outcome> {
    let mut command = workspace.cargo(["test", "--workspace", "--features", FEATURES, "--no-fail-fast"]);
    // The tests of the network mostly wait: twice as many at once take half the time.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    tests(command.args(targets).env("RUST_TEST_THREADS", (2 * cores).to_string()))
}

/// The server behind real proxies. Without one of them it is skipped, or fails if it `must` run.
pub(crate) fn proxies(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let programs = match programs::proxies() {
        Ok(programs) => programs,
        Err(error) => return Outcome::skipped(error, must),
    };
    for (_, program) in &programs {
        println!("with {}", program.display());
    }
    // With the features that all tests have, so that nothing is built again.
    let mut test = workspace.cargo(["test", "--workspace", "--features", FEATURES, "--test", "proxies"]);
    tests(test.envs(programs))
}

/// Makes a game as a user does, builds it, joins it with its own tests, and plays its page. It builds into the engine's `target`, where the
/// crates from the registry are built already.
pub(crate) fn new_game(workspace: &Workspace, must: bool) -> Result<Outcome> {
    let folder = workspace.target("new");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let folder = folder.join("my-game");
    new::create(workspace, &new::Args::of("my-game", &folder))?;
    symlink(workspace.root().join("target"), folder.join("target")).context("cannot share target")?;
    let own = Workspace::at(&folder)?;
    run(&mut own.cargo(["xtask", "build"]))?;
    // As its user does. With the release profile the server would be built a second time, because tests are linked in another way.
    // The engine unoptimised, as `cargo xtask dev` has it: its features differ from those of the engine's own tests, so it is built again.
    let engine = ["shared", "client-web", "server"];
    let mut test = own.cargo(["test"]);
    test.args(engine.iter().flat_map(|part| {
        ["--config".to_owned(), format!("profile.dev.package.emberdrift-{part}.opt-level=0")]
    }));
    let Outcome::Done(mut counts) = tests(&mut test)? else {
        bail!("the tests of a new game did not run");
    };
    match browser::page_of_new_game(workspace, &workspace.target("release/my-game-server"), must)? {
        Outcome::Done(of_page) => counts += of_page,
        _ => counts.skipped += 1,
    }
    Ok(Outcome::Done(counts))
}

fn web_site(workspace: &Workspace, std: &WasmStd, _: bool) -> Result<Outcome> {
    site::check_budget(build::web(workspace, std)?)?;
    Ok(Outcome::Done(Counts::default()))
}

fn clippy(workspace: &Workspace) -> Result<Outcome> {
    let lint = |targets: &[&str]| {
        let mut command = workspace.cargo(["clippy", "--workspace", "--features", FEATURES]);
        check(command.args(targets).args(["--", "-D", "warnings"]))
    };
    lint(&["--all-targets"])?;
    // "All" leaves out the tests that only run by name.
    lint(&["--test", "browser", "--test", "cluster", "--test", "proxies", "--test", "fuel"])?;
    // And the program that has simulated time, as the tests have.
    lint(&["--features", simulate::FEATURE, "--bin", simulate::PROGRAM])
}

fn clippy_wasm(workspace: &Workspace, std: &WasmStd, _: bool) -> Result<Outcome> {
    // With the profile of the client's build, so that the macros it needs are built already.
    let mut command =
        std.cargo(workspace, &["clippy", "-p", crate::game::CLIENT, "--lib", "--profile", "client"]);
    check(command.args(["--", "-D", "warnings"]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use anyhow::ensure;

    use super::*;
    use crate::workspace::output;

    /// The packages that a build of `selection` needs, each with its features.
    fn packages(workspace: &Workspace, selection: &[&str]) -> Result<BTreeSet<String>> {
        let mut tree = workspace.cargo(["tree", "--no-dedupe", "--prefix", "none", "-f", "{p} {f}"]);
        Ok(output(tree.args(selection))?.lines().map(|line| line.trim_end().to_owned()).collect())
    }

    #[test]
    fn xtask_is_built_with_the_features_that_the_tests_need() -> Result<()> {
        let workspace = Workspace::find()?;
        let tests = packages(&workspace, &["--workspace", "--features", FEATURES, "-e", "normal,build,dev"])?;
        let xtask = packages(&workspace, &["-p", "xtask", "-e", "normal,build"])?;
        let twice: Vec<_> = xtask.difference(&tests).collect();
        ensure!(twice.is_empty(), "built twice; add features in xtask/Cargo.toml: {twice:#?}");
        Ok(())
    }

    #[test]
    fn server_of_another_game_is_built_with_the_features_that_the_programs_need() -> Result<()> {
        let workspace = Workspace::find()?;
        let released = ["-p", "emberdrift-server", "-p", "emberdrift-benches", "-e", "normal,build"];
        let (released, tag) =
            (packages(&workspace, &released)?, packages(&workspace, &["-p", "tag", "-e", "normal,build"])?);
        // The programs play tag's rules without its page.
        let is_of_page = |package: &str| package.starts_with("emberdrift-client-web ");
        let twice: Vec<_> = tag.difference(&released).filter(|package| !is_of_page(package)).collect();
        ensure!(twice.is_empty(), "built twice; add features in server/Cargo.toml: {twice:#?}");
        Ok(())
    }
}
